"""Log groups, their resource policies, and the notifications of the first account's trail: filters, alarms, a topic.

In the third account's second region the lists of groups, of resource policies and of alarms are refused.
"""
import json

import yaml

import cloudtrail
from model import FAIL, PASS, UNKNOWN, stage_of, verdicts_of

GROUP, POLICY, ALARM, TOPIC = "AWS::Logs::LogGroup", "AWS::Logs::ResourcePolicy", "AWS::CloudWatch::Alarm", "AWS::SNS::Topic"
GROUP_IN_ORDER = {"LogGroupNotEncryptedWithKms": PASS, "LogGroupRetentionUnsuitable": PASS}
ALARM_IN_ORDER = {"CloudWatchAlarmActionsDisabled": PASS, "CloudWatchAlarmWithoutAction": PASS}
TOPIC_IN_ORDER = {"SNSSubscriptionHttp": PASS, "SNSTopicPublic": PASS, "SNSTopicUnencrypted": PASS}
HIDDEN = cloudtrail.HIDDEN
KINDS = ("good", "bad")


def allow(principal, action):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}]})


def build(estate):
    for call, types in (("logs:DescribeLogGroups", [GROUP]), ("logs:DescribeResourcePolicies", [POLICY]), ("cloudwatch:DescribeAlarms", [ALARM])):
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    for account, region in estate.cells():
        for policy, make in (
            ("LogGroupNotEncryptedWithKms", group), ("LogGroupRetentionUnsuitable", group), ("LogsResourcePolicyPublic", resource_policy),
            ("CloudWatchAlarmActionsDisabled", alarm), ("CloudWatchAlarmWithoutAction", alarm),
        ):
            for kind in ("unknown",) if (account, region) == HIDDEN else KINDS:
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)
        for policy in TOPIC_IN_ORDER:
            for kind in (*KINDS, "unknown"):
                estate.at(stage_of(policy, kind, account), topic, estate, account, region, policy, kind)
    estate.at(0, chain, estate, 0, 0)


def place(estate, account, region):
    return f"{estate.regions[region]}:{estate.accounts[account]}"


def group(estate, account, region, policy, kind, name=None):
    client, name = estate.client("logs", account, region), name or f"{policy}--{kind}"
    wrong = policy if kind != "good" else None
    key = {} if wrong == "LogGroupNotEncryptedWithKms" else {"kmsKeyId": f"arn:aws:kms:{place(estate, account, region)}:key/11111111-2222-4333-8444-555555555555"}
    client.create_log_group(logGroupName=name, tags={"team": "platform"}, **key)
    # Too short in the first region, unlimited in the second.
    if wrong != "LogGroupRetentionUnsuitable" or region == 0:
        client.put_retention_policy(logGroupName=name, retentionInDays=7 if wrong == "LogGroupRetentionUnsuitable" else 365)
    arn = f"arn:aws:logs:{place(estate, account, region)}:log-group:{name}"
    estate.expect(account, region, GROUP, arn, name, verdicts_of(GROUP_IN_ORDER, policy, kind) if policy else GROUP_IN_ORDER)


def resource_policy(estate, account, region, policy, kind):
    name = f"{policy}--{kind}"
    principal = {"Service": "route53.amazonaws.com"} if kind == "good" else "*"
    estate.client("logs", account, region).put_resource_policy(policyName=name, policyDocument=allow(principal, "logs:PutLogEvents"))
    arn = f"arn:aws:logs:{place(estate, account, region)}:resource-policy:{name}"
    estate.expect(account, region, POLICY, arn, name, verdicts_of({}, policy, kind))


def alarm(estate, account, region, policy, kind, name=None, metric=("AWS/EC2", "CPUUtilization"), actions=None):
    name = name or f"{policy}--{kind}"
    wrong = policy if kind != "good" else None
    actions = [] if wrong == "CloudWatchAlarmWithoutAction" else actions or [f"arn:aws:sns:{place(estate, account, region)}:operators"]
    estate.client("cloudwatch", account, region).put_metric_alarm(
        AlarmName=name, Namespace=metric[0], MetricName=metric[1], Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold", ActionsEnabled=wrong != "CloudWatchAlarmActionsDisabled", AlarmActions=actions)
    arn = f"arn:aws:cloudwatch:{place(estate, account, region)}:alarm:{name}"
    estate.expect(account, region, ALARM, arn, name, verdicts_of(ALARM_IN_ORDER, policy, kind) if policy else ALARM_IN_ORDER)


def topic(estate, account, region, policy, kind, name=None):
    client, name = estate.client("sns", account, region), name or f"{policy}--{kind}"
    wrong = policy if kind != "good" else None
    attributes = {} if wrong == "SNSTopicUnencrypted" else {"KmsMasterKeyId": "alias/aws/sns"}
    attributes["Policy"] = allow("*" if wrong == "SNSTopicPublic" else {"AWS": f"arn:aws:iam::{estate.accounts[account]}:root"}, "sns:Publish")
    arn = client.create_topic(Name=name, Attributes=attributes, Tags=[{"Key": "team", "Value": "platform"}])["TopicArn"]
    if wrong == "SNSSubscriptionHttp":
        client.subscribe(TopicArn=arn, Protocol="http", Endpoint="http://example.com/hook")
    verdicts = dict(TOPIC_IN_ORDER)
    if kind == "unknown":
        estate.deny("sns:ListSubscriptionsByTopic" if wrong == "SNSSubscriptionHttp" else "sns:GetTopicAttributes", account, resource=name, region=region)
        verdicts = {p: UNKNOWN if (p == "SNSSubscriptionHttp") == (wrong == "SNSSubscriptionHttp") else PASS for p in verdicts}
    elif kind == "bad":
        verdicts[policy] = FAIL
    estate.expect(account, region, TOPIC, arn, name, verdicts)
    return arn


def chain(estate, account, region):
    """The requirements of section 4 of the CIS benchmark, with the patterns of the catalog's policies."""
    group(estate, account, region, None, "good", "trail")
    listened = topic(estate, account, region, None, "good", "security")
    client = estate.client("sns", account, region)
    client.subscribe(TopicArn=listened, Protocol="sqs", Endpoint=f"arn:aws:sqs:{place(estate, account, region)}:security")
    for policy in cloudtrail.ALARMS:
        file = cloudtrail.POLICIES / f"{policy}.yaml"
        name = policy.removeprefix("CloudTrailNoAlarmFor")
        estate.client("logs", account, region).put_metric_filter(
            logGroupName="trail", filterName=name, filterPattern=yaml.safe_load(file.read_text())["params"]["pattern"].strip(),
            metricTransformations=[{"metricName": name, "metricNamespace": "CIS", "metricValue": "1"}])
        alarm(estate, account, region, None, "good", name, ("CIS", name), [listened])
