-- Which events are told to whom. The target contains secrets.
CREATE TABLE alert_rules (
    organization TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    kinds TEXT NOT NULL,
    min_severity INTEGER NOT NULL,
    selection TEXT NOT NULL, -- policies, accounts, tags
    quiet_hours TEXT,
    group_seconds INTEGER NOT NULL,
    target TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    failing_since INTEGER,
    PRIMARY KEY (organization, alert_id)
) WITHOUT ROWID;
-- Read by every transaction that changes findings: whether a rule may want them.
CREATE INDEX alert_rules_enabled ON alert_rules (organization, kinds, min_severity) WHERE enabled = 1;

-- What happened and is not in a message yet, written in the transaction in which it happened. Not written if no rule may want it.
CREATE TABLE alert_outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    organization TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    account_id TEXT,
    account_service TEXT,
    arn TEXT,
    policy_id TEXT,
    severity INTEGER,
    region TEXT,
    scan_id TEXT,
    detail TEXT
);

-- Messages. While they are collecting events, due_at is when they are sent; while they are being sent, when the attempt counts as lost.
CREATE TABLE alert_deliveries (
    organization TEXT NOT NULL,
    alert_id TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    finished_at INTEGER,
    result TEXT,
    is_test INTEGER NOT NULL,
    content TEXT NOT NULL,
    revision INTEGER NOT NULL,
    PRIMARY KEY (organization, alert_id, delivery_id)
) WITHOUT ROWID;
CREATE INDEX alert_deliveries_open ON alert_deliveries (due_at, organization, alert_id) WHERE finished_at IS NULL;
CREATE INDEX alert_deliveries_collecting ON alert_deliveries (organization, alert_id) WHERE status IN ('collecting', 'held');
CREATE INDEX alert_deliveries_ended ON alert_deliveries (finished_at) WHERE finished_at IS NOT NULL;

-- Accounts of which nothing could be read at the end of the last inventory: told once, until they can be read again.
CREATE TABLE alert_unreadable_accounts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    PRIMARY KEY (organization, account_id)
) WITHOUT ROWID;
