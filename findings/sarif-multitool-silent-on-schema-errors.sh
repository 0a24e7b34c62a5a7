#!/usr/bin/env bash
# Subject:  npm @microsoft/sarif-multitool 5.7.0 (Linux). Date: 2026-11-29.
# Expected: `validate` of a log that breaks the SARIF 2.1.0 schema (a result of a kind that does not exist) reports it, in its exit code or at least as a
#           result in the log that it writes, as it reports what its rules find in a valid file.
# Happens:  exit code 0, "executionSuccessful": true and a log without any result. The results that the same file has while it is valid disappear too,
#           so that a broken file looks better than a good one. The schema that lies in the package itself rejects the file.
# Hurts:    everyone who validates generated SARIF in CI with this tool alone, log included. Validate against the schema as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @microsoft/sarif-multitool@5.7.0
sarif() {
  cat <<JSON
{"\$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [{"tool": {"driver": {"name": "probe", "rules": [{"id": "R1"}]}},
 "results": [{"ruleId": "R1", "kind": "$1", "level": "none", "message": {"text": "A result."}}]}]}
JSON
}
report() {
  sarif "$2" > "$1.sarif"
  npx sarif-multitool validate "$1.sarif" --output "$1.log" --log ForceOverwrite >/dev/null && code=0 || code=$?
  node -e '
    const [name, code] = process.argv.slice(1), run = JSON.parse(require("fs").readFileSync(`${name}.log`, "utf8").replace(/^\uFEFF/, "")).runs[0];
    console.log(`${name}: exit code ${code}, results in the log: ${(run.results ?? []).length > 0 ? "some" : "none"}, successful: ${run.invocations[0].executionSuccessful}`);
  ' "$1" "$code"
}
result=$(report valid open; report broken unknown)
echo "$result"
expected='valid: exit code 0, results in the log: some, successful: true
broken: exit code 0, results in the log: none, successful: true'
[ "$result" = "$expected" ] || { echo "The behaviour has changed."; exit 1; }
