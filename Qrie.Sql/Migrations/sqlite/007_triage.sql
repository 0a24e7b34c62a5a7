-- What people noted about findings. first_seen is that of the finding, which never changes: the indexes are in the order of lists.
CREATE TABLE finding_triage (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    workflow TEXT NOT NULL,
    assignee TEXT,
    due_on TEXT,
    updated_at INTEGER NOT NULL,
    updated_by TEXT,
    PRIMARY KEY (organization, account_service, arn, policy_id)
) WITHOUT ROWID;
CREATE INDEX finding_triage_by_workflow ON finding_triage (organization, workflow, first_seen DESC, arn, policy_id, account_service);
CREATE INDEX finding_triage_by_assignee ON finding_triage (organization, assignee, first_seen DESC, arn, policy_id, account_service)
    WHERE assignee IS NOT NULL;
CREATE INDEX finding_triage_due ON finding_triage (organization, due_on) WHERE due_on IS NOT NULL;

-- Changes and comments, only ever added.
CREATE TABLE triage_entries (
    organization TEXT NOT NULL,
    account_service TEXT NOT NULL,
    arn TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT,
    actor_name TEXT,
    text TEXT,
    workflow TEXT,
    assignee TEXT,
    due TEXT,
    PRIMARY KEY (organization, account_service, arn, policy_id, entry_id)
) WITHOUT ROWID;

-- When a finding opened again after its last resolution; NULL: it was never reopened.
ALTER TABLE findings ADD COLUMN reopened_at INTEGER;
UPDATE findings SET reopened_at = CAST(round(unixepoch(json_extract(transitions, '$[0].at'), 'subsec') * 1000) AS INTEGER)
WHERE state = 'active' AND json_extract(transitions, '$[0].state') = 'active'
  AND CAST(round(unixepoch(json_extract(transitions, '$[0].at'), 'subsec') * 1000) AS INTEGER) <> first_seen;

-- Active findings by the day on which they opened, or by the explicit due date, by deltas. Account '*' as in finding_counts.
CREATE TABLE open_days (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    band TEXT NOT NULL,
    kind TEXT NOT NULL, -- opened, or due
    day TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, band, kind, day)
) WITHOUT ROWID;
INSERT INTO open_days (organization, account_id, band, kind, day, n)
SELECT f.organization, a.value, CASE WHEN f.severity >= 90 THEN 'critical' WHEN f.severity >= 50 THEN 'high' WHEN f.severity >= 25 THEN 'medium' ELSE 'low' END,
       'opened', date(coalesce(f.reopened_at, f.first_seen) / 1000, 'unixepoch'), count(*)
FROM findings f, json_each(json_array(f.account_id, '*')) a WHERE f.state = 'active' GROUP BY 1, 2, 3, 5;

-- Resolutions of active findings, and how long they took together. What a policy's end or scope resolved is not among them.
CREATE TABLE resolution_days (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    band TEXT NOT NULL,
    day TEXT NOT NULL,
    n INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, band, day)
) WITHOUT ROWID;
