"""The changes of the demo with --demo-events: each step is a call to AWS and its CloudTrail record. At the end the initial state is restored."""
import datetime

from botocore import xform_name

US, EU = "us-east-1", "eu-west-1"
PLATFORM, SHOP, STAGING = "123456789012", "210987654321", "310987654321"
BUCKET, USER, DATABASE = "shop-exports-210987654321", "holiday-cover", "checkout-trial"
ADMINISTRATOR = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
SSH = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


class Changes:
    """client(account, service, region) is a boto3 client. ids are those of created resources, by which relevant calls are recognized."""

    def __init__(self, client):
        self.client = client
        self.ids = {BUCKET, USER, DATABASE}
        self.made = {}

    def steps(self):
        """Yields (account, region, source, name, requestParameters, responseElements) of every step after its execution."""
        for account, region, service, calls in (
            (SHOP, US, "s3", self._bucket()), (SHOP, US, "iam", self._user()), (PLATFORM, EU, "ec2", self._network()), (STAGING, EU, "rds", self._database()),
            (PLATFORM, EU, "ec2", self._network_undone()), (STAGING, EU, "rds", self._database_undone()), (SHOP, US, "iam", self._user_undone()), (SHOP, US, "s3", self._bucket_undone()),
        ):
            for name, arguments, parameters, told in calls:
                client = self.client(account, service, region)
                answer = getattr(client, xform_name(name))(**arguments())
                elements = told(answer) if told else None
                yield account, region, f"{service}.amazonaws.com", CLOUDTRAIL.get(name, name), parameters(), elements

    def _made(self, key, value):
        self.made[key] = value
        self.ids.add(value)
        return value

    def _bucket(self):
        bucket = lambda **more: lambda: {"bucketName": BUCKET, "Host": f"{BUCKET}.s3.amazonaws.com", **more}
        yield "CreateBucket", lambda: {"Bucket": BUCKET}, bucket(), None
        yield "PutBucketVersioning", lambda: {"Bucket": BUCKET, "VersioningConfiguration": {"Status": "Enabled"}}, bucket(versioning=""), None
        yield "PutPublicAccessBlock", lambda: {"Bucket": BUCKET, "PublicAccessBlockConfiguration": BLOCKED}, bucket(publicAccessBlock=""), None

    def _bucket_undone(self):
        yield "DeleteBucket", lambda: {"Bucket": BUCKET}, lambda: {"bucketName": BUCKET, "Host": "s3.amazonaws.com"}, None

    def _user(self):
        yield "CreateUser", lambda: {"UserName": USER}, lambda: {"userName": USER}, lambda a: {"user": {"userName": USER, "arn": a["User"]["Arn"]}}
        put = lambda: {"UserName": USER, "PolicyName": "everything", "PolicyDocument": ADMINISTRATOR}
        yield "PutUserPolicy", put, lambda: {"userName": USER, "policyName": "everything", "policyDocument": ADMINISTRATOR}, None

    def _user_undone(self):
        delete = lambda: {"UserName": USER, "PolicyName": "everything"}
        yield "DeleteUserPolicy", delete, lambda: {"userName": USER, "policyName": "everything"}, None
        yield "DeleteUser", lambda: {"UserName": USER}, lambda: {"userName": USER}, None

    def _network(self):
        yield ("CreateVpc", lambda: {"CidrBlock": "10.77.0.0/16"}, lambda: {"cidrBlock": "10.77.0.0/16", "instanceTenancy": "default"},
               lambda a: {"vpc": {"vpcId": self._made("vpc", a["Vpc"]["VpcId"]), "state": "pending"}})
        yield ("CreateSecurityGroup", lambda: {"GroupName": "trial", "Description": "trial", "VpcId": self.made["vpc"]},
               lambda: {"groupName": "trial", "groupDescription": "trial", "vpcId": self.made["vpc"]}, lambda a: {"_return": True, "groupId": self._made("group", a["GroupId"])})
        rule = lambda: {"GroupId": self.made["group"], "IpPermissions": SSH}
        yield "AuthorizeSecurityGroupIngress", rule, lambda: {"groupId": self.made["group"]}, lambda a: {"_return": True}
        yield ("CreateVolume", lambda: {"Size": 20, "AvailabilityZone": EU + "a"}, lambda: {"size": "20", "zone": EU + "a"},
               lambda a: {"volumeId": self._made("volume", a["VolumeId"]), "status": "creating"})

    def _network_undone(self):
        rule = lambda: {"GroupId": self.made["group"], "IpPermissions": SSH}
        yield "RevokeSecurityGroupIngress", rule, lambda: {"groupId": self.made["group"]}, lambda a: {"_return": True}
        yield "DeleteVolume", lambda: {"VolumeId": self.made["volume"]}, lambda: {"volumeId": self.made["volume"]}, lambda a: {"_return": True}
        yield "DeleteSecurityGroup", lambda: {"GroupId": self.made["group"]}, lambda: {"groupId": self.made["group"]}, lambda a: {"_return": True}
        yield "DeleteVpc", lambda: {"VpcId": self.made["vpc"]}, lambda: {"vpcId": self.made["vpc"]}, lambda a: {"_return": True}

    def _database(self):
        made = {"DBInstanceIdentifier": DATABASE, "DBInstanceClass": "db.t3.micro", "Engine": "postgres", "MasterUsername": "checkout", "MasterUserPassword": "not-a-secret-1",
                "AllocatedStorage": 20, "PubliclyAccessible": True, "BackupRetentionPeriod": 1}
        yield ("CreateDBInstance", lambda: made, lambda: {"dBInstanceIdentifier": DATABASE, "engine": "postgres", "publiclyAccessible": True},
               lambda a: {"dBInstanceIdentifier": DATABASE, "dBInstanceStatus": "creating"})
        kept = {"DBInstanceIdentifier": DATABASE, "BackupRetentionPeriod": 14, "DeletionProtection": False, "PubliclyAccessible": False, "MultiAZ": True, "ApplyImmediately": True}
        yield ("ModifyDBInstance", lambda: kept, lambda: {"dBInstanceIdentifier": DATABASE, "backupRetentionPeriod": 14, "publiclyAccessible": False, "multiAZ": True},
               lambda a: {"dBInstanceIdentifier": DATABASE, "dBInstanceStatus": "available"})

    def _database_undone(self):
        yield ("DeleteDBInstance", lambda: {"DBInstanceIdentifier": DATABASE, "SkipFinalSnapshot": True}, lambda: {"dBInstanceIdentifier": DATABASE, "skipFinalSnapshot": True},
               lambda a: {"dBInstanceIdentifier": DATABASE, "dBInstanceStatus": "deleting"})


# CloudTrail's names that differ from the API's.
CLOUDTRAIL = {"PutPublicAccessBlock": "PutBucketPublicAccessBlock"}


def envelope(number, account, region, source, name, parameters, elements):
    """The record in EventBridge's envelope."""
    return {
        "version": "0", "id": f"demo-{number}", "detail-type": "AWS API Call via CloudTrail", "source": "aws." + source.split(".")[0], "account": account, "region": region, "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": {"type": "AssumedRole", "arn": f"arn:aws:sts::{account}:assumed-role/Developer/ann", "accountId": account},
            "eventSource": source, "eventName": name, "awsRegion": region, "sourceIPAddress": "192.0.2.10", "userAgent": "aws-cli/2.15.0",
            "requestParameters": parameters, "responseElements": elements, "eventID": f"demo-{number}", "readOnly": False, "eventType": "AwsApiCall",
            "managementEvent": True, "recipientAccountId": account, "eventCategory": "Management",
        },
    }


def stamped(message):
    """The same, with the current time."""
    time = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {**message, "time": time, "detail": {**message["detail"], "eventTime": time}}
