-- compliance_counts and type_counts also have rows of every organizational unit with accounts: account_id is 'ou:' and the path; 'ou:/' is the root.
CREATE TABLE account_units AS
WITH RECURSIVE units (organization, account_id, path, rest) AS (
    SELECT organization, account_id, '' COLLATE "C", trim(ou, '/') COLLATE "C" FROM accounts WHERE ou IS NOT NULL
    UNION ALL
    SELECT organization, account_id,
           path || '/' || CASE WHEN strpos(rest, '/') = 0 THEN rest ELSE substr(rest, 1, strpos(rest, '/') - 1) END,
           CASE WHEN strpos(rest, '/') = 0 THEN '' ELSE substr(rest, strpos(rest, '/') + 1) END
    FROM units WHERE rest <> ''
)
SELECT organization, account_id, 'ou:' || CASE WHEN path = '' THEN '/' ELSE path END AS unit FROM units WHERE path = '' OR right(path, 1) <> '/';

INSERT INTO compliance_counts (organization, account_id, policy_id, revision, passed, failed, unknown, not_applicable, out_of_scope, excepted)
SELECT c.organization, u.unit, c.policy_id, c.revision,
       sum(c.passed), sum(c.failed), sum(c.unknown), sum(c.not_applicable), sum(c.out_of_scope), sum(c.excepted)
FROM account_units u JOIN compliance_counts c ON c.organization = u.organization AND c.account_id = u.account_id
GROUP BY c.organization, u.unit, c.policy_id, c.revision;

INSERT INTO type_counts (organization, account_id, type, service, resources, unread, accounts)
SELECT c.organization, u.unit, c.type, min(c.service), sum(c.resources), sum(c.unread), sum(c.accounts)
FROM account_units u JOIN type_counts c ON c.organization = u.organization AND c.account_id = u.account_id
GROUP BY c.organization, u.unit, c.type;

DROP TABLE account_units;
