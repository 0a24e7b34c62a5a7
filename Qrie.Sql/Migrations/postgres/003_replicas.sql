-- The processes that share the store, and what only one of them does at a time.
CREATE TABLE replicas (
    replica_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    host TEXT COLLATE "C" NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE duties (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    epoch BIGINT NOT NULL,
    lease_until BIGINT NOT NULL
);

-- Who runs a recheck: its epoch, raised by every claim, and until when others leave it alone.
ALTER TABLE event_rechecks ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
ALTER TABLE event_rechecks ADD COLUMN lease_until BIGINT;
