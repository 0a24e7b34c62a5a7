"""Tables and the clusters that cache them."""
import json

from model import PASS, stage_of, verdicts_of

TABLE, CLUSTER = "AWS::DynamoDB::Table", "AWS::DAX::Cluster"
TABLE_IN_ORDER = {
    "DynamoDBTableAutoScalingDisabled": PASS, "DynamoDBTableDeletionProtectionDisabled": PASS, "DynamoDBTablePointInTimeRecoveryDisabled": PASS,
    "DynamoDBTableSharedWithOthers": PASS, "DynamoDBTableWithoutKmsKey": PASS,
}
CLUSTER_IN_ORDER = {"DAXClusterPlainTransit": PASS, "DAXClusterSingleZone": PASS, "DAXClusterUnencrypted": PASS}
# Of these a call of their own can be refused; of the rest the whole list.
BY_CALL = {"DynamoDBTablePointInTimeRecoveryDisabled": "DescribeContinuousBackups", "DynamoDBTableSharedWithOthers": "GetResourcePolicy"}
HIDDEN = (2, 1)


def build(estate):
    for call, types in (("dynamodb:ListTables", [TABLE]), ("dax:DescribeClusters", [CLUSTER])):
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    for account, region in estate.cells():
        if (account, region) != HIDDEN:
            estate.answer("dax:DescribeClusters", account, lambda cell=(account, region): {"Clusters": estate.caches[cell]}, region=region)
    # The emulator fails at exports of a table without any.
    for account in range(len(estate.accounts)):
        estate.answer("dynamodb:ListExports", account, {"ExportSummaries": []})
    estate.caches = {cell: [] for cell in estate.cells()}
    makers = {**dict.fromkeys(TABLE_IN_ORDER, table), **dict.fromkeys(CLUSTER_IN_ORDER, cluster)}
    for account, region in estate.cells():
        for policy, make in makers.items():
            hidden = (account, region) == HIDDEN
            for kind in ("unknown",) if hidden else ("good", "bad", "unknown") if policy in BY_CALL else ("good", "bad"):
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)


def table(estate, account, region, policy, kind):
    client, name, wrong = estate.client("dynamodb", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    arn = client.create_table(
        TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        DeletionProtectionEnabled=wrong != "DynamoDBTableDeletionProtectionDisabled", Tags=[{"Key": "team", "Value": "orders"}],
        **({} if wrong == "DynamoDBTableWithoutKmsKey" else {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/aws/dynamodb"}}),
    )["TableDescription"]["TableArn"]
    # Reads of a bad one are scaled, too.
    for dimension in ["Read"] if wrong == "DynamoDBTableAutoScalingDisabled" else ["Read", "Write"]:
        estate.client("application-autoscaling", account, region).register_scalable_target(
            ServiceNamespace="dynamodb", ResourceId=f"table/{name}", ScalableDimension=f"dynamodb:table:{dimension}CapacityUnits", MinCapacity=5, MaxCapacity=50)
    if wrong != "DynamoDBTablePointInTimeRecoveryDisabled":
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    principal = "444455556666" if wrong == "DynamoDBTableSharedWithOthers" else estate.accounts[account]
    client.put_resource_policy(ResourceArn=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{principal}:root"}, "Action": "dynamodb:GetItem", "Resource": arn}]}))
    if kind == "unknown" and policy in BY_CALL:
        estate.deny(f"dynamodb:{BY_CALL[policy]}", account, resource=name, region=region)
    estate.expect(account, region, TABLE, arn, name, verdicts_of(TABLE_IN_ORDER, policy, kind))


def cluster(estate, account, region, policy, kind):
    """The emulator has no nodes in zones."""
    name, wrong = f"{policy}-{kind}".lower(), policy if kind != "good" else None
    arn = f"arn:aws:dax:{estate.regions[region]}:{estate.accounts[account]}:cache/{name}"
    zones = "aa" if wrong == "DAXClusterSingleZone" else "ab"
    estate.caches[account, region].append({
        "ClusterName": name, "ClusterArn": arn, "Status": "available", "NodeType": "dax.t3.small", "TotalNodes": 2, "ActiveNodes": 2,
        "Nodes": [{"NodeId": f"{name}-{zone}{n}", "AvailabilityZone": f"{estate.regions[region]}{zone}", "NodeStatus": "available"} for n, zone in enumerate(zones)],
        "SSEDescription": {"Status": "DISABLED" if wrong == "DAXClusterUnencrypted" else "ENABLED"},
        "ClusterEndpointEncryptionType": "NONE" if wrong == "DAXClusterPlainTransit" else "TLS",
    })
    estate.answer("dax:ListTags", account, {"Tags": [{"Key": "team", "Value": "orders"}]}, resource=name, region=region)
    estate.expect(account, region, CLUSTER, arn, f"{policy}--{kind}", verdicts_of(CLUSTER_IN_ORDER, policy, kind))
