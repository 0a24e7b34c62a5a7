#!/usr/bin/env bash
# Subject:  DynamoDB Local 1.25.1 of amplify-dynamodb-simulator 2.9.30 (npm), asked with @aws-sdk/client-dynamodb 3.1169.0 (npm). Date: 2026-11-30.
# Expected: TransactWriteItems reports two write units for each item of up to 1 KB, and as much again for a global index that holds it, as AWS charges:
#           4 units for one put, 400 for a hundred.
# Happens:  a plain put is right (1 unit, and 1 of the index), but a transaction reports 8 units, 4 of the table and 4 of the index, whether it puts one item
#           or a hundred.
# Hurts:    whoever measures the cost of DynamoDB in tests, or limits a rate by consumed capacity: small transactions look twice as expensive as they are,
#           large ones up to fifty times too cheap.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
command -v java >/dev/null || { echo "java is missing: apt-get install default-jre-headless"; exit 2; }
npm install --silent --no-audit --no-fund amplify-dynamodb-simulator@2.9.30 @aws-sdk/client-dynamodb@3.1169.0 >npm.log 2>&1 || { tail -5 npm.log; exit 2; }
port=$((20000 + $$ % 20000))
(cd node_modules/amplify-dynamodb-simulator/emulator && exec java -Djava.library.path=DynamoDBLocal_lib -jar DynamoDBLocal.jar -inMemory -port "$port") >server.log 2>&1 &
server=$!
for _ in $(seq 150); do (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.2; done
cat > probe.mjs <<'JS'
import { CreateTableCommand, DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';

const client = new DynamoDBClient({
  endpoint: `http://127.0.0.1:${process.argv[2]}`, region: 'us-east-1', credentials: { accessKeyId: 'example', secretAccessKey: 'example' },
});
const text = name => ({ AttributeName: name, AttributeType: 'S' });
await client.send(new CreateTableCommand({
  TableName: 'items', BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [text('id'), text('group')],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [{ IndexName: 'ByGroup', KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
}));
const put = id => ({ TableName: 'items', Item: { id: { S: id }, group: { S: 'a' }, data: { S: 'x'.repeat(200) } } });
const report = (what, capacity) => console.log(
  `${what}: ${capacity.CapacityUnits} in total, table ${capacity.Table?.CapacityUnits}, index ${capacity.GlobalSecondaryIndexes?.ByGroup?.CapacityUnits}`);

const plain = await client.send(new PutItemCommand({ ...put('one'), ReturnConsumedCapacity: 'INDEXES' }));
report('put', plain.ConsumedCapacity);
for (const count of [1, 2, 100]) {
  const TransactItems = Array.from({ length: count }, (_, i) => ({ Put: put(`${count}-${i}`) }));
  const transaction = await client.send(new TransactWriteItemsCommand({ TransactItems, ReturnConsumedCapacity: 'INDEXES' }));
  report(`transaction of ${count}`, transaction.ConsumedCapacity[0]);
}
JS
result=$(timeout 60 node probe.mjs "$port" 2>probe.log) || { echo "$result"; cat probe.log server.log; exit 2; }
echo "$result"
[ "$result" = "$(printf '%s\n' 'put: 2 in total, table 1, index 1' 'transaction of 1: 8 in total, table 4, index 4' \
  'transaction of 2: 8 in total, table 4, index 4' 'transaction of 100: 8 in total, table 4, index 4')" ] || { echo "The behaviour has changed."; exit 1; }
