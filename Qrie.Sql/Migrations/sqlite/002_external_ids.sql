-- External ids that Qrie issued: one for each organization and account, for good. No two organizations or accounts share one.
CREATE TABLE external_ids (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    external_id TEXT NOT NULL UNIQUE,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id)
);

-- Before, organizations other than default chose their external ids themselves. They get issued ones when the accounts are registered again or changed.
UPDATE accounts SET external_id = NULL WHERE organization <> 'default';
