-- finding_history by policy; weeks only. What was before: findings as they are, so that a finding that was closed and opened again was never closed.
CREATE TABLE policy_history (
    organization TEXT NOT NULL,
    account_id TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    period TEXT NOT NULL,
    change TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (organization, account_id, policy_id, period, change)
) WITHOUT ROWID;

INSERT INTO policy_history (organization, account_id, policy_id, period, change, n)
SELECT f.organization, a.value, f.policy_id, date(f.at / 1000, 'unixepoch', 'weekday 0', '-6 days'), f.change, count(*)
FROM (
    SELECT organization, account_id, policy_id, first_seen AS at, 'new' AS change FROM findings
    UNION ALL SELECT organization, account_id, policy_id, first_seen, 'new_critical' FROM findings WHERE severity >= 90
    UNION ALL SELECT organization, account_id, policy_id, resolved_at, 'closed' FROM findings WHERE state = 'resolved' AND resolved_at IS NOT NULL) f,
    json_each(json_array(f.account_id, '*')) a
GROUP BY 1, 2, 3, 4, 5;
