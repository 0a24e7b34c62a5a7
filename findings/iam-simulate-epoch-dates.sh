#!/usr/bin/env bash
# Subject:  npm @cloud-copilot/iam-simulate 0.1.173. Date: 2026-11-29.
# Expected: IAM's date operators take a date in ISO 8601 or as seconds since 1970, with aws:CurrentTime as well as with aws:EpochTime
#           (IAM user guide, "Date condition operators"): "before 1893456000" (2030) holds for a request of 2026.
# Happens:  the ISO form is compared; the same moment in seconds never matches aws:CurrentTime, so that an Allow is reported as denied.
#           With aws:EpochTime seconds match.
# Hurts:    those who check temporary access ("until") in policies with it: a Deny that ends at a moment in seconds seems to be over already,
#           and an Allow seems to grant nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @cloud-copilot/iam-simulate@0.1.173
cat > probe.mjs <<'JS'
import { runSimulation } from '@cloud-copilot/iam-simulate';
const ask = async (key, until, now) => (await runSimulation({
  request: {
    action: 's3:GetObject', principal: 'arn:aws:iam::111122223333:user/one', contextVariables: { [key]: now },
    resource: { resource: 'arn:aws:s3:::bucket/key', accountId: '111122223333' },
  },
  identityPolicies: [{ name: 'p', policy: { Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition: { DateLessThan: { [key]: until } } }] } }],
  serviceControlPolicies: [], resourceControlPolicies: [],
}, {})).overallResult;
console.log('ISO date:            ', await ask('aws:CurrentTime', '2030-01-01T00:00:00Z', '2026-11-29T00:00:00Z'));
console.log('seconds, CurrentTime:', await ask('aws:CurrentTime', '1893456000', '2026-11-29T00:00:00Z'));
console.log('seconds, EpochTime:  ', await ask('aws:EpochTime', '1893456000', '1795910400'));
JS
result=$(node probe.mjs)
echo "$result"
expected='ISO date:             Allowed
seconds, CurrentTime: ImplicitlyDenied
seconds, EpochTime:   Allowed'
[ "$result" = "$expected" ] || { echo "The behaviour has changed."; exit 1; }
