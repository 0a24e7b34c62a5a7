"""Clusters, services, task definitions and repositories."""
import json

import web
from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

TASK, SERVICE, CLUSTER = "AWS::ECS::TaskDefinition", "AWS::ECS::Service", "AWS::ECS::Cluster"
KUBERNETES, REPOSITORY = "AWS::EKS::Cluster", "AWS::ECR::Repository"
# The difference of a bad definition, in the task or its container.
TASKS = {
    "ECSContainerLoggingMissing": {"logConfiguration": None},
    "ECSContainerPrivileged": {"privileged": True},
    "ECSContainerRootWritable": {"readonlyRootFilesystem": False},
    "ECSContainerSecretsInEnvironment": {"environment": [{"name": "DB_PASSWORD", "value": "not-a-secret"}]},
    "ECSTaskHostNetworkRoot": {"user": "root"},
    "ECSTaskHostProcesses": {"pidMode": "host"},
}
TASK_IN_ORDER = dict.fromkeys(TASKS, PASS)
SERVICE_IN_ORDER = {"ECSServiceOldPlatform": PASS, "ECSServicePublicIP": PASS}
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
CLUSTERS = {
    "EKSControlPlaneLogsDisabled": {"logging": {"clusterLogging": [{"types": LOGS[:2], "enabled": True}]}},
    "EKSEndpointPublic": {"public": True},
    "EKSSecretsNotEncryptedWithKms": {"encryptionConfig": []},
    "EKSVersionUnsupported": {"version": "1.28"},
}
CLUSTER_IN_ORDER = dict.fromkeys(CLUSTERS, PASS)
REPOSITORIES = ("ECRLifecyclePolicyMissing", "ECRRepositoryPublic", "ECRScanOnPushDisabled", "ECRTagMutable")
REPOSITORY_IN_ORDER = dict.fromkeys(REPOSITORIES, PASS)
LISTED = ("ECSServicePublicIP", "ECSServiceOldPlatform", "ECSClusterContainerInsightsDisabled", "ECRTagMutable")
KINDS = ("good", "bad", "unknown")
HIDDEN = (2, 1)


def build(estate):
    for call, type_name in (("ecs:DescribeServices", SERVICE), ("ecs:DescribeClusters", CLUSTER), ("ecr:DescribeRepositories", REPOSITORY)):
        estate.deny_list(call, HIDDEN[0], [type_name], region=HIDDEN[1])
    estate.deny("ecr:GetRegistryScanningConfiguration", 2, region=0)
    makers = {
        **dict.fromkeys(TASKS, task), **dict.fromkeys(SERVICE_IN_ORDER, service), "ECSClusterContainerInsightsDisabled": cluster,
        **dict.fromkeys(CLUSTERS, kubernetes), **dict.fromkeys(REPOSITORIES, repository)}
    for account, kind in enumerate(KINDS):
        for policy, make in makers.items():
            # Attributes that only the list returns are unknown if the list is denied.
            region = HIDDEN[1] if kind == "unknown" and policy in LISTED else 0
            estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)


def task(estate, account, region, policy, kind):
    client, name = estate.client("ecs", account, region), f"{policy}--{kind}"
    changed = TASKS[policy] if kind == "bad" else {}
    mode = {"pidMode": changed["pidMode"]} if "pidMode" in changed else {}
    container = {
        "name": "web", "image": "web:1", "memory": 128, "user": "1000", "readonlyRootFilesystem": True, "privileged": False,
        "environment": [{"name": "STAGE", "value": "prod"}], "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "web"}},
        **{key: value for key, value in changed.items() if key != "pidMode"}}
    about_network = policy == "ECSTaskHostNetworkRoot"
    client.register_task_definition(
        family=name, networkMode="host" if about_network else "bridge", containerDefinitions=[{k: v for k, v in container.items() if v is not None}],
        tags=[{"key": "team", "value": "web"}], **mode)
    expected = {**TASK_IN_ORDER, "ECSTaskHostNetworkRoot": PASS if about_network else NOT_APPLICABLE}
    also = {}
    if kind == "unknown":
        estate.deny("ecs:DescribeTaskDefinition", account, resource=name, region=region)
        also = dict.fromkeys(TASKS, UNKNOWN)
    estate.expect(account, region, TASK, task_arn(estate, account, region, name), name, verdicts_of(expected, policy, kind, also))


def task_arn(estate, account, region, family):
    return f"arn:aws:ecs:{estate.regions[region]}:{estate.accounts[account]}:task-definition/{family}"


def service(estate, account, region, policy, kind):
    client, name, wrong = estate.client("ecs", account, region), f"{policy}--{kind}", policy if kind == "bad" else None
    home = f"of-{name}"
    of_home = client.create_cluster(clusterName=home, settings=[{"name": "containerInsights", "value": "enabled"}])["cluster"]["clusterArn"]
    estate.expect(account, region, CLUSTER, of_home, home, {"ECSClusterContainerInsightsDisabled": PASS})
    definition = definition_of(estate, account, region)
    public = "ENABLED" if wrong == "ECSServicePublicIP" else "DISABLED"
    network = {"subnets": web.subnets(estate, account, region, 1), "securityGroups": [], "assignPublicIp": public}
    made = client.create_service(
        cluster=home, serviceName=name, taskDefinition=definition, desiredCount=0, launchType="FARGATE",
        platformVersion="1.3.0" if wrong == "ECSServiceOldPlatform" else "LATEST", networkConfiguration={"awsvpcConfiguration": network})["service"]
    estate.expect(account, region, SERVICE, made["serviceArn"], name, verdicts_of(SERVICE_IN_ORDER, policy, kind))


def definition_of(estate, account, region):
    """A compliant definition."""
    client = estate.client("ecs", account, region)
    if "web" not in client.list_task_definition_families()["families"]:
        container = {
            "name": "web", "image": "web:1", "memory": 128, "user": "1000", "readonlyRootFilesystem": True,
            "logConfiguration": {"logDriver": "awslogs"}}
        client.register_task_definition(family="web", networkMode="awsvpc", containerDefinitions=[container])
        estate.expect(account, region, TASK, task_arn(estate, account, region, "web"), "web", {**TASK_IN_ORDER, "ECSTaskHostNetworkRoot": NOT_APPLICABLE})
    return "web"


def cluster(estate, account, region, policy, kind):
    name, value = f"{policy}--{kind}", "disabled" if kind == "bad" else "enabled"
    made = estate.client("ecs", account, region).create_cluster(clusterName=name, settings=[{"name": "containerInsights", "value": value}])["cluster"]
    estate.expect(account, region, CLUSTER, made["clusterArn"], name, verdicts_of({}, policy, kind))


def kubernetes(estate, account, region, policy, kind):
    client, name = estate.client("eks", account, region), f"{policy}--{kind}"
    changed = CLUSTERS[policy] if kind == "bad" else {}
    where = f"{estate.regions[region]}:{estate.accounts[account]}"
    made = {
        "version": "1.35", "logging": {"clusterLogging": [{"types": LOGS, "enabled": True}]},
        "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": f"arn:aws:kms:{where}:key/11111111-2222-4333-8444-555555555555"}}],
        **{key: value for key, value in changed.items() if key != "public"}}
    network = {"subnetIds": ["subnet-1"], "endpointPublicAccess": changed.get("public", False), "endpointPrivateAccess": True}
    arn = client.create_cluster(
        name=name, roleArn=f"arn:aws:iam::{estate.accounts[account]}:role/eks", resourcesVpcConfig=network, tags={"team": "web"}, **made)["cluster"]["arn"]
    also = {}
    if kind == "unknown":
        estate.deny("eks:DescribeCluster", account, resource=name, region=region)
        also = dict.fromkeys(CLUSTERS, UNKNOWN)
    estate.expect(account, region, KUBERNETES, arn, name, verdicts_of(CLUSTER_IN_ORDER, policy, kind, also))


def repository(estate, account, region, policy, kind):
    client, name, wrong = estate.client("ecr", account, region), f"{policy}-{kind}".lower(), policy if kind != "good" else None
    made = client.create_repository(
        repositoryName=name, imageScanningConfiguration={"scanOnPush": wrong != "ECRScanOnPushDisabled"},
        imageTagMutability="MUTABLE" if wrong == "ECRTagMutable" else "IMMUTABLE", tags=[{"Key": "Name", "Value": f"{policy}--{kind}"}])
    if wrong != "ECRLifecyclePolicyMissing":
        selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}
        client.put_lifecycle_policy(
            repositoryName=name, lifecyclePolicyText=json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]}))
    principal = "*" if wrong == "ECRRepositoryPublic" else {"AWS": f"arn:aws:iam::{estate.accounts[account]}:root"}
    statement = {"Sid": "pull", "Effect": "Allow", "Principal": principal, "Action": ["ecr:BatchGetImage"]}
    client.set_repository_policy(repositoryName=name, policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    if kind == "unknown" and policy in ("ECRLifecyclePolicyMissing", "ECRRepositoryPublic"):
        estate.deny(f"ecr:{'GetLifecyclePolicy' if policy == 'ECRLifecyclePolicyMissing' else 'GetRepositoryPolicy'}", account, resource=name, region=region)
    estate.expect(account, region, REPOSITORY, made["repository"]["repositoryArn"], f"{policy}--{kind}", verdicts_of(REPOSITORY_IN_ORDER, policy, kind))
