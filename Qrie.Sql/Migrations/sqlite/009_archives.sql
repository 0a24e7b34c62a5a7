-- Copies of findings in a bucket, requested or made. Their content is described by the manifest in the bucket.
CREATE TABLE archives (
    organization TEXT NOT NULL,
    archive_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    account_id TEXT NOT NULL, -- empty for all accounts
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    findings INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (organization, archive_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX archives_pending ON archives (organization, reason, account_id) WHERE status = 'pending';
CREATE INDEX archives_last ON archives (organization, reason, account_id, archive_id);
