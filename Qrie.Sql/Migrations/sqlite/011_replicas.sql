-- The processes that share the store, and what only one of them does at a time. Empty in a store that a single process uses.
CREATE TABLE replicas (
    replica_id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE duties (
    name TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) WITHOUT ROWID;

-- Who runs a recheck: its epoch, raised by every claim, and until when others leave it alone.
ALTER TABLE event_rechecks ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event_rechecks ADD COLUMN lease_until INTEGER;
