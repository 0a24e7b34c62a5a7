#!/usr/bin/env bash
# Subject:  row-level security in PostgreSQL (PGlite 0.5.14 of npm, which is PostgreSQL; the same with Debian's PostgreSQL 15). Date: 2026-12-01.
# Expected: rows whose primary keys come as a JSON parameter are read by the primary key, whether the table has a row-level security policy or not.
# Happens:  with a policy, the whole table is read. A condition that contains ->> is not leakproof, so it may not run before the policy, and an index would
#           run it first. Unpacked in a subquery with OFFSET 0, which the planner does not dissolve, the same keys are columns, = is leakproof, and the index is
#           used. The owner of the table or a superuser, as whom queries are usually tried, sees the good plan in both cases.
# Hurts:    multi-tenant services that add row-level security to queries which get lists of keys as JSON: nothing fails, a page of 50 rows becomes seconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.14 >npm.log 2>&1 || { tail -5 npm.log; exit 2; }
cat > probe.mjs <<'JS'
import { PGlite } from '@electric-sql/pglite';
const db = new PGlite();
await db.exec(`
  CREATE TABLE findings (tenant text, arn text, policy text, state text, PRIMARY KEY (tenant, arn, policy));
  INSERT INTO findings SELECT 't1', 'arn' || i, 'p' || i % 10, 'active' FROM generate_series(1, 50000) i;
  ANALYZE findings;
  CREATE ROLE service;
  GRANT SELECT ON findings TO service;
  CREATE POLICY own ON findings USING (tenant = current_setting('app.tenant', true));
  SET app.tenant = 't1';
`);
const keys = JSON.stringify(Array.from({ length: 50 }, (_, i) => [`arn${i + 1}`, `p${(i + 1) % 10}`]));
const query = fence => `
  SELECT f.* FROM (SELECT value->>0 AS arn, value->>1 AS policy FROM json_array_elements('${keys}'::json) ${fence}) k
  JOIN findings f ON f.tenant = 't1' AND f.arn = k.arn AND f.policy = k.policy`;
async function tell(what, fence) {
  const rows = (await db.query(query(fence))).rows.length;
  const plan = (await db.query('EXPLAIN ' + query(fence))).rows.map(r => r['QUERY PLAN']).join('\n');
  const how = /Seq Scan on findings/.test(plan) ? 'whole table' : /Index (Only )?Scan/.test(plan) ? 'primary key' : 'other';
  console.log(`${what}: ${rows} rows, ${how}`);
  return how;
}
const seen = [await tell('no policy in force', '')];
await db.exec('ALTER TABLE findings ENABLE ROW LEVEL SECURITY; SET ROLE service;');
seen.push(await tell('policy', ''), await tell('policy, OFFSET 0', 'OFFSET 0'));
await db.exec('RESET ROLE');
seen.push(await tell('policy, asked by the owner', ''));
process.exit(seen.join() === 'primary key,whole table,primary key,primary key' ? 0 : 1);
JS
node probe.mjs
