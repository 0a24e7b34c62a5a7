#!/usr/bin/env bash
# Subject:  npm jmespath 0.16.0 and @jmespath-community/jmespath 1.3.0, beside Python's jmespath 1.1.0 (not needed here). Date: 2026-11-29.
# Expected: min(list) is sort(list)[0] and max(list) is sort(list)[-1]; the specification orders strings by code points in all three functions.
# Happens:  sort() orders by code points, but min() and max() order by the language's rules, where "a" comes before "B". For names in mixed case
#           min(x) and sort(x)[0] are different elements in the same engine. (Python: min is sort's first.)
# Hurts:    policies and reports that take the newest or smallest name, version or date text with max()/min() in one tool and sort() in another.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund jmespath@0.16.0 @jmespath-community/jmespath@1.3.0
cat > probe.js <<'JS'
const names = ['beta', 'Alpha', 'alpha', 'Beta'];
for (const engine of ['jmespath', '@jmespath-community/jmespath']) {
  const { search } = require(engine);
  const ask = text => search(names, text);
  console.log(`${engine}: min ${ask('min(@)')} sort[0] ${ask('sort(@)[0]')} max ${ask('max(@)')} sort[-1] ${ask('sort(@)[-1]')}`);
}
JS
result=$(node probe.js)
echo "$result"
expected='jmespath: min alpha sort[0] Alpha max Beta sort[-1] beta
@jmespath-community/jmespath: min alpha sort[0] Alpha max Beta sort[-1] beta'
[ "$result" = "$expected" ] || { echo "The behaviour has changed."; exit 1; }
