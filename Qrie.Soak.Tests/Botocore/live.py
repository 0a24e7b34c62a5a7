"""The same calls by boto3, for comparison with the engine on the same emulator.

    python3 live.py <endpoint> <account>     fills the account, makes the calls twice; one JSON line per call:
        {service, operation, input, expected | code + status, unstable: [paths that differ between the two times]}
"""
import base64
import datetime
import io
import json
import sys
import warnings
import zipfile

import boto3
import botocore.exceptions
from botocore import xform_name
from botocore.config import Config

warnings.filterwarnings("ignore")
ENDPOINT, ACCOUNT = sys.argv[1], sys.argv[2]
REGION = "us-east-1"
QUIET = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=30)


def session():
    first = boto3.Session("testing", "testing", region_name=REGION).client("sts", endpoint_url=ENDPOINT)
    role = first.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/QrieReadOnly-{ACCOUNT}", RoleSessionName="qrie")["Credentials"]
    return boto3.Session(role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"], region_name=REGION)


SESSION = session()
CLIENTS = {}


def client(service):
    if service not in CLIENTS:
        CLIENTS[service] = SESSION.client(service, endpoint_url=ENDPOINT, config=QUIET)
    return CLIENTS[service]


class Empty(dict):
    def __missing__(self, key):
        return Empty()


def do(service, operation, **parameters):
    """Creates something; what the emulator cannot create is missing for both sides."""
    try:
        return getattr(client(service), operation)(**parameters)
    except Exception as e:
        print(f"seed {service}.{operation}: {str(e)[:150]}", file=sys.stderr)
        return Empty()


def seed():
    bucket, role = f"data-{ACCOUNT}", f"arn:aws:iam::{ACCOUNT}:role/role1"
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for name, where in ((bucket, None), (f"dots.{ACCOUNT}", None), (f"eu-{ACCOUNT}", "eu-west-1")):
        do("s3", "create_bucket", Bucket=name, **({"CreateBucketConfiguration": {"LocationConstraint": where}} if where else {}))
    b = {"Bucket": bucket}
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutBucketCORS", "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    do("s3", "put_bucket_policy", **b, Policy=json.dumps(deny))
    do("s3", "put_bucket_encryption", **b, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}, "BucketKeyEnabled": True}]})
    do("s3", "put_bucket_versioning", **b, VersioningConfiguration={"Status": "Enabled"})
    do("s3", "put_bucket_tagging", **b, Tagging={"TagSet": [{"Key": "a", "Value": 'b & <c> "é"'}, {"Key": "e", "Value": ""}]})
    rules = [{"ID": "r1", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}, {"Days": 60, "StorageClass": "DEEP_ARCHIVE"}], "Expiration": {"Days": 100}}]
    do("s3", "put_bucket_lifecycle_configuration", **b, LifecycleConfiguration={"Rules": rules + [{"ID": "r2", "Status": "Enabled", "Filter": {"Prefix": "y"}, "Expiration": {"Days": 10}}]})
    for n in range(9):
        do("s3", "put_object", **b, Key=f"k/{n:03d} sp+é", Body=b"x" * n)
    do("s3", "delete_object", **b, Key="k/003 sp+é")
    do("s3", "put_object", **b, Key="k/003 sp+é", Body=b"again")
    do("s3", "put_public_access_block", **b, PublicAccessBlockConfiguration={"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": True})

    do("ec2", "run_instances", ImageId="ami-12c6146b", MinCount=3, MaxCount=3, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "w"}]}])
    do("ec2", "create_volume", AvailabilityZone="us-east-1a", Size=8, Encrypted=True)
    vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [s["SubnetId"] for s in client("ec2").describe_subnets()["Subnets"]][:2]
    for n in range(3):
        group = do("ec2", "create_security_group", GroupName=f"g{n}", Description="d", VpcId=vpc)["GroupId"]
        do("ec2", "authorize_security_group_ingress", GroupId=group, IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "all"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}])

    for n in range(6):
        do("iam", "create_user", UserName=f"u{n:02d}", Path="/p/" if n % 2 else "/", Tags=[{"Key": "t", "Value": "v"}])
    do("iam", "put_user_policy", UserName="u00", PolicyName="inline", PolicyDocument=policy)
    managed = do("iam", "create_policy", PolicyName="managed", PolicyDocument=policy)["Policy"]["Arn"]
    do("iam", "attach_user_policy", UserName="u00", PolicyArn=managed)
    do("iam", "create_role", RoleName="role1", AssumeRolePolicyDocument=trust)
    do("iam", "create_group", GroupName="group")
    do("iam", "add_user_to_group", GroupName="group", UserName="u01")
    do("iam", "create_access_key", UserName="u00")
    do("iam", "create_login_profile", UserName="u00", Password="Passw0rd!x")

    do("rds", "create_db_instance", DBInstanceIdentifier="db1", Engine="mysql", DBInstanceClass="db.t3.micro", AllocatedStorage=20, MasterUsername="a", MasterUserPassword="passw0rdx", Tags=[{"Key": "a", "Value": "b"}])
    do("rds", "create_db_snapshot", DBInstanceIdentifier="db1", DBSnapshotIdentifier="snap1")
    queue = do("sqs", "create_queue", QueueName="q1")["QueueUrl"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("a.py", "x")
    do("lambda", "create_function", FunctionName="f1", Runtime="python3.12", Role=role, Handler="a.h", Code={"ZipFile": code.getvalue()}, Environment={"Variables": {"K": "V"}}, Tags={"x": "y"})
    do("lambda", "add_permission", FunctionName="f1", StatementId="s", Action="lambda:InvokeFunction", Principal="*")
    key = do("kms", "create_key", Description="d")["KeyMetadata"]["KeyId"]
    do("cloudtrail", "create_trail", Name="trail1", S3BucketName=bucket, IsMultiRegionTrail=True)
    do("cloudtrail", "start_logging", Name="trail1")
    balancer = do("elbv2", "create_load_balancer", Name="lb1", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    target = do("elbv2", "create_target_group", Name="tg", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    do("elbv2", "create_listener", LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
    do("elb", "create_load_balancer", LoadBalancerName="clb", Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}], AvailabilityZones=["us-east-1a"])
    do("dynamodb", "create_table", TableName="tb1", KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
    do("eks", "create_cluster", name="c1", roleArn=role, resourcesVpcConfig={"subnetIds": subnets})
    zone = do("route53", "create_hosted_zone", Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    do("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "a.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "1.2.3.4"}, {"Value": "1.2.3.5"}]}}]})
    distribution = do("cloudfront", "create_distribution", DistributionConfig={
        "CallerReference": "1", "Comment": "", "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}, "TrustedSigners": {"Enabled": False, "Quantity": 0}}})["Distribution"]["Id"]
    do("sns", "create_topic", Name="t")
    do("secretsmanager", "create_secret", Name="s", SecretString="x")
    do("logs", "create_log_group", logGroupName="lg")
    do("cloudwatch", "put_metric_alarm", AlarmName="al", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n", Period=60, Threshold=1.5, Statistic="Sum")
    do("ecs", "create_cluster", clusterName="ec")
    do("ecr", "create_repository", repositoryName="rp")
    api = do("apigateway", "create_rest_api", name="ap")["id"]
    do("cloudformation", "create_stack", StackName="st", TemplateBody=json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "cfq"}}}}))
    do("autoscaling", "create_launch_configuration", LaunchConfigurationName="lc", ImageId="ami-12c6146b", InstanceType="t2.micro")
    do("autoscaling", "create_auto_scaling_group", AutoScalingGroupName="asg", LaunchConfigurationName="lc", MinSize=0, MaxSize=1, AvailabilityZones=["us-east-1a"])
    do("redshift", "create_cluster", ClusterIdentifier="rs", NodeType="dc2.large", MasterUsername="a", MasterUserPassword="Passw0rdx")
    do("efs", "create_file_system", CreationToken="x", Encrypted=True)
    do("elasticache", "create_cache_cluster", CacheClusterId="cc", Engine="redis", NumCacheNodes=1, CacheNodeType="cache.t3.micro")
    do("guardduty", "create_detector", Enable=True)
    do("organizations", "create_organization", FeatureSet="ALL")
    do("acm", "request_certificate", DomainName="example.com")
    do("stepfunctions", "create_state_machine", name="sm", definition="{}", roleArn=role)
    do("ssm", "put_parameter", Name="/p", Value="v", Type="String")
    do("events", "put_rule", Name="er", ScheduleExpression="rate(1 day)")
    do("kinesis", "create_stream", StreamName="ks", ShardCount=1)
    do("glue", "create_database", DatabaseInput={"Name": "d"})
    do("wafv2", "create_web_acl", Name="w", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"})
    do("backup", "create_backup_vault", BackupVaultName="bv")
    do("emr", "run_job_flow", Name="e", Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True})
    do("cognito-idp", "create_user_pool", PoolName="up")
    do("opensearch", "create_domain", DomainName="odm")
    do("mq", "create_broker", BrokerName="b", AutoMinorVersionUpgrade=True, DeploymentMode="SINGLE_INSTANCE", EngineType="ActiveMQ", EngineVersion="5.15", HostInstanceType="mq.t3.micro", PubliclyAccessible=True, Users=[{"Username": "admin", "Password": "adminadminadm1"}])
    do("athena", "create_work_group", Name="wg", Configuration={"EnforceWorkGroupConfiguration": True})
    do("securityhub", "enable_security_hub")
    do("config", "put_configuration_recorder", ConfigurationRecorder={"name": "d", "roleARN": role, "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    do("transfer", "create_server")
    do("sesv2", "create_email_identity", EmailIdentity="a@example.com")
    do("apigatewayv2", "create_api", Name="h", ProtocolType="HTTP")
    do("codebuild", "create_project", name="cb1", source={"type": "S3", "location": f"{bucket}/x"}, artifacts={"type": "NO_ARTIFACTS"}, environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL"}, serviceRole=f"arn:aws:iam::{ACCOUNT}:role/service-role/role1")
    return {"bucket": bucket, "queue": queue, "key": key, "zone": zone, "managed": managed, "balancer": balancer, "distribution": distribution, "api": api, "vpc": vpc}


def calls(x):
    b, now = {"Bucket": x["bucket"]}, datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    other, nowhere = {"Bucket": f"eu-{ACCOUNT}"}, {"Bucket": f"nowhere-{ACCOUNT}"}
    for name in ("Encryption", "Policy", "Acl", "Versioning", "Tagging", "LifecycleConfiguration", "Location", "Logging", "NotificationConfiguration", "Cors", "Website", "Replication", "PolicyStatus", "OwnershipControls", "RequestPayment", "AccelerateConfiguration"):
        yield "s3", "GetBucket" + name, b
    for name in ("Encryption", "Policy", "Versioning", "Location"):
        yield "s3", "GetBucket" + name, other
    yield from [
        ("s3", "ListBuckets", {}), ("s3", "GetBucketPolicy", nowhere), ("s3", "HeadBucket", nowhere), ("s3", "HeadBucket", b), ("s3", "GetBucketTagging", {"Bucket": f"dots.{ACCOUNT}"}),
        ("s3", "GetPublicAccessBlock", b), ("s3", "ListObjectsV2", {**b, "MaxKeys": 7}), ("s3", "ListObjectVersions", b), ("s3", "GetObjectLockConfiguration", b),
        ("sts", "GetCallerIdentity", {}),
        ("ec2", "DescribeInstances", {}), ("ec2", "DescribeInstances", {"Filters": [{"Name": "tag:Name", "Values": ["w", "z"]}], "MaxResults": 5}), ("ec2", "DescribeInstances", {"InstanceIds": ["i-0000000000"]}),
        ("ec2", "DescribeSnapshots", {"OwnerIds": ["self"]}), ("ec2", "GetEbsEncryptionByDefault", {}),
        ("iam", "ListUsers", {}), ("iam", "ListUsers", {"MaxItems": 5, "PathPrefix": "/p/"}), ("iam", "GetAccountSummary", {}), ("iam", "GetAccountAuthorizationDetails", {}),
        ("iam", "GetAccountAuthorizationDetails", {"Filter": ["User", "Role"]}), ("iam", "ListRoles", {}), ("iam", "GetPolicyVersion", {"PolicyArn": x["managed"], "VersionId": "v1"}),
        ("iam", "GetUserPolicy", {"UserName": "u00", "PolicyName": "inline"}), ("iam", "GetAccountPasswordPolicy", {}), ("iam", "GetUser", {"UserName": "missing"}), ("iam", "GetUser", {"UserName": "u00"}),
        ("iam", "ListAccessKeys", {"UserName": "u00"}), ("iam", "GenerateCredentialReport", {}), ("iam", "GetCredentialReport", {}), ("iam", "GetLoginProfile", {"UserName": "u00"}), ("iam", "ListVirtualMFADevices", {}),
        ("rds", "DescribeDBInstances", {}), ("rds", "DescribeDBSnapshots", {"DBInstanceIdentifier": "db1"}), ("rds", "DescribeDBSnapshotAttributes", {"DBSnapshotIdentifier": "snap1"}), ("rds", "DescribeDBInstances", {"DBInstanceIdentifier": "nope"}),
        ("sqs", "GetQueueAttributes", {"QueueUrl": x["queue"], "AttributeNames": ["All"]}), ("sqs", "ListQueues", {}), ("sqs", "GetQueueUrl", {"QueueName": "nope"}),
        ("lambda", "ListFunctions", {}), ("lambda", "GetPolicy", {"FunctionName": "f1"}), ("lambda", "GetFunctionConfiguration", {"FunctionName": "f1"}), ("lambda", "GetFunction", {"FunctionName": "nope"}),
        ("kms", "ListKeys", {}), ("kms", "DescribeKey", {"KeyId": x["key"]}), ("kms", "GetKeyPolicy", {"KeyId": x["key"], "PolicyName": "default"}), ("kms", "DescribeKey", {"KeyId": "nope"}),
        ("cloudtrail", "DescribeTrails", {}), ("cloudtrail", "GetTrailStatus", {"Name": "trail1"}), ("cloudtrail", "GetEventSelectors", {"TrailName": "trail1"}),
        ("elbv2", "DescribeLoadBalancers", {}), ("elbv2", "DescribeLoadBalancerAttributes", {"LoadBalancerArn": x["balancer"]}), ("elbv2", "DescribeListeners", {"LoadBalancerArn": x["balancer"]}), ("elbv2", "DescribeTargetGroups", {}),
        ("elb", "DescribeLoadBalancers", {}), ("dynamodb", "ListTables", {}), ("dynamodb", "DescribeTable", {"TableName": "tb1"}), ("dynamodb", "DescribeTable", {"TableName": "none"}), ("dynamodb", "DescribeContinuousBackups", {"TableName": "tb1"}),
        ("eks", "ListClusters", {}), ("eks", "DescribeCluster", {"name": "c1"}), ("eks", "DescribeCluster", {"name": "zz"}),
        ("route53", "ListHostedZones", {}), ("route53", "GetHostedZone", {"Id": x["zone"]}), ("route53", "ListResourceRecordSets", {"HostedZoneId": x["zone"]}),
        ("cloudfront", "ListDistributions", {}), ("cloudfront", "GetDistributionConfig", {"Id": x["distribution"]}),
        ("ecs", "DescribeClusters", {"clusters": ["ec"]}), ("apigateway", "GetRestApis", {}), ("apigateway", "GetResources", {"restApiId": x["api"], "embed": ["methods"]}),
        ("cloudformation", "DescribeStacks", {}), ("cloudformation", "GetTemplate", {"StackName": "st"}), ("organizations", "DescribeOrganization", {}), ("organizations", "ListAccounts", {}),
        ("wafv2", "ListWebACLs", {"Scope": "REGIONAL"}), ("emr", "ListClusters", {"CreatedAfter": now - datetime.timedelta(days=1)}), ("cognito-idp", "ListUserPools", {"MaxResults": 10}),
        ("opensearch", "DescribeDomains", {"DomainNames": ["odm"]}), ("codebuild", "BatchGetProjects", {"names": ["cb1"]}),
        ("cloudwatch", "GetMetricStatistics", {"Namespace": "n", "MetricName": "m", "StartTime": now - datetime.timedelta(hours=1), "EndTime": now, "Period": 60, "Statistics": ["Sum"]}),
    ]
    for operation in ("SecurityGroups", "SecurityGroupRules", "Volumes", "Vpcs", "Subnets", "RouteTables", "NetworkAcls", "Regions", "NetworkInterfaces", "FlowLogs", "KeyPairs", "InternetGateways"):
        yield "ec2", "Describe" + operation, {}
    for call in (
            "sns:ListTopics secretsmanager:ListSecrets logs:DescribeLogGroups cloudwatch:DescribeAlarms ecs:ListClusters ecr:DescribeRepositories autoscaling:DescribeAutoScalingGroups redshift:DescribeClusters"
            " efs:DescribeFileSystems elasticache:DescribeCacheClusters guardduty:ListDetectors acm:ListCertificates stepfunctions:ListStateMachines ssm:DescribeParameters events:ListRules kinesis:ListStreams"
            " backup:ListBackupVaults mq:ListBrokers athena:ListWorkGroups securityhub:DescribeHub config:DescribeConfigurationRecorders transfer:ListServers sesv2:ListEmailIdentities apigatewayv2:GetApis"
            " resourcegroupstaggingapi:GetResources glue:GetDatabases").split():
        yield *call.split(":"), {}


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "read"):
        return base64.b64encode(value.read()).decode()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "ResponseMetadata"}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value


def ask(service, operation, parameters):
    try:
        return {"expected": plain(getattr(client(service), xform_name(operation))(**parameters))}
    except botocore.exceptions.ClientError as e:
        return {"code": e.response["Error"]["Code"], "status": e.response["ResponseMetadata"]["HTTPStatusCode"]}


def differing(a, b, path="$"):
    if isinstance(a, dict) and isinstance(b, dict):
        return [p for k in a.keys() | b.keys() for p in (differing(a[k], b[k], f"{path}.{k}") if k in a and k in b else [f"{path}.{k}"])]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [p for i, (x, y) in enumerate(zip(a, b)) for p in differing(x, y, f"{path}[{i}]")]
    return [] if a == b else [path]


def main():
    known = seed()
    every = list(calls(known))
    first = [ask(*call) for call in every]
    second = [ask(*call) for call in every]
    for (service, operation, parameters), a, b in zip(every, first, second):
        unstable = differing(a.get("expected"), b.get("expected"))
        print(json.dumps({"service": service, "operation": operation, "input": plain(parameters), **b, "unstable": unstable}))


main()
