"""Resources that were non-compliant for a while and were fixed or deleted before the last stage. Fixed ones must finally pass all policies."""
import ec2
import iam
import rds
import s3
from model import PASS

UNBLOCKED = {"block": None, "policy": s3.ANYONE}
# (name, account, region, stages of creation and of the fix or deletion, violations)
MENDED_BUCKETS = [
    ("press-kit", 1, 0, 0, 2, UNBLOCKED),
    ("invoices", 1, 1, 0, 1, {"encryption": None}),
    ("orders-export", 1, 0, 1, 3, {"encryption": None, "versioning": None}),
    ("build-cache", 0, 0, 0, 3, {"versioning": "Suspended"}),
    ("audit-reports", 0, 1, 1, 2, {"logging": False}),
]
DELETED_BUCKETS = [
    ("campaign", 1, 0, 0, 3, {"acl": "public-read", "block": None}),
    ("load-test", 1, 1, 1, 2, {"encryption": None, "versioning": None, "logging": False}),
    ("migration", 0, 0, 0, 4, {"encryption": None}),
]


def build(estate):
    for name, account, region, comes, ends, wrong in MENDED_BUCKETS:
        estate.at(comes, bucket, estate, account, region, name, wrong)
        estate.at(ends, fix_bucket, estate, account, region, name)
    for name, account, region, comes, ends, wrong in DELETED_BUCKETS:
        estate.at(comes, bucket, estate, account, region, name, wrong)
        estate.at(ends, delete_bucket, estate, account, region, name)
    for (account, region), network in estate.networks.items():
        if (account + region) % 2 == 0:
            Machines(estate, account, region, network).build()
    for account, comes, ends in ((0, 0, 2), (1, 1, 3)):
        estate.at(comes, consultant, estate, account)
        estate.at(ends, consultant_leaves, estate, account)
    for account, region, comes, ends in ((0, 0, 0, 2), (1, 1, 0, 3), (1, 0, 1, 4)):
        estate.at(comes, reporting, estate, account, region)
        estate.at(ends, fix_reporting, estate, account, region)


def bucket(estate, account, region, name, wrong):
    s3.create(estate, account, region, full(estate, account, name), {**s3.MADE, **wrong})


def fix_bucket(estate, account, region, name):
    client, name = estate.client("s3", account, region), full(estate, account, name)
    client.delete_bucket_policy(Bucket=name)
    s3.configure(estate, account, region, name, s3.MADE)
    estate.expect(account, region, s3.BUCKET, f"arn:aws:s3:::{name}", name, s3.IN_ORDER)


def delete_bucket(estate, account, region, name):
    estate.client("s3", account, region).delete_bucket(Bucket=full(estate, account, name))


def full(estate, account, name):
    return f"{name}-{estate.accounts[account]}"


class Machines:
    """A group that was open, a deleted instance and volume, a network whose flow logs were added later."""

    def __init__(self, estate, account, region, network):
        self.estate, self.network, self.ec2 = estate, network, network.ec2
        self.comes, self.ends = ((0, 2), (0, 3), (1, 3))[account]
        self.bastion = self.instance = self.volume = self.vpc = None

    def build(self):
        self.estate.at(self.comes, self.begin)
        self.estate.at(self.ends, self.end)

    def begin(self):
        network, name = self.network, "bastion"
        self.bastion = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=network.main)["GroupId"]
        network.name(self.bastion, name)
        self.ec2.authorize_security_group_ingress(GroupId=self.bastion, IpPermissions=[ec2.SSH_FROM_ANYWHERE])
        self.vpc = self.ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        network.name(self.vpc, "analytics")
        run = self.ec2.run_instances(
            ImageId=network.image, MinCount=1, MaxCount=1, InstanceType="t3.micro", MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "enabled"},
            NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": network.subnet, "Groups": [network.group], "AssociatePublicIpAddress": True}],
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": False, "DeleteOnTermination": True}}])
        self.instance = run["Instances"][0]["InstanceId"]
        network.name(self.instance, "legacy-web")
        self.volume = network.volume("scratch", encrypted=False)

    def end(self):
        network = self.network
        self.ec2.revoke_security_group_ingress(GroupId=self.bastion, IpPermissions=[ec2.SSH_FROM_ANYWHERE])
        network.expect("AWS::EC2::SecurityGroup", self.bastion, "bastion", ec2.GROUP)
        network.flow_logs(self.vpc)
        network.expect("AWS::EC2::VPC", self.vpc, "analytics", ec2.VPC)
        network.close(network.default_group(self.vpc))
        network.expect("AWS::EC2::SecurityGroup", network.default_group(self.vpc), "analytics", ec2.DEFAULT_GROUP)
        self.ec2.terminate_instances(InstanceIds=[self.instance])
        self.ec2.delete_volume(VolumeId=self.volume)


def consultant(estate, account):
    """A user without MFA and with all permissions."""
    client = estate.client("iam", account)
    client.create_user(UserName="consultant")
    client.create_login_profile(UserName="consultant", Password="Correct-horse-1-battery")
    client.put_user_policy(UserName="consultant", PolicyName="everything", PolicyDocument=iam.ADMIN)


def consultant_leaves(estate, account):
    client = estate.client("iam", account)
    client.delete_login_profile(UserName="consultant")
    client.delete_user_policy(UserName="consultant", PolicyName="everything")
    client.delete_user(UserName="consultant")


def reporting(estate, account, region):
    """A database with several violations."""
    name = "reporting"
    estate.client("rds", account, region).create_db_instance(
        DBInstanceIdentifier=name, DBInstanceClass="db.t3.medium", Engine="postgres", AllocatedStorage=20,
        MasterUserPassword="not-a-secret", Tags=rds.tags(account, name),
        **{**rds.MADE, "MultiAZ": False, "PubliclyAccessible": True, "DeletionProtection": False})


def fix_reporting(estate, account, region):
    client = estate.client("rds", account, region)
    client.modify_db_instance(DBInstanceIdentifier="reporting", MultiAZ=True, PubliclyAccessible=False, DeletionProtection=True, ApplyImmediately=True)
    made = client.describe_db_instances(DBInstanceIdentifier="reporting")["DBInstances"][0]
    estate.expect(account, region, rds.INSTANCE, made["DBInstanceArn"], "reporting", dict.fromkeys(rds.IN_ORDER, PASS))
    rds.expect_automated(estate, account, region, "reporting", "reporting")
