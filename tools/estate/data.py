"""Queues, secrets and file systems."""
import datetime
import json

from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

QUEUE, SECRET, FILES, POINT = "AWS::SQS::Queue", "AWS::SecretsManager::Secret", "AWS::EFS::FileSystem", "AWS::EFS::AccessPoint"
QUEUE_IN_ORDER = {"SQSQueuePublic": PASS, "SQSQueueUnencrypted": PASS}
SECRET_IN_ORDER = {
    "SecretsManagerRotationDisabled": PASS, "SecretsManagerRotationFailed": PASS, "SecretsManagerSecretOld": PASS, "SecretsManagerSecretPublic": PASS,
    "SecretsManagerSecretUnused": PASS,
}
SUBNET = "EFSMountTargetInPublicSubnet"
FILES_IN_ORDER = {"EFSBackupDisabled": PASS, SUBNET: PASS, "EFSPolicyPublic": PASS, "EFSUnencrypted": PASS}
# They cannot be distinguished: a secret that was not changed for a year was not read in the emulator either, nor rotated in time.
AGED = ("SecretsManagerRotationFailed", "SecretsManagerSecretOld", "SecretsManagerSecretUnused")
POINT_IN_ORDER = {"EFSAccessPointIdentityUnenforced": PASS, "EFSAccessPointRootExposed": PASS}
# The places where lists of secrets, file systems and access points are denied, for attributes that only lists return.
HIDDEN = (2, 1)
BY_LIST = ("SecretsManagerRotationDisabled", *AGED, "EFSUnencrypted", *POINT_IN_ORDER)


def build(estate):
    for call, types in (("secretsmanager:ListSecrets", [SECRET]), ("efs:DescribeFileSystems", [FILES]), ("efs:DescribeAccessPoints", [POINT])):
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    estate.shared_files = {}
    # The emulator has no history, so the times of two secrets are moved to the past.
    old = int((estate.now - datetime.timedelta(days=400)).timestamp())
    for account in range(len(estate.accounts)):
        names = "|".join(f"{policy}--bad" for policy in AGED)
        estate.edit(
            "secretsmanager:ListSecrets", account,
            f'("Name": "(?:{names})", "LastChangedDate": )[0-9.]+(.*?"NextRotationDate": )[0-9.]+(.*?"CreatedDate": )[0-9.]+(.*?"LastRotatedDate": )[0-9.]+',
            f"${{1}}{old}${{2}}{old}${{3}}{old}${{4}}{old}")
    makers = {**dict.fromkeys(QUEUE_IN_ORDER, queue), **dict.fromkeys(SECRET_IN_ORDER, secret), **dict.fromkeys(FILES_IN_ORDER, files),
              **dict.fromkeys(POINT_IN_ORDER, point)}
    for account, region in estate.cells():
        for policy, make in makers.items():
            hidden = (account, region) == HIDDEN and make is not queue
            for kind in ("unknown",) if hidden else ("good", "bad") if policy in BY_LIST else ("good", "bad", "unknown"):
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)


def document(principal, action):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}]})


def principal_of(estate, account, is_open):
    return "*" if is_open else {"AWS": f"arn:aws:iam::{estate.accounts[account]}:root"}


def queue(estate, account, region, policy, kind):
    name, wrong = f"{policy}--{kind}", policy if kind != "good" else None
    attributes = {"Policy": document(principal_of(estate, account, wrong == "SQSQueuePublic"), "sqs:SendMessage")}
    attributes["SqsManagedSseEnabled"] = "false" if wrong == "SQSQueueUnencrypted" else "true"
    estate.client("sqs", account, region).create_queue(QueueName=name, Attributes=attributes, tags={"team": "orders"})
    verdicts = verdicts_of(QUEUE_IN_ORDER, policy, kind)
    if kind == "unknown":
        estate.deny("sqs:GetQueueAttributes", account, resource=name, region=region)
        verdicts = dict.fromkeys(QUEUE_IN_ORDER, UNKNOWN)
    estate.expect(account, region, QUEUE, f"arn:aws:sqs:{estate.regions[region]}:{estate.accounts[account]}:{name}", name, verdicts)


def secret(estate, account, region, policy, kind):
    client, name, wrong = estate.client("secretsmanager", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    arn = client.create_secret(Name=name, SecretString="not-a-secret", Tags=[{"Key": "team", "Value": "orders"}])["ARN"]
    client.put_resource_policy(
        SecretId=name, ResourcePolicy=document(principal_of(estate, account, wrong == "SecretsManagerSecretPublic"), "secretsmanager:GetSecretValue"))
    if kind == "unknown" and policy not in BY_LIST:
        estate.deny("secretsmanager:GetResourcePolicy", account, resource=name, region=region)
    if wrong != "SecretsManagerRotationDisabled":
        client.rotate_secret(SecretId=name, RotationRules={"AutomaticallyAfterDays": 30})
    also = dict.fromkeys(AGED, FAIL) if policy in AGED and kind == "bad" else {}
    if wrong == "SecretsManagerRotationDisabled":
        also = {"SecretsManagerRotationFailed": NOT_APPLICABLE}
    estate.expect(account, region, SECRET, arn, name, verdicts_of(SECRET_IN_ORDER, policy, kind, also))


def files(estate, account, region, policy, kind, name=None):
    client, name, wrong = estate.client("efs", account, region), name or f"{policy}--{kind}", policy if kind != "good" else None
    made = client.create_file_system(
        CreationToken=name, Encrypted=wrong != "EFSUnencrypted", Backup=wrong != "EFSBackupDisabled", Tags=[{"Key": "Name", "Value": name}])
    id_ = made["FileSystemId"]
    client.put_file_system_policy(FileSystemId=id_, Policy=document(principal_of(estate, account, wrong == "EFSPolicyPublic"), "elasticfilesystem:ClientMount"))
    # A mount target would be one more network interface in the emulator: told here.
    found = estate.client("ec2", account, region).describe_subnets(Filters=[{"Name": "map-public-ip-on-launch", "Values": [str(wrong == SUBNET).lower()]}])
    target = {"MountTargetId": "fsmt-1", "FileSystemId": id_, "SubnetId": found["Subnets"][0]["SubnetId"], "LifeCycleState": "available"}
    estate.answer("efs:DescribeMountTargets", account, {"MountTargets": [target]}, resource=id_, region=region)
    if kind == "unknown" and policy not in BY_LIST:
        refused = {"EFSPolicyPublic": "DescribeFileSystemPolicy", SUBNET: "DescribeMountTargets"}.get(policy, "DescribeBackupPolicy")
        estate.deny(f"efs:{refused}", account, resource=id_, region=region)
    estate.expect(account, region, FILES, made["FileSystemArn"], name, verdicts_of(FILES_IN_ORDER, policy, kind))
    return id_


def point(estate, account, region, policy, kind):
    client, name, wrong = estate.client("efs", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    if (account, region) not in estate.shared_files:
        estate.shared_files[account, region] = files(estate, account, region, "EFSUnencrypted", "good", "shared")
    user = {} if wrong == "EFSAccessPointIdentityUnenforced" else {"PosixUser": {"Uid": 1000, "Gid": 1000}}
    made = client.create_access_point(
        ClientToken=name, FileSystemId=estate.shared_files[account, region], RootDirectory={"Path": "/" if wrong == "EFSAccessPointRootExposed" else "/orders"},
        Tags=[{"Key": "Name", "Value": name}], **user)
    estate.expect(account, region, POINT, made["AccessPointArn"], name, verdicts_of(POINT_IN_ORDER, policy, kind))
