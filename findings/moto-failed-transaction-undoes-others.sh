#!/usr/bin/env bash
# Subject:  moto 5.2.1, DynamoDB, in moto_server. Date: 2026-11-30.
# Expected: a TransactWriteItems whose condition fails writes nothing and changes nothing else.
# Happens:  moto copies the whole tables of a transaction before it, and puts the copies back when a condition fails. What other requests have written to these
#           tables meanwhile is gone although they got 200.
# Hurts:    tests of concurrent writers: counters lose increments, items that were stored disappear, and one looks for the defect in one's own code. It also makes
#           every transaction as slow as the tables are large. Sending requests one after the other avoids it.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
moto_server -H 127.0.0.1 -p "$port" >"$work/log" 2>&1 &
server=$!
python3 - "$port" <<'PY'
import sys, threading, time
import botocore.session
from botocore.exceptions import ClientError, EndpointConnectionError

def client():
    return botocore.session.get_session().create_client(
        "dynamodb", endpoint_url=f"http://127.0.0.1:{sys.argv[1]}", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")

db = client()
for _ in range(100):
    try:
        db.create_table(TableName="t", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
        break
    except EndpointConnectionError:
        time.sleep(0.2)

for i in range(0, 1000, 25):  # the copy takes a while
    db.batch_write_item(RequestItems={"t": [{"PutRequest": {"Item": {"k": {"S": f"row {i + j}"}, "v": {"S": "x"}}}} for j in range(25)]})

stop = threading.Event()
def failing():
    own = client()
    while not stop.is_set():
        try:
            own.transact_write_items(TransactItems=[{"ConditionCheck": {
                "TableName": "t", "Key": {"k": {"S": "none"}}, "ConditionExpression": "attribute_exists(k)"}}])
        except ClientError as e:
            assert e.response["Error"]["Code"] == "TransactionCanceledException", e

other = threading.Thread(target=failing)
other.start()
for _ in range(500):
    db.update_item(TableName="t", Key={"k": {"S": "n"}}, UpdateExpression="ADD n :one", ExpressionAttributeValues={":one": {"N": "1"}})
stop.set()
other.join()
n = int(db.get_item(TableName="t", Key={"k": {"S": "n"}}, ConsistentRead=True).get("Item", {"n": {"N": "0"}})["n"]["N"])
print(f"500 increments were answered with 200; {n} are stored")
sys.exit(0 if n < 500 else 1)
PY
