-- Why certain findings are accepted. A column that is NULL, or a list that is empty, leaves its part of the scope open. Pending: not all findings follow its
-- status yet.
CREATE TABLE exceptions (
    organization TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    policy_id TEXT,
    arn TEXT,
    tag_key TEXT,
    tag_value TEXT,
    account_ids TEXT NOT NULL,
    regions TEXT NOT NULL,
    owner TEXT NOT NULL,
    reason TEXT NOT NULL,
    ticket TEXT,
    until_changed INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    ended_at INTEGER,
    pending INTEGER NOT NULL,
    warned INTEGER NOT NULL,
    PRIMARY KEY (organization, exception_id)
) WITHOUT ROWID;
CREATE INDEX exceptions_in_force ON exceptions (organization, expires_at) WHERE status = 'active';
CREATE INDEX exceptions_pending ON exceptions (organization, exception_id) WHERE pending = 1;

-- Grows with every change of what is in force: the write gate reads the exceptions again only then.
CREATE TABLE exception_revisions (
    organization TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

-- What the evidence of a finding was when an exception began to hold it that ends with a change; ended: it has changed.
CREATE TABLE exception_evidence (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (organization, account_service, arn, policy_id, exception_id)
) WITHOUT ROWID;
CREATE INDEX exception_evidence_of ON exception_evidence (organization, exception_id);

-- Findings that exceptions hold, by deltas. Account '*' as in finding_counts.
CREATE TABLE exception_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    exception_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, exception_id)
) WITHOUT ROWID;

-- The reserved column. The index has entries of suppressed findings only.
ALTER TABLE findings RENAME COLUMN suppression TO exception_id;
CREATE INDEX findings_by_exception ON findings (organization, exception_id, account_service, arn, policy_id) WHERE exception_id IS NOT NULL;

-- A verdict x is a violation that an exception holds.
ALTER TABLE compliance_counts ADD COLUMN excepted INTEGER NOT NULL DEFAULT 0;
