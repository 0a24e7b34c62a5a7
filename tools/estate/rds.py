"""Databases and their snapshots. Everything judged of a database is told by its list, which is refused in the third account's second region.

Identifiers must not hold two hyphens in a row: the tag Name tells the variant.
"""
from model import FAIL, NOT_APPLICABLE, PASS, verdicts_of

INSTANCE, SNAPSHOT = "AWS::RDS::DBInstance", "AWS::RDS::DBSnapshot"
IN_ORDER = {"RDSBackupDisabled": PASS, "RDSMultiAZDisabled": PASS, "RDSPublicAccess": PASS, "RDSUnencryptedStorage": PASS}
MADE = {"BackupRetentionPeriod": 14, "MultiAZ": True, "PubliclyAccessible": False, "StorageEncrypted": True}
# The bad ones differ by region.
DIFFERENT = {
    "RDSBackupDisabled": [{"BackupRetentionPeriod": 0}, {"BackupRetentionPeriod": 3}],
    "RDSMultiAZDisabled": [{"MultiAZ": False}] * 2,
    "RDSPublicAccess": [{"PubliclyAccessible": True}] * 2,
    "RDSUnencryptedStorage": [{"StorageEncrypted": False}] * 2,
}
HIDDEN = (2, 1)


def build(estate):
    for account, region in estate.cells():
        for policy, changes in DIFFERENT.items():
            kinds = ("good", "bad", "unknown") if (account, region) == HIDDEN else ("good", "bad")
            for kind in kinds:
                instance(estate, account, region, policy, kind, {} if kind == "good" else changes[region])
        snapshots(estate, account, region)
    estate.deny_list("rds:DescribeDBInstances", HIDDEN[0], [INSTANCE], region=HIDDEN[1])


def instance(estate, account, region, policy, kind, changed):
    rds = estate.client("rds", account, region)
    id_ = f"{policy}-{kind}".lower()
    rds.create_db_instance(
        DBInstanceIdentifier=id_, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20, MasterUsername="owner",
        MasterUserPassword="not-a-secret", Tags=tags(account, f"{policy}--{kind}"), **{**MADE, **changed})
    arn = rds.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"][0]["DBInstanceArn"]
    if (account, region) != HIDDEN:
        estate.expect(account, region, INSTANCE, arn, f"{policy}--{kind}", verdicts_of(IN_ORDER, policy, kind))


def snapshots(estate, account, region):
    policy = "RDSSnapshotPublic"
    rds = estate.client("rds", account, region)
    for kind in ("good", "bad", "unknown"):
        id_ = f"{policy}-{kind}".lower()
        rds.create_db_snapshot(DBSnapshotIdentifier=id_, DBInstanceIdentifier="rdsmultiazdisabled-good", Tags=tags(account, f"{policy}--{kind}"))
        with_whom = "all" if kind == "bad" else estate.accounts[0]
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=id_, AttributeName="restore", ValuesToAdd=[with_whom])
        if kind == "unknown":
            estate.deny("rds:DescribeDBSnapshotAttributes", account, id_, region)
    # Databases with backups have automated ones as well: those cannot be shared.
    for snapshot in rds.describe_db_snapshots()["DBSnapshots"]:
        kind = snapshot["DBSnapshotIdentifier"].rpartition("-")[2]
        verdicts = {policy: NOT_APPLICABLE} if snapshot["SnapshotType"] == "automated" else verdicts_of({}, policy, kind)
        estate.expect(account, region, SNAPSHOT, snapshot["DBSnapshotArn"], f"{policy}--{kind}", verdicts)


def tags(account, name):
    return [{"Key": "Name", "Value": name}, {"Key": "team", "Value": ("platform", "orders", "web")[account]}]
