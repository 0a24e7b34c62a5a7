#!/usr/bin/env bash
# Subject:  npm dynalite 4.0.0. Date: 2026-11-29.
# Expected: a PutItem whose condition fails and that asks for ReturnValuesOnConditionCheckFailure=ALL_OLD is refused with the stored item in the error
#           (as DynamoDB does), or, in a server that does not know the parameter, is refused as invalid, as unknown values of other parameters are.
# Happens:  the parameter is accepted and ignored, even with a value that does not exist: ConditionalCheckFailedException without an item.
# Hurts:    stores that resolve a conflict from the item in the error (whose write was it, which version won) instead of reading again: they pass with
#           DynamoDB, and here take the missing item for a deleted one. Read the item after a conflict if the error has none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund dynalite@4.0.0
cat > probe.js <<'JS'
const server = require('dynalite')({ createTableMs: 0 });
server.listen(0, '127.0.0.1', async () => {
  const call = async (operation, body) => {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `DynamoDB_20120810.${operation}`, 'x-amz-date': '20261129T000000Z',
        authorization: 'AWS4-HMAC-SHA256 Credential=a/20261129/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=a',
      },
      body: JSON.stringify(body),
    });
    return await response.json();
  };
  const table = {
    TableName: 'claims', BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  };
  await call('CreateTable', table);
  while ((await call('DescribeTable', { TableName: 'claims' })).Table.TableStatus !== 'ACTIVE') { }
  const put = { TableName: 'claims', Item: { id: { S: 'unit' }, owner: { S: 'one' } } };
  await call('PutItem', put);
  for (const value of ['ALL_OLD', 'NO_SUCH_VALUE']) {
    const answer = await call('PutItem', { ...put, ConditionExpression: 'attribute_not_exists(id)', ReturnValuesOnConditionCheckFailure: value });
    console.log(`${value}: ${answer.__type.split('#')[1]}, item: ${JSON.stringify(answer.Item)}`);
  }
  process.exit(0);
});
JS
result=$(node probe.js)
echo "$result"
expected='ALL_OLD: ConditionalCheckFailedException, item: undefined
NO_SUCH_VALUE: ConditionalCheckFailedException, item: undefined'
[ "$result" = "$expected" ] || { echo "The behaviour has changed."; exit 1; }
