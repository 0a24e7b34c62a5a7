"""Trails, their buckets, and the recording of events of accounts and regions.

The first account has a trail over all regions that records everything; the second has trails of single regions that leave events out, but for one; of the third's
trail over all regions it cannot be read what it records, and in its second region no trails can be listed.
"""
import pathlib

import s3
from model import FAIL, PASS, UNKNOWN, stage_of, verdicts_of

TRAIL, ACCOUNT, REGION = "AWS::CloudTrail::Trail", "AWS::CloudTrail::Account", "AWS::CloudTrail::Region"
IN_ORDER = {
    "CloudTrailBucketLoggingDisabled": PASS,
    "CloudTrailBucketObjectLockDisabled": PASS,
    "CloudTrailBucketPublic": PASS,
    "CloudTrailLogValidationDisabled": PASS,
    "CloudTrailNotEncryptedWithKms": PASS,
    "CloudTrailNotSentToCloudWatchLogs": PASS,
    "CloudTrailStopped": PASS,
}
# The settings of a compliant trail; each variant changes one of them.
MADE = {"validated": True, "key": True, "log_group": True, "started": True, "everywhere": False, "events": "some", "bucket": {}}
BUCKET = {**s3.MADE, "object_lock": True}
HIDDEN = (2, 1)
S3_OBJECTS = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}
SELECTORS = {
    "all": {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [S3_OBJECTS]}]},
    # Without read events, and with the objects of one bucket only.
    "some": {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": [{**S3_OBJECTS, "Values": ["arn:aws:s3:::orders/"]}]}]},
    "management": {"AdvancedEventSelectors": [{"Name": "management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]},
    # Not those of KMS.
    "most": {"AdvancedEventSelectors": [{"Name": "most", "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]}]},
}
OPEN = {"block": None, "policy": s3.ANYONE}

# (policy, kind, accounts, the difference, denied reads of the bucket, other verdicts of its bucket)
VARIANTS = [
    ("CloudTrailLogValidationDisabled", "good", "012", {}, [], {}),
    ("CloudTrailLogValidationDisabled", "bad", "012", {"validated": False}, [], {}),
    ("CloudTrailNotEncryptedWithKms", "good", "012", {}, [], {}),
    ("CloudTrailNotEncryptedWithKms", "bad", "012", {"key": False}, [], {}),
    ("CloudTrailNotSentToCloudWatchLogs", "good", "012", {}, [], {}),
    ("CloudTrailNotSentToCloudWatchLogs", "bad", "012", {"log_group": False}, [], {}),
    ("CloudTrailStopped", "good", "012", {}, [], {}),
    ("CloudTrailStopped", "bad", "012", {"started": False}, [], {}),
    ("CloudTrailStopped", "unknown", "0", {}, [], {}),
    ("CloudTrailBucketPublic", "good", "0", {"bucket": OPEN}, [], {}),
    ("CloudTrailBucketPublic", "good", "12", {}, [], {}),
    ("CloudTrailBucketPublic", "bad", "1", {"bucket": OPEN}, [], {"S3BucketPublic": FAIL, "S3BucketPolicyPublic": FAIL}),
    ("CloudTrailBucketPublic", "unknown", "01", {}, ["GetBucketPolicy"],
     {"S3BucketOthersMayChange": UNKNOWN, "S3BucketPolicyPublic": UNKNOWN, "S3BucketInsecureTransportAllowed": UNKNOWN}),
    ("CloudTrailBucketLoggingDisabled", "good", "012", {}, [], {}),
    ("CloudTrailBucketLoggingDisabled", "bad", "012", {"bucket": {"logging": False}}, [], {"S3BucketLoggingDisabled": FAIL}),
    ("CloudTrailBucketLoggingDisabled", "unknown", "012", {}, ["GetBucketLogging"], {"S3BucketLoggingDisabled": UNKNOWN}),
    ("CloudTrailBucketObjectLockDisabled", "good", "012", {}, [], {}),
    ("CloudTrailBucketObjectLockDisabled", "bad", "012", {"bucket": {"object_lock": False}}, [], {}),
    ("CloudTrailBucketObjectLockDisabled", "unknown", "012", {}, ["GetObjectLockConfiguration"], {}),
]
# The trails for the verdicts of accounts and regions: (name, account, region, the difference).
TRAILS = [
    ("everything", 0, 0, {"everywhere": True, "events": "all"}),
    # Three near misses and one that covers its region.
    ("stopped", 1, 0, {"everywhere": True, "events": "all", "started": False}),
    ("most", 1, 0, {"everywhere": True, "events": "most"}),
    ("regional", 1, 1, {"events": "management"}),
    ("unreadable", 2, 0, {"everywhere": True, "events": "all"}),
]
POLICIES = pathlib.Path(__file__).resolve().parents[2] / "catalog" / "policies" / "cloudtrail"
# Notifications: logs.py creates the filters and alarms, only for the trail of the first account.
ALARMS = sorted(file.stem for file in POLICIES.glob("CloudTrailNoAlarmFor*.yaml"))
OF_ACCOUNT = ["CloudTrailMultiRegionTrailMissing", "CloudTrailS3ReadEventsNotRecorded", "CloudTrailS3WriteEventsNotRecorded", *ALARMS]
ACCOUNTS = ["good", "bad", "unknown"]
REGIONS = {(0, 0): "good", (0, 1): "good", (1, 0): "bad", (1, 1): "good", (2, 0): "unknown", (2, 1): "unknown"}


def build(estate):
    for name, account, region, changed in TRAILS:
        estate.at(0, trail, estate, account, region, name, {**MADE, **changed}, IN_ORDER if name != "stopped" else {**IN_ORDER, "CloudTrailStopped": FAIL})
    estate.deny("cloudtrail:GetEventSelectors", 2, resource="unreadable")
    estate.deny_list("cloudtrail:DescribeTrails", HIDDEN[0], [TRAIL], region=HIDDEN[1])
    for number, (policy, kind, accounts, changed, refused, of_bucket) in enumerate(VARIANTS):
        for account in map(int, accounts):
            region = (number + account) % len(estate.regions)
            estate.at(stage_of(policy, kind, account), variant, estate, account, region, policy, kind, changed, refused, of_bucket)
    for policy in ("CloudTrailLogValidationDisabled", "CloudTrailNotEncryptedWithKms", "CloudTrailNotSentToCloudWatchLogs"):
        estate.at(0, variant, estate, *HIDDEN, policy, "unknown", {}, [], {})
    for account, kind in enumerate(ACCOUNTS):
        for policy in OF_ACCOUNT:
            estate.expect(account, 0, ACCOUNT, settings(estate, account, ""), f"{policy}--{kind}", verdicts_of({}, policy, kind))
    for (account, region), kind in REGIONS.items():
        policy = "CloudTrailRegionNotRecorded"
        arn = settings(estate, account, estate.regions[region])
        estate.expect(account, region, REGION, arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))


def settings(estate, account, region):
    return f"arn:aws:cloudtrail:{region}:{estate.accounts[account]}:settings"


def variant(estate, account, region, policy, kind, changed, refused, of_bucket):
    name = f"{policy}--{kind}"
    for operation in refused:
        estate.deny(f"s3:{operation}", account, resource=bucket_of(estate, account, name))
    if policy == "CloudTrailStopped" and kind == "unknown":
        estate.deny("cloudtrail:GetTrailStatus", account, resource=name)
    trail(estate, account, region, name, {**MADE, **changed}, verdicts_of(IN_ORDER, policy, kind), of_bucket)


def bucket_of(estate, account, trail_name):
    return f"{trail_name}-{estate.accounts[account]}".lower()


def trail(estate, account, region, name, made, verdicts, of_bucket=None):
    bucket, client = bucket_of(estate, account, name), estate.client("cloudtrail", account, region)
    s3.create(estate, account, region, bucket, {**BUCKET, **made["bucket"]})
    estate.expect(account, region, s3.BUCKET, f"arn:aws:s3:::{bucket}", bucket, {**s3.IN_ORDER, **(of_bucket or {})})
    where = f"{estate.regions[region]}:{estate.accounts[account]}"
    optional = {"KmsKeyId": f"arn:aws:kms:{where}:key/11111111-2222-4333-8444-555555555555"} if made["key"] else {}
    if made["log_group"]:
        optional["CloudWatchLogsLogGroupArn"] = f"arn:aws:logs:{where}:log-group:trail:*"
        optional["CloudWatchLogsRoleArn"] = f"arn:aws:iam::{estate.accounts[account]}:role/trail"
    arn = client.create_trail(
        Name=name, S3BucketName=bucket, IsMultiRegionTrail=made["everywhere"], EnableLogFileValidation=made["validated"],
        TagsList=[{"Key": "team", "Value": "platform"}], **optional)["TrailARN"]
    client.put_event_selectors(TrailName=name, **SELECTORS[made["events"]])
    if made["started"]:
        client.start_logging(Name=name)
    estate.expect(account, region, TRAIL, arn, name, verdicts)
