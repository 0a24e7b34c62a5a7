"""Buckets and the account's own public access block."""
import json

from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

BUCKET, ACCOUNT = "AWS::S3::Bucket", "AWS::S3::Account"
BLOCKED = {flag: True for flag in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")}
IN_ORDER = {
    "S3BucketAclInUse": PASS,
    "S3BucketAclPublic": PASS,
    "S3BucketEncryptionDisabled": PASS,
    "S3BucketOthersMayChange": PASS,
    # Few buckets have such a policy, and buckets with MFA delete cannot have lifecycle rules.
    "S3BucketInsecureTransportAllowed": FAIL,
    "S3BucketLifecycleMissing": NOT_APPLICABLE,
    "S3BucketLoggingDisabled": PASS,
    "S3BucketMfaDeleteDisabled": PASS,
    "S3BucketPolicyPublic": PASS,
    "S3BucketPublic": PASS,
    "S3BucketVersioningDisabled": PASS,
}
# The settings of a compliant bucket; each variant changes one of them.
MADE = {"block": BLOCKED, "acl": None, "policy": None, "versioning": "Enabled", "mfa_delete": True, "encryption": "AES256", "logging": True,
        "lifecycle": False, "object_lock": False}
ANYONE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{bucket}/*"}]}
OWN_ONLY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "{account}"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{bucket}/*"}]}
ENCRYPTED_ONLY = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}]}
OTHERS_CHANGE = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "s3:PutBucketPolicy", "Resource": "arn:aws:s3:::{bucket}"}]}
HALF = {**BLOCKED, "RestrictPublicBuckets": False}

# (policy, kind, accounts, the difference, denied reads, other affected verdicts)
VARIANTS = [
    ("S3BucketOthersMayChange", "good", "012", {"policy": OWN_ONLY}, [], {}),
    ("S3BucketOthersMayChange", "bad", "012", {"policy": OTHERS_CHANGE}, [], {}),
    ("S3BucketOthersMayChange", "unknown", "012", {"policy": OTHERS_CHANGE}, ["GetBucketPolicy"], {
        "S3BucketInsecureTransportAllowed": UNKNOWN, "S3BucketPolicyPublic": UNKNOWN}),
    ("S3BucketVersioningDisabled", "good", "012", {}, [], {}),
    ("S3BucketVersioningDisabled", "bad", "02", {"versioning": "Suspended"}, [], {}),
    ("S3BucketVersioningDisabled", "bad", "1", {"versioning": None}, [], {"S3BucketLifecycleMissing": FAIL}),
    ("S3BucketVersioningDisabled", "unknown", "012", {}, ["GetBucketVersioning"], {
        "S3BucketLifecycleMissing": UNKNOWN, "S3BucketMfaDeleteDisabled": UNKNOWN}),
    ("S3BucketMfaDeleteDisabled", "good", "012", {}, [], {}),
    ("S3BucketMfaDeleteDisabled", "bad", "012", {"mfa_delete": False}, [], {"S3BucketLifecycleMissing": FAIL}),
    ("S3BucketMfaDeleteDisabled", "unknown", "012", {"mfa_delete": False}, ["GetBucketVersioning"], {
        "S3BucketLifecycleMissing": UNKNOWN, "S3BucketVersioningDisabled": UNKNOWN}),
    ("S3BucketEncryptionDisabled", "good", "012", {"encryption": "aws:kms"}, [], {}),
    ("S3BucketEncryptionDisabled", "bad", "012", {"encryption": None}, [], {}),
    ("S3BucketEncryptionDisabled", "unknown", "012", {"encryption": None}, ["GetBucketEncryption"], {}),
    ("S3BucketLoggingDisabled", "good", "012", {}, [], {}),
    ("S3BucketLoggingDisabled", "bad", "012", {"logging": False}, [], {}),
    ("S3BucketLoggingDisabled", "unknown", "012", {"logging": False}, ["GetBucketLogging"], {}),
    ("S3BucketInsecureTransportAllowed", "good", "012", {"policy": ENCRYPTED_ONLY}, [], {}),
    ("S3BucketInsecureTransportAllowed", "bad", "012", {"policy": OWN_ONLY}, [], {}),
    ("S3BucketInsecureTransportAllowed", "unknown", "012", {}, ["GetBucketPolicy"], {
        "S3BucketOthersMayChange": UNKNOWN, "S3BucketPolicyPublic": UNKNOWN}),
    ("S3BucketLifecycleMissing", "good", "012", {"lifecycle": True, "mfa_delete": False}, [], {"S3BucketMfaDeleteDisabled": NOT_APPLICABLE}),
    ("S3BucketLifecycleMissing", "bad", "012", {"mfa_delete": False}, [], {"S3BucketMfaDeleteDisabled": FAIL}),
    # The proxy uses the earlier name of the request.
    ("S3BucketLifecycleMissing", "unknown", "012", {"mfa_delete": False}, ["GetBucketLifecycle"], {"S3BucketMfaDeleteDisabled": UNKNOWN}),
    ("S3BucketAclInUse", "good", "012", {}, [], {}),
    ("S3BucketAclInUse", "bad", "012", {"acl": "public-read"}, [], {}),
    ("S3BucketAclInUse", "unknown", "012", {}, ["GetBucketAcl"], {"S3BucketAclPublic": UNKNOWN}),
    # The first account blocks public access for all buckets, the second for none, and the third's setting cannot be read.
    ("S3BucketPublic", "good", "0", {"block": None}, ["GetPublicAccessBlock"], {}),
    ("S3BucketPublic", "good", "12", {}, [], {}),
    ("S3BucketPublic", "bad", "1", {"block": HALF}, [], {}),
    ("S3BucketPublic", "unknown", "1", {}, ["GetPublicAccessBlock"], {}),
    ("S3BucketPublic", "unknown", "2", {"block": None}, [], {}),
    ("S3BucketAclPublic", "good", "0", {"acl": "public-read", "block": None}, [], {"S3BucketAclInUse": FAIL}),
    ("S3BucketAclPublic", "good", "12", {"acl": "public-read"}, [], {"S3BucketAclInUse": FAIL}),
    ("S3BucketAclPublic", "bad", "1", {"acl": "public-read", "block": None}, [], {"S3BucketAclInUse": FAIL, "S3BucketPublic": FAIL}),
    ("S3BucketAclPublic", "unknown", "01", {}, ["GetBucketAcl"], {"S3BucketAclInUse": UNKNOWN}),
    ("S3BucketAclPublic", "unknown", "2", {"acl": "public-read", "block": None}, [], {"S3BucketAclInUse": FAIL, "S3BucketPublic": UNKNOWN}),
    ("S3BucketPolicyPublic", "good", "0", {"policy": ANYONE, "block": None}, [], {}),
    ("S3BucketPolicyPublic", "good", "12", {"policy": OWN_ONLY}, [], {}),
    ("S3BucketPolicyPublic", "bad", "1", {"policy": ANYONE, "block": None}, [], {"S3BucketPublic": FAIL}),
    ("S3BucketPolicyPublic", "unknown", "01", {"policy": ANYONE}, ["GetBucketPolicy"], {
        "S3BucketInsecureTransportAllowed": UNKNOWN, "S3BucketOthersMayChange": UNKNOWN}),
    ("S3BucketPolicyPublic", "unknown", "2", {"policy": ANYONE, "block": None}, [], {"S3BucketPublic": UNKNOWN}),
]
# The account setting: S3AccountPublicAccessBlockDisabled.
ACCOUNTS = [("good", BLOCKED), ("bad", None), ("unknown", None)]


def build(estate):
    for account, (kind, block) in enumerate(ACCOUNTS):
        estate.at(0, settings, estate, account, kind, block)
        for region in range(len(estate.regions)):
            estate.at(0, logs, estate, account, region)
    for number, variant in enumerate(VARIANTS):
        for account in map(int, variant[2]):
            estate.at(stage_of(*variant[:2], account), bucket, estate, account, (number + account) % len(estate.regions), *variant)


def bucket(estate, account, region, policy, kind, _, changed, refused, also):
    name = f"{policy}--{kind}-{estate.accounts[account]}".lower()
    for operation in refused:
        estate.deny(f"s3:{operation}", account, resource=name)
    create(estate, account, region, name, {**MADE, **changed})
    estate.expect(account, region, BUCKET, f"arn:aws:s3:::{name}", f"{policy}--{kind}", verdicts_of(IN_ORDER, policy, kind, also))


def logs(estate, account, region):
    """The log bucket of an account and region."""
    name = logs_of(estate, account, region)
    create(estate, account, region, name, {**MADE, "logging": False})
    client = estate.client("s3", account, region)
    deliver = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": estate.accounts[account]}},
    }]}
    client.put_bucket_policy(Bucket=name, Policy=json.dumps(deliver))
    log_to(client, name, name)
    estate.expect(account, region, BUCKET, f"arn:aws:s3:::{name}", name, IN_ORDER)


def settings(estate, account, kind, block):
    number = estate.accounts[account]
    if block:
        estate.client("s3control", account).put_public_access_block(AccountId=number, PublicAccessBlockConfiguration=block)
    if kind == "unknown":
        estate.deny("s3control:GetPublicAccessBlock", account)
    policy = "S3AccountPublicAccessBlockDisabled"
    estate.expect(account, 0, ACCOUNT, f"arn:aws:s3::{number}:settings", f"{policy}--{kind}", verdicts_of({}, policy, kind))


def logs_of(estate, account, region):
    return f"access-logs-{region}-{estate.accounts[account]}"


def log_to(client, bucket, target):
    client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": f"{bucket}/"}})


def create(estate, account, region, name, made):
    client = estate.client("s3", account, region)
    where = {} if estate.regions[region] == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": estate.regions[region]}}
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=made["object_lock"], **where)
    if made["mfa_delete"]:
        # The emulator does not support MFA delete.
        estate.edit("s3:GetBucketVersioning", account, "</Status>", "</Status><MfaDelete>Enabled</MfaDelete>", resource=name)
    tags = {"team": ("platform", "orders", "web")[account], "Environment": ("prod", "prod", "staging")[account]}
    client.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]})
    configure(estate, account, region, name, made)


def configure(estate, account, region, name, made):
    client = estate.client("s3", account, region)
    if made["acl"]:
        client.put_bucket_acl(Bucket=name, ACL=made["acl"])
    if made["policy"]:
        text = json.dumps(made["policy"]).replace("{bucket}", name).replace("{account}", estate.accounts[account])
        client.put_bucket_policy(Bucket=name, Policy=text)
    if made["block"]:
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=made["block"])
    if made["versioning"]:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": made["versioning"]})
    if made["encryption"]:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": made["encryption"]}}
        client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    if made["object_lock"]:
        lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 365}}}
        client.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    if made["lifecycle"]:
        rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}
        client.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    if made["logging"]:
        log_to(client, name, logs_of(estate, account, region))
