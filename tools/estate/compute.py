"""Functions, launch configurations and Auto Scaling groups."""
import io
import json
import zipfile

import ec2
import iam
from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

FUNCTION, GROUP, LAUNCH = "AWS::Lambda::Function", "AWS::AutoScaling::AutoScalingGroup", "AWS::AutoScaling::LaunchConfiguration"
FUNCTION_IN_ORDER = {
    "LambdaFunctionEnvironmentWithoutOwnKey": PASS, "LambdaFunctionNotInVpc": PASS, "LambdaFunctionPublic": PASS, "LambdaFunctionRuntimeDeprecated": PASS,
    "LambdaFunctionSecretsInEnvironment": PASS, "LambdaFunctionSingleZone": PASS, "LambdaFunctionTracingDisabled": PASS, "LambdaFunctionUrlCorsOpen": PASS,
    "LambdaFunctionUrlPublic": PASS,
}
GROUP_IN_ORDER = {
    "AutoScalingGroupHealthCheckNotOfLoadBalancer": PASS, "AutoScalingGroupSingleInstanceType": PASS, "AutoScalingGroupSingleZone": PASS,
    "AutoScalingGroupWithoutLaunchTemplate": PASS,
}
LAUNCH_IN_ORDER = {"LaunchConfigurationIMDSv1Enabled": PASS, "LaunchConfigurationPublicIP": PASS, "LaunchConfigurationSecretsInUserData": PASS}
# The difference of a bad variant, and other affected verdicts.
FUNCTIONS = {
    "LambdaFunctionEnvironmentWithoutOwnKey": ({}, {}),
    "LambdaFunctionNotInVpc": ({"VpcConfig": None}, {"LambdaFunctionSingleZone": NOT_APPLICABLE}),
    "LambdaFunctionPublic": ({"public": True}, {}),
    "LambdaFunctionRuntimeDeprecated": ({"Runtime": "python3.8"}, {}),
    "LambdaFunctionSecretsInEnvironment": ({"Environment": {"Variables": {"DB_PASSWORD": "not-a-secret"}}}, {}),
    "LambdaFunctionSingleZone": ({"zones": 1}, {}),
    "LambdaFunctionTracingDisabled": ({"TracingConfig": {"Mode": "PassThrough"}}, {}),
    "LambdaFunctionUrlCorsOpen": ({"url": {"AuthType": "AWS_IAM", "Cors": {"AllowOrigins": ["*"]}}}, {}),
    "LambdaFunctionUrlPublic": ({"url": {"AuthType": "NONE"}}, {}),
}
GROUPS = {
    "AutoScalingGroupHealthCheckNotOfLoadBalancer": ({"HealthCheckType": "EC2"}, {}),
    "AutoScalingGroupSingleInstanceType": ({"types": 1}, {}),
    "AutoScalingGroupSingleZone": ({"zones": 1}, {"AutoScalingGroupSingleInstanceType": FAIL}),
    "AutoScalingGroupWithoutLaunchTemplate": ({"types": 0}, {"AutoScalingGroupSingleInstanceType": FAIL}),
}
LAUNCHES = {
    "LaunchConfigurationIMDSv1Enabled": {"MetadataOptions": {"HttpTokens": "optional"}},
    "LaunchConfigurationPublicIP": {"AssociatePublicIpAddress": True},
    "LaunchConfigurationSecretsInUserData": {"UserData": "export PASSWORD=correct-horse-battery"},
}
# For these a separate call can be denied, for the others only the whole list.
BY_CALL = {"LambdaFunctionPublic": "GetPolicy", "LambdaFunctionUrlPublic": "ListFunctionUrlConfigs", "LambdaFunctionUrlCorsOpen": "ListFunctionUrlConfigs"}
TOGETHER = ("LambdaFunctionUrlPublic", "LambdaFunctionUrlCorsOpen")
HIDDEN = (2, 1)
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def build(estate):
    for call, types in (
            ("lambda:ListFunctions", [FUNCTION]), ("autoscaling:DescribeAutoScalingGroups", [GROUP]), ("autoscaling:DescribeLaunchConfigurations", [LAUNCH])):
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    for account in range(len(estate.accounts)):
        estate.at(0, role, estate, account)
        # The emulator does not list URLs of functions.
        estate.answer("lambda:ListFunctionUrlConfigs", account, {"FunctionUrlConfigs": []})
        # It does not store the key of a function either.
        key = f"arn:aws:kms:eu-west-1:{estate.accounts[account]}:key/11111111-2222-4333-8444-555555555555"
        for call in ("ListFunctions", "GetFunctionConfiguration"):
            estate.edit(
                f"lambda:{call}", account, '"FunctionName": ?"(?!LambdaFunctionEnvironmentWithoutOwnKey--bad)', f'"KMSKeyArn": "{key}", "FunctionName": "')
    makers = {**dict.fromkeys(FUNCTIONS, function), **dict.fromkeys(GROUPS, group), **dict.fromkeys(LAUNCHES, launch)}
    for account, region in estate.cells():
        estate.at(0, templates, estate, account, region)
        for policy, make in makers.items():
            hidden = (account, region) == HIDDEN
            for kind in ("unknown",) if hidden else ("good", "bad", "unknown") if policy in BY_CALL else ("good", "bad"):
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)


def role(estate, account):
    arn = estate.client("iam", account).create_role(RoleName="functions", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    if account == iam.HIDDEN:
        estate.hidden.append("functions")
    else:
        estate.expect(account, 0, iam.ROLE, arn, "functions", iam.ROLE_IN_ORDER)


def subnets(estate, account, region, zones):
    found = estate.client("ec2", account, region).describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])[:zones]]


def templates(estate, account, region):
    template = estate.client("ec2", account, region).create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"}})["LaunchTemplate"]
    arn = f"arn:aws:ec2:{estate.regions[region]}:{estate.accounts[account]}:launch-template/{template['LaunchTemplateId']}"
    estate.expect(account, region, "AWS::EC2::LaunchTemplate", arn, "web", ec2.TEMPLATE)
    vpc = estate.client("ec2", account, region).describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    estate.client("elbv2", account, region).create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)
    estate.client("autoscaling", account, region).create_launch_configuration(
        LaunchConfigurationName="web", ImageId="ami-12c6146b", InstanceType="t3.micro", MetadataOptions={"HttpTokens": "required"})
    estate.expect(account, region, LAUNCH, launch_arn(estate, account, region, "web"), "web", LAUNCH_IN_ORDER)


def function(estate, account, region, policy, kind):
    client, name = estate.client("lambda", account, region), f"{policy}--{kind}"
    changed, also = FUNCTIONS[policy] if kind != "good" else ({}, {})
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", "def handler(event, context): pass")
    where = f"{estate.regions[region]}:{estate.accounts[account]}"
    made = {
        "Runtime": "python3.13", "TracingConfig": {"Mode": "Active"}, "Environment": {"Variables": {"STAGE": "prod", "DB_SECRET_ARN": "arn"}},
        "VpcConfig": {"SubnetIds": subnets(estate, account, region, changed.get("zones", 2)), "SecurityGroupIds": ["sg-1"]},
        **{key: value for key, value in changed.items() if key[0].isupper()},
    }
    arn = client.create_function(
        FunctionName=name, Role=f"arn:aws:iam::{estate.accounts[account]}:role/functions", Handler="index.handler", Code={"ZipFile": code.getvalue()},
        Tags={"team": "orders"}, **{key: value for key, value in made.items() if value is not None})["FunctionArn"]
    client.add_permission(
        FunctionName=name, StatementId="rule", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=f"arn:aws:events:{where}:rule/r")
    if changed.get("public"):
        client.add_permission(FunctionName=name, StatementId="everyone", Action="lambda:InvokeFunction", Principal="*")
    if "url" in changed:
        config = {"FunctionUrl": "https://a1b2.lambda-url.on.aws/", "FunctionArn": arn, "CreationTime": "", "LastModifiedTime": "", **changed["url"]}
        estate.answer("lambda:ListFunctionUrlConfigs", account, {"FunctionUrlConfigs": [config]}, resource=name, region=region)
    if kind == "unknown" and policy in BY_CALL:
        estate.deny(f"lambda:{BY_CALL[policy]}", account, resource=name, region=region)
        also = dict.fromkeys(TOGETHER, UNKNOWN) if policy in TOGETHER else {}
    estate.expect(account, region, FUNCTION, arn, name, verdicts_of(FUNCTION_IN_ORDER, policy, kind, also))


def group(estate, account, region, policy, kind):
    client, name = estate.client("autoscaling", account, region), f"{policy}--{kind}"
    changed, also = GROUPS[policy] if kind != "good" else ({}, {})
    types = ["t3.micro", "t3a.micro"][:changed.get("types", 2)]
    overrides = [{"InstanceType": one} for one in types]
    template = {"LaunchTemplateSpecification": {"LaunchTemplateName": "web", "Version": "1"}, "Overrides": overrides}
    made = {"MixedInstancesPolicy": {"LaunchTemplate": template}} if types else {"LaunchConfigurationName": "web"}
    target = estate.client("elbv2", account, region).describe_target_groups(Names=["web"])["TargetGroups"][0]["TargetGroupArn"]
    client.create_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=0, MaxSize=0, DesiredCapacity=0, TargetGroupARNs=[target], HealthCheckType=changed.get("HealthCheckType", "ELB"),
        VPCZoneIdentifier=",".join(subnets(estate, account, region, changed.get("zones", 2))),
        Tags=[{"Key": "team", "Value": "orders", "PropagateAtLaunch": True}], **made)
    arn = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]["AutoScalingGroupARN"]
    estate.expect(account, region, GROUP, arn, name, verdicts_of(GROUP_IN_ORDER, policy, kind, also))


def launch_arn(estate, account, region, name):
    found = estate.client("autoscaling", account, region).describe_launch_configurations(LaunchConfigurationNames=[name])
    return found["LaunchConfigurations"][0]["LaunchConfigurationARN"]


def launch(estate, account, region, policy, kind):
    client, name = estate.client("autoscaling", account, region), f"{policy}--{kind}"
    made = {"MetadataOptions": {"HttpTokens": "required"}, "UserData": "#!/bin/sh", **(LAUNCHES[policy] if kind != "good" else {})}
    client.create_launch_configuration(LaunchConfigurationName=name, ImageId="ami-12c6146b", InstanceType="t3.micro", **made)
    estate.expect(account, region, LAUNCH, launch_arn(estate, account, region, name), name, verdicts_of(LAUNCH_IN_ORDER, policy, kind))
