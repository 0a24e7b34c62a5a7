"""Databases, clusters and their snapshots. Most attributes are returned by lists, which are denied in the third account's second region.

Identifiers must not hold two hyphens in a row: the tag Name tells the variant.
"""
from model import FAIL, NOT_APPLICABLE, PASS, stage_of, verdicts_of

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
SNAPSHOT, CLUSTER_SNAPSHOT = "AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot"
IN_ORDER = {
    "RDSDefaultAdminName": PASS,
    "RDSDefaultPort": PASS,
    "RDSEnhancedMonitoringDisabled": PASS,
    "RDSAutoMinorVersionUpgradeDisabled": PASS,
    "RDSBackupDisabled": PASS,
    "RDSCopyTagsToSnapshotDisabled": PASS,
    "RDSIamAuthenticationDisabled": PASS,
    "RDSLogExportsDisabled": PASS,
    "RDSDeletionProtectionDisabled": PASS,
    "RDSMultiAZDisabled": PASS,
    "RDSPublicAccess": PASS,
    "RDSUnencryptedStorage": PASS,
}
MADE = {
    "MasterUsername": "owner", "Port": 15432,
    "AutoMinorVersionUpgrade": True, "BackupRetentionPeriod": 14, "CopyTagsToSnapshot": True, "DeletionProtection": True,
    "EnableCloudwatchLogsExports": ["postgresql", "upgrade"], "EnableIAMDatabaseAuthentication": True, "MultiAZ": True, "PubliclyAccessible": False,
    "StorageEncrypted": True,
}
# The bad variants by region.
DIFFERENT = {
    "RDSDefaultAdminName": [{"MasterUsername": "postgres"}, {"MasterUsername": "admin"}],
    "RDSDefaultPort": [{"Port": 5432}] * 2,
    # Told by the proxy.
    "RDSEnhancedMonitoringDisabled": [{}] * 2,
    "RDSAutoMinorVersionUpgradeDisabled": [{"AutoMinorVersionUpgrade": False}] * 2,
    "RDSBackupDisabled": [{"BackupRetentionPeriod": 0}, {"BackupRetentionPeriod": 3}],
    "RDSCopyTagsToSnapshotDisabled": [{"CopyTagsToSnapshot": False}] * 2,
    "RDSIamAuthenticationDisabled": [{"EnableIAMDatabaseAuthentication": False}] * 2,
    "RDSLogExportsDisabled": [{"EnableCloudwatchLogsExports": []}, {"EnableCloudwatchLogsExports": ["upgrade"]}],
    "RDSDeletionProtectionDisabled": [{"DeletionProtection": False}] * 2,
    "RDSMultiAZDisabled": [{"MultiAZ": False}] * 2,
    "RDSPublicAccess": [{"PubliclyAccessible": True}] * 2,
    "RDSUnencryptedStorage": [{"StorageEncrypted": False}] * 2,
}
CLUSTER_IN_ORDER = {
    "RDSClusterBacktrackDisabled": NOT_APPLICABLE,
    "RDSClusterDefaultAdminName": PASS,
    "RDSClusterDefaultPort": PASS,
    "RDSClusterLogExportsDisabled": PASS,
    "RDSClusterAutoMinorVersionUpgradeDisabled": PASS,
    "RDSClusterBackupRetentionShort": PASS,
    "RDSClusterCopyTagsToSnapshotDisabled": PASS,
    "RDSClusterIamAuthenticationDisabled": PASS,
    "RDSClusterDeletionProtectionDisabled": PASS,
    "RDSClusterSingleAZ": PASS,
    "RDSClusterUnencryptedStorage": PASS,
}
CLUSTER_MADE = {
    "MasterUsername": "owner", "Port": 15432, "EnableCloudwatchLogsExports": ["postgresql"],
    "BackupRetentionPeriod": 14, "CopyTagsToSnapshot": True, "DeletionProtection": True, "EnableIAMDatabaseAuthentication": True, "Engine": "aurora-postgresql",
    "StorageEncrypted": True,
}
# For Multi-AZ clusters the emulator knows no IAM authentication.
MULTI_AZ = {
    "EnableIAMDatabaseAuthentication": False, "Engine": "postgres", "DBClusterInstanceClass": "db.m5d.large", "AllocatedStorage": 100, "StorageType": "io1", "Iops": 1000,
    "AutoMinorVersionUpgrade": True,
}
MYSQL = {"Engine": "aurora-mysql", "BacktrackWindow": 86400, "EnableCloudwatchLogsExports": ["audit"]}
CLUSTER_DIFFERENT = {
    "RDSClusterBacktrackDisabled": {"BacktrackWindow": 0},
    "RDSClusterDefaultAdminName": {"MasterUsername": "postgres"},
    "RDSClusterDefaultPort": {"Port": 5432},
    "RDSClusterLogExportsDisabled": {"EnableCloudwatchLogsExports": []},
    "RDSClusterAutoMinorVersionUpgradeDisabled": {"AutoMinorVersionUpgrade": False},
    "RDSClusterBackupRetentionShort": {"BackupRetentionPeriod": 3},
    "RDSClusterCopyTagsToSnapshotDisabled": {"CopyTagsToSnapshot": False},
    "RDSClusterIamAuthenticationDisabled": {"EnableIAMDatabaseAuthentication": False},
    "RDSClusterSingleAZ": {},
    "RDSClusterDeletionProtectionDisabled": {"DeletionProtection": False},
    "RDSClusterUnencryptedStorage": {"StorageEncrypted": False},
}
SHARED = {"RDSSnapshotPublic": PASS, "RDSSnapshotUnencrypted": PASS}
CLUSTER_SHARED = {"RDSClusterSnapshotPublic": PASS, "RDSClusterSnapshotUnencrypted": PASS}
SUBSCRIPTION, PROXY = "AWS::RDS::EventSubscription", "AWS::RDS::DBProxy"
# What subscriptions are about, and the events that a complete one tells.
SUBSCRIPTIONS = {
    "RDSEventSubscriptionClusterIncomplete": ("db-cluster", ["maintenance", "failure"]),
    "RDSEventSubscriptionInstanceIncomplete": ("db-instance", ["maintenance", "configuration change", "failure"]),
    "RDSEventSubscriptionParameterGroupIncomplete": ("db-parameter-group", ["configuration change"]),
    "RDSEventSubscriptionSecurityGroupIncomplete": ("db-security-group", ["configuration change", "failure"]),
}
SUBSCRIBED = dict.fromkeys(SUBSCRIPTIONS, NOT_APPLICABLE)
TLS = "RDSProxyPlainConnectionsAllowed"
HIDDEN = (2, 1)
KINDS = ("good", "bad", "unknown")


def build(estate):
    estate.proxies = {}
    for account, region in estate.cells():
        hidden = (account, region) == HIDDEN
        for kind in KINDS if hidden else KINDS[:2]:
            for policy, changes in DIFFERENT.items():
                estate.at(stage_of(policy, kind, account), variant, estate, account, region, policy, kind, {} if kind == "good" else changes[region])
            for policy, changed in CLUSTER_DIFFERENT.items():
                estate.at(stage_of(policy, kind, account), cluster, estate, account, region, policy, kind, {} if kind == "good" else changed)
        for kind in KINDS:
            estate.at(stage_of("RDSSnapshotPublic", kind, account), shared, estate, account, region, kind)
            estate.at(stage_of("RDSClusterSnapshotPublic", kind, account), shared_of_cluster, estate, account, region, kind)
        for kind in KINDS if hidden else KINDS[:2]:
            estate.at(
                max(stage_of("RDSClusterSnapshotUnencrypted", kind, account), stage_of("RDSClusterUnencryptedStorage", kind, account)), unencrypted_of_cluster,
                estate, account, region, kind)
            estate.at(max(stage_of("RDSSnapshotUnencrypted", kind, account), stage_of("RDSUnencryptedStorage", kind, account)), unencrypted, estate, account, region, kind)
        estate.proxies[account, region] = []
        for kind in ("unknown",) if hidden else KINDS[:2]:
            for policy in SUBSCRIPTIONS:
                estate.at(stage_of(policy, kind, account), subscription, estate, account, region, policy, kind)
            estate.at(stage_of(TLS, kind, account), proxy, estate, account, region, kind)
        if not hidden:
            estate.answer_xml("rds:DescribeDBProxies", account, lambda cell=(account, region): proxies(estate, cell), region=region)
        # The emulator does not store the monitoring interval.
        estate.edit(
            "rds:DescribeDBInstances", account, r"(<DBInstanceIdentifier>(?!rdsenhancedmonitoringdisabled-bad)[^<]*</DBInstanceIdentifier>)",
            "${1}<MonitoringInterval>60</MonitoringInterval>", region=region)
        # The emulator reports every cluster without instances as single-AZ.
        estate.edit(
            "rds:DescribeDBClusters", account, r"(<DBCluster>(?:(?!</DBCluster>|rdsclustersingleaz-bad).)*?<MultiAZ>)false", "${1}true", region=region)
        # A snapshot for which AWS does not return the encryption.
        estate.edit(
            "rds:DescribeDBClusterSnapshots", account,
            r"(<DBClusterSnapshotIdentifier>rdsclustersnapshotunencrypted-unknown<(?:(?!</DBClusterSnapshot>).)*?)<StorageEncrypted>\w+</StorageEncrypted>", "${1}",
            region=region)
    for call, type_name in (("DBInstances", INSTANCE), ("DBClusters", CLUSTER), ("DBSnapshots", SNAPSHOT), ("EventSubscriptions", SUBSCRIPTION), ("DBProxies", PROXY)):
        estate.deny_list(f"rds:Describe{call}", HIDDEN[0], [type_name], region=HIDDEN[1])


def variant(estate, account, region, policy, kind, changed):
    instance(estate, account, region, f"{policy}--{kind}", changed, verdicts_of(IN_ORDER, policy, kind))


def instance(estate, account, region, name, changed, verdicts):
    rds = estate.client("rds", account, region)
    id_ = identifier(name)
    rds.create_db_instance(
        DBInstanceIdentifier=id_, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
        MasterUserPassword="not-a-secret", Tags=tags(account, name), **{**MADE, **changed})
    estate.expect(account, region, INSTANCE, rds.describe_db_instances(DBInstanceIdentifier=id_)["DBInstances"][0]["DBInstanceArn"], name, verdicts)
    expect_automated(estate, account, region, id_, name)


def expect_automated(estate, account, region, id_, name):
    """Databases with backups have automated snapshots, which cannot be shared and are encrypted like the database."""
    for made in estate.client("rds", account, region).describe_db_snapshots(DBInstanceIdentifier=id_)["DBSnapshots"]:
        estate.expect(account, region, SNAPSHOT, made["DBSnapshotArn"], name, dict.fromkeys(SHARED, NOT_APPLICABLE))


def cluster(estate, account, region, policy, kind, changed):
    rds = estate.client("rds", account, region)
    name = f"{policy}--{kind}"
    id_ = identifier(name)
    kept, also = (MYSQL, {}) if policy == "RDSClusterBacktrackDisabled" else (MULTI_AZ, {"RDSClusterIamAuthenticationDisabled": FAIL}) if policy == "RDSClusterAutoMinorVersionUpgradeDisabled" else ({}, {})
    made = rds.create_db_cluster(
        DBClusterIdentifier=id_, MasterUserPassword="not-a-secret", Tags=tags(account, name),
        **{**CLUSTER_MADE, **kept, **changed})["DBCluster"]
    estate.expect(account, region, CLUSTER, made["DBClusterArn"], name, verdicts_of(CLUSTER_IN_ORDER, policy, kind, also))
    for automated in rds.describe_db_cluster_snapshots(DBClusterIdentifier=id_)["DBClusterSnapshots"]:
        estate.expect(account, region, CLUSTER_SNAPSHOT, automated["DBClusterSnapshotArn"], name, dict.fromkeys(CLUSTER_SHARED, NOT_APPLICABLE))


def shared(estate, account, region, kind):
    policy = "RDSSnapshotPublic"
    id_ = snapshot(estate, account, region, policy, kind, "rdsmultiazdisabled-good", SHARED)
    with_whom = "all" if kind == "bad" else estate.accounts[0]
    estate.client("rds", account, region).modify_db_snapshot_attribute(DBSnapshotIdentifier=id_, AttributeName="restore", ValuesToAdd=[with_whom])
    if kind == "unknown":
        estate.deny("rds:DescribeDBSnapshotAttributes", account, id_, region)


def unencrypted(estate, account, region, kind):
    snapshot(estate, account, region, "RDSSnapshotUnencrypted", kind, f"rdsunencryptedstorage-{kind}", SHARED)


def snapshot(estate, account, region, policy, kind, of, base):
    name = f"{policy}--{kind}"
    made = estate.client("rds", account, region).create_db_snapshot(
        DBSnapshotIdentifier=identifier(name), DBInstanceIdentifier=of, Tags=tags(account, name))["DBSnapshot"]
    estate.expect(account, region, SNAPSHOT, made["DBSnapshotArn"], name, verdicts_of(base, policy, kind))
    return made["DBSnapshotIdentifier"]


def shared_of_cluster(estate, account, region, kind):
    policy = "RDSClusterSnapshotPublic"
    id_ = snapshot_of_cluster(estate, account, region, policy, kind, "rdsclusterunencryptedstorage-good")
    with_whom = "all" if kind == "bad" else estate.accounts[0]
    estate.client("rds", account, region).modify_db_cluster_snapshot_attribute(DBClusterSnapshotIdentifier=id_, AttributeName="restore", ValuesToAdd=[with_whom])
    if kind == "unknown":
        estate.deny("rds:DescribeDBClusterSnapshotAttributes", account, id_, region)


def unencrypted_of_cluster(estate, account, region, kind):
    cluster_kind = "bad" if kind == "bad" else "good"
    snapshot_of_cluster(estate, account, region, "RDSClusterSnapshotUnencrypted", kind, f"rdsclusterunencryptedstorage-{cluster_kind}")


def snapshot_of_cluster(estate, account, region, policy, kind, of):
    name = f"{policy}--{kind}"
    made = estate.client("rds", account, region).create_db_cluster_snapshot(
        DBClusterSnapshotIdentifier=identifier(name), DBClusterIdentifier=of, Tags=tags(account, name))["DBClusterSnapshot"]
    estate.expect(account, region, CLUSTER_SNAPSHOT, made["DBClusterSnapshotArn"], name, verdicts_of(CLUSTER_SHARED, policy, kind))
    return made["DBClusterSnapshotIdentifier"]


def subscription(estate, account, region, policy, kind):
    source, categories = SUBSCRIPTIONS[policy]
    name = f"{policy}--{kind}"
    made = estate.client("rds", account, region).create_event_subscription(
        SubscriptionName=identifier(name), SnsTopicArn=f"arn:aws:sns:{estate.regions[region]}:{estate.accounts[account]}:databases", SourceType=source,
        EventCategories=categories if kind == "good" else ["deletion"], Enabled=True, Tags=tags(account, name))["EventSubscription"]
    estate.expect(account, region, SUBSCRIPTION, made["EventSubscriptionArn"], name, verdicts_of(SUBSCRIBED, policy, kind))


def proxy(estate, account, region, kind):
    """The emulator's proxies want networks that are of no interest here."""
    name = f"{TLS}--{kind}"
    arn = f"arn:aws:rds:{estate.regions[region]}:{estate.accounts[account]}:db-proxy:prx-{kind}"
    estate.proxies[account, region].append(
        f"<member><DBProxyName>{identifier(name)}</DBProxyName><DBProxyArn>{arn}</DBProxyArn><Status>available</Status><EngineFamily>POSTGRESQL</EngineFamily>"
        f"<RequireTLS>{str(kind == 'good').lower()}</RequireTLS></member>")
    estate.answer_xml("rds:ListTagsForResource", account, "<ListTagsForResourceResponse><ListTagsForResourceResult><TagList><Tag><Key>Name</Key>"
                      f"<Value>{name}</Value></Tag></TagList></ListTagsForResourceResult></ListTagsForResourceResponse>", resource=arn, region=region)
    estate.expect(account, region, PROXY, arn, name, verdicts_of({}, TLS, kind))


def proxies(estate, cell):
    told = "".join(estate.proxies[cell])
    return f"<DescribeDBProxiesResponse><DescribeDBProxiesResult><DBProxies>{told}</DBProxies></DescribeDBProxiesResult></DescribeDBProxiesResponse>"


def identifier(name):
    return name.replace("--", "-").lower()


def tags(account, name):
    return [{"Key": "Name", "Value": name}, {"Key": "team", "Value": ("platform", "orders", "web")[account]}]
