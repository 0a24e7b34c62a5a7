-- Verdicts by account and policy, by deltas, for the state of requirements. Account '*' as in finding_counts. By revision, as verdict_counts; rows without
-- any verdict are deleted.
CREATE TABLE compliance_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    passed INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    not_applicable INTEGER NOT NULL,
    out_of_scope INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, revision)
) WITHOUT ROWID;

-- What is known of the resource types of an account: existing resources, lists (one of each region) that were refused or incomplete the last time, and 1 if it
-- was listed at all. Account '*' as above.
CREATE TABLE type_counts (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    type TEXT NOT NULL,
    service TEXT NOT NULL,
    resources INTEGER NOT NULL,
    unread INTEGER NOT NULL,
    accounts INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, type)
) WITHOUT ROWID;

CREATE INDEX coverage_unread ON coverage (organization, type, account_id, region) WHERE outcome NOT IN ('complete', 'not_available');
CREATE INDEX accounts_without_regions ON account_services (organization, account_id) WHERE service = '' AND error_code IS NOT NULL;

-- The scores of frameworks by day: a row only where a day ended otherwise than the one before. account_id is '*' for all accounts, or 'ou:' and a path.
CREATE TABLE compliance_days (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    framework TEXT NOT NULL,
    section TEXT NOT NULL, -- empty: the whole framework
    day TEXT NOT NULL,
    version TEXT NOT NULL,
    definition TEXT NOT NULL,
    policies TEXT NOT NULL,
    score TEXT NOT NULL,
    PRIMARY KEY (organization, account_id, framework, section, day)
) WITHOUT ROWID;

CREATE TABLE attestations (
    organization TEXT NOT NULL,
    framework TEXT NOT NULL,
    requirement TEXT NOT NULL,
    is_met INTEGER NOT NULL,
    text TEXT NOT NULL,
    link TEXT,
    attested_by TEXT NOT NULL,
    attested_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (organization, framework, requirement)
) WITHOUT ROWID;

-- The level of scheduled policy scans.
ALTER TABLE schedules ADD COLUMN level TEXT;

-- From what is stored already.
INSERT INTO compliance_counts
SELECT e.organization, substr(e.account_service, 1, 12), json_extract(p.value, '$.policy_id'), json_extract(p.value, '$.revision'),
       sum(substr(e.verdicts, p.key + 1, 1) = 'p'), sum(substr(e.verdicts, p.key + 1, 1) = 'f'), sum(substr(e.verdicts, p.key + 1, 1) = 'u'),
       sum(substr(e.verdicts, p.key + 1, 1) = 'n'), sum(substr(e.verdicts, p.key + 1, 1) = '-')
FROM evaluations e JOIN policy_lists l ON l.policy_list = e.policy_list CROSS JOIN json_each(l.policies) p
GROUP BY 1, 2, 3, 4;

INSERT INTO compliance_counts
SELECT organization, '*', policy_id, revision, sum(passed), sum(failed), sum(unknown), sum(not_applicable), sum(out_of_scope)
FROM compliance_counts GROUP BY organization, policy_id, revision;

INSERT INTO type_counts
SELECT organization, account_id, type, min(service), sum(resources), sum(unread), max(listed) FROM (
    SELECT organization, substr(account_service, 1, 12) AS account_id, type, substr(account_service, 14) AS service, n AS resources, 0 AS unread, 0 AS listed
    FROM resource_counts
    UNION ALL
    SELECT organization, account_id, type, service, 0, outcome NOT IN ('complete', 'not_available'), 1 FROM coverage)
GROUP BY organization, account_id, type;

INSERT INTO type_counts
SELECT organization, '*', type, min(service), sum(resources), sum(unread), sum(accounts) FROM type_counts GROUP BY organization, type;
