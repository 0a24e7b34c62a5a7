"""Customer managed keys. They have no names, so the variant is in the tags."""
import json

from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

KEY = "AWS::KMS::Key"
IN_ORDER = {"KMSKeyPendingDeletion": PASS, "KMSKeyPublic": PASS, "KMSKeyRotationDisabled": PASS}
REFUSED = {"KMSKeyPendingDeletion": "DescribeKey", "KMSKeyPublic": "GetKeyPolicy", "KMSKeyRotationDisabled": "GetKeyRotationStatus"}


def build(estate):
    estate.keys = set()
    for account, region in estate.cells():
        for policy in IN_ORDER:
            for kind in ("good", "bad", "unknown"):
                estate.at(stage_of(policy, kind, account), key, estate, account, region, policy, kind)
        # A key pair cannot be rotated, and a policy that allows all principals of the account is not public.
        estate.at(0, key, estate, account, region, "KMSKeyRotationDisabled", "pair", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})
        estate.at(0, keys_of_services, estate, account, region)


def key(estate, account, region, policy, kind, spec=None):
    client, name = estate.client("kms", account, region), f"{policy}--{kind}"
    number = estate.accounts[account]
    own = {"Sid": "own", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{number}:root"}, "Action": "kms:*", "Resource": "*"}
    everyone = {"Sid": "all", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
    if (policy, kind) != ("KMSKeyPublic", "bad"):
        everyone["Condition"] = {"StringEquals": {"kms:CallerAccount": number}}
    made = client.create_key(
        Description=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [own, everyone]}),
        Tags=[{"TagKey": "Name", "TagValue": name}, {"TagKey": "team", "TagValue": "platform"}], **(spec or {}))["KeyMetadata"]
    id_ = made["KeyId"]
    estate.keys.add(id_)
    if not spec and (policy, kind) != ("KMSKeyRotationDisabled", "bad"):
        client.enable_key_rotation(KeyId=id_)
    verdicts = verdicts_of(IN_ORDER, policy, kind) if kind != "pair" else {**IN_ORDER, "KMSKeyRotationDisabled": NOT_APPLICABLE}
    if kind == "unknown":
        estate.deny(f"kms:{REFUSED[policy]}", account, resource=id_)
        # Without any attribute, it is unknown whether the key is customer managed.
        verdicts = dict.fromkeys(IN_ORDER, UNKNOWN) if policy == "KMSKeyPendingDeletion" else verdicts
    if (policy, kind) == ("KMSKeyPendingDeletion", "bad"):
        client.schedule_key_deletion(KeyId=id_, PendingWindowInDays=30)
        verdicts = {**IN_ORDER, "KMSKeyPendingDeletion": FAIL, "KMSKeyRotationDisabled": NOT_APPLICABLE}
    estate.expect(account, region, KEY, made["Arn"], name, verdicts)


def keys_of_services(estate, account, region):
    """Volumes are encrypted with AWS's own key by default; the emulator returns it as customer managed."""
    for found in estate.client("kms", account, region).list_keys()["Keys"]:
        if found["KeyId"] not in estate.keys:
            estate.edit("kms:DescribeKey", account, '"KeyManager": "CUSTOMER"', '"KeyManager": "AWS"', resource=found["KeyId"], region=region)
            estate.expect(account, region, KEY, found["KeyArn"], "of a service", dict.fromkeys(IN_ORDER, NOT_APPLICABLE))
