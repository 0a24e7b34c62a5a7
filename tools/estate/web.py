"""APIs and load balancers."""
import edge
from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

STAGE, DOMAIN, STAGE_V2, ROUTE = "AWS::ApiGateway::Stage", "AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Route"
BALANCER, CLASSIC = "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::ElasticLoadBalancing::LoadBalancer"
STAGE_IN_ORDER = {
    "APIGatewayStageCacheUnencrypted": PASS, "APIGatewayStageClientCertificateMissing": FAIL, "APIGatewayStageLoggingDisabled": PASS,
    "APIGatewayStageTracingDisabled": PASS, "APIGatewayStageWafMissing": PASS,
}
# The operations that make a stage bad.
STAGES = {
    "APIGatewayStageCacheUnencrypted": ("/*/*/caching/dataEncrypted", "false"),
    "APIGatewayStageLoggingDisabled": ("/*/*/logging/loglevel", "OFF"),
    "APIGatewayStageTracingDisabled": ("/tracingEnabled", "false"),
    "APIGatewayStageWafMissing": None,
    "APIGatewayStageClientCertificateMissing": None,
}
BALANCER_IN_ORDER = {
    "ELBv2AccessLogsDisabled": PASS, "ELBv2DeletionProtectionDisabled": PASS, "ELBv2DesyncMitigationWeak": PASS, "ELBv2HttpNotRedirected": PASS,
    "ELBv2InvalidHeadersKept": PASS, "ELBv2OldTls": PASS, "ELBv2SingleZone": PASS, "ELBv2WafMissing": PASS,
}
ATTRIBUTES = {
    "access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "deletion_protection.enabled": "true",
    "routing.http.drop_invalid_header_fields.enabled": "true", "routing.http.desync_mitigation_mode": "defensive",
}
# The difference of a bad one: an attribute, or something else.
BALANCERS = {
    "ELBv2AccessLogsDisabled": {"access_logs.s3.enabled": "false"},
    "ELBv2DeletionProtectionDisabled": {"deletion_protection.enabled": "false"},
    "ELBv2DesyncMitigationWeak": {"routing.http.desync_mitigation_mode": "monitor"},
    "ELBv2HttpNotRedirected": {},
    "ELBv2InvalidHeadersKept": {"routing.http.drop_invalid_header_fields.enabled": "false"},
    "ELBv2OldTls": {},
    "ELBv2SingleZone": {},
    "ELBv2WafMissing": {},
}
OF_ATTRIBUTES = [policy for policy, attributes in BALANCERS.items() if attributes]
OF_LISTENERS = ["ELBv2HttpNotRedirected", "ELBv2OldTls"]
CLASSIC_IN_ORDER = {
    "ELBAccessLogsDisabled": PASS, "ELBCertificateNotAcm": PASS, "ELBConnectionDrainingDisabled": PASS, "ELBCrossZoneDisabled": PASS,
    "ELBDesyncMitigationWeak": PASS, "ELBListenerPlain": PASS, "ELBSingleZone": PASS,
}
CLASSICS = {
    "ELBAccessLogsDisabled": {"AccessLog": {"Enabled": False}},
    "ELBConnectionDrainingDisabled": {"ConnectionDraining": {"Enabled": False}},
    "ELBCrossZoneDisabled": {"CrossZoneLoadBalancing": {"Enabled": False}},
    "ELBDesyncMitigationWeak": {"AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "monitor"}]},
    "ELBCertificateNotAcm": {}, "ELBListenerPlain": {}, "ELBSingleZone": {},
}
OF_CLASSIC_ATTRIBUTES = [policy for policy, attributes in CLASSICS.items() if attributes]
ACCESS_LOGS, EXECUTION_LOGS = "APIGatewayV2StageAccessLoggingDisabled", "APIGatewayV2StageExecutionLoggingDisabled"
HIDDEN = (2, 1)
LISTS = (
    ("apigateway:GetRestApis", ["AWS::ApiGateway::RestApi", STAGE]), ("apigateway:GetDomainNames", [DOMAIN]),
    ("apigatewayv2:GetApis", ["AWS::ApiGatewayV2::Api", STAGE_V2, ROUTE]), ("elbv2:DescribeLoadBalancers", [BALANCER]),
    ("elb:DescribeLoadBalancers", [CLASSIC]),
)


def build(estate):
    estate.certificates = {}
    for call, types in LISTS:
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    makers = {
        **dict.fromkeys(STAGES, stage), "APIGatewayDomainNameOldTls": domain, "APIGatewayV2StageAccessLoggingDisabled": http_api,
        "APIGatewayV2RouteUnauthorized": http_api, EXECUTION_LOGS: websocket_api, **dict.fromkeys(BALANCERS, balancer), **dict.fromkeys(CLASSICS, classic),
    }
    readable = {*OF_ATTRIBUTES, *OF_LISTENERS, "ELBv2WafMissing", *OF_CLASSIC_ATTRIBUTES}
    for account, region in estate.cells():
        for policy, make in makers.items():
            hidden = (account, region) == HIDDEN
            for kind in ("unknown",) if hidden else ("good", "bad", "unknown") if policy in readable else ("good", "bad"):
                estate.at(stage_of(policy, kind, account), make, estate, account, region, policy, kind)


def stage(estate, account, region, policy, kind):
    client, name, wrong = estate.client("apigateway", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    api = client.create_rest_api(name=name)["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="AWS_IAM")
    client.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = client.create_deployment(restApiId=api)["id"]
    client.create_stage(restApiId=api, deploymentId=deployment, stageName="prod", cacheClusterEnabled=True, cacheClusterSize="0.5", tags={"Name": name})
    operations = {"/*/*/logging/loglevel": "ERROR", "/*/*/caching/enabled": "true", "/*/*/caching/dataEncrypted": "true", "/tracingEnabled": "true"}
    if wrong and STAGES[wrong]:
        operations.update([STAGES[wrong]])
    client.update_stage(restApiId=api, stageName="prod", patchOperations=[{"op": "replace", "path": k, "value": v} for k, v in operations.items()])
    arn = f"arn:aws:apigateway:{estate.regions[region]}::/restapis/{api}/stages/prod"
    if wrong != "APIGatewayStageWafMissing":
        protect(estate, account, region, arn)
    expected = {**STAGE_IN_ORDER, "APIGatewayStageClientCertificateMissing": PASS}
    # The emulator does not support client certificates.
    if wrong != "APIGatewayStageClientCertificateMissing":
        for call in ("GetStages", "GetStage"):
            known = '"stageName": "prod", "clientCertificateId": "a1b2c3"'
            estate.edit(f"apigateway:{call}", account, '"stageName": ?"prod"', known, resource=api, region=region)
    estate.expect(account, region, STAGE, arn, name, verdicts_of(expected, policy, kind))


def protect(estate, account, region, arn):
    client = estate.client("wafv2", account, region)
    found = [one["ARN"] for one in client.list_web_acls(Scope="REGIONAL")["WebACLs"] if one["Name"] == "web"]
    if not found:
        found = [edge.make_acl(estate, account, region, "REGIONAL", "web", [edge.rule()], logged=True)["ARN"]]
        estate.expect(account, region, edge.ACL, found[0], "web", edge.in_order("WAFv2WebACL"))
    client.associate_web_acl(WebACLArn=found[0], ResourceArn=arn)


def domain(estate, account, region, policy, kind):
    name = f"{policy}--{kind}-{estate.accounts[account]}".lower() + ".example.com"
    estate.client("apigateway", account, region).create_domain_name(
        domainName=name, securityPolicy="TLS_1_0" if kind != "good" else "TLS_1_2", endpointConfiguration={"types": ["REGIONAL"]},
        regionalCertificateArn=f"arn:aws:acm:{estate.regions[region]}:{estate.accounts[account]}:certificate/1", tags={"Name": f"{policy}--{kind}"})
    arn = f"arn:aws:apigateway:{estate.regions[region]}::/domainnames/{name}"
    estate.expect(account, region, DOMAIN, arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))


def http_api(estate, account, region, policy, kind):
    client, name, wrong = estate.client("apigatewayv2", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    api = client.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    where = f"arn:aws:apigateway:{estate.regions[region]}::/apis/{api}"
    logs = {} if wrong == ACCESS_LOGS else access_logs(estate, account, region)
    client.create_stage(ApiId=api, StageName="prod", Tags={"Name": name}, **logs)
    route = client.create_route(
        ApiId=api, RouteKey="GET /pets", AuthorizationType="NONE" if wrong == "APIGatewayV2RouteUnauthorized" else "AWS_IAM")["RouteId"]
    of_route = "APIGatewayV2RouteUnauthorized"
    estate.expect(
        account, region, STAGE_V2, f"{where}/stages/prod", name,
        {ACCESS_LOGS: FAIL if wrong == ACCESS_LOGS else PASS, EXECUTION_LOGS: NOT_APPLICABLE})
    estate.expect(account, region, ROUTE, f"{where}/routes/{route}", name, {of_route: FAIL if wrong == of_route else PASS})


def access_logs(estate, account, region):
    group = f"arn:aws:logs:{estate.regions[region]}:{estate.accounts[account]}:log-group:api"
    return {"AccessLogSettings": {"DestinationArn": group, "Format": "$context.requestId"}}


def websocket_api(estate, account, region, policy, kind):
    client, name = estate.client("apigatewayv2", account, region), f"{policy}--{kind}"
    api = client.create_api(Name=name, ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")["ApiId"]
    client.create_stage(
        ApiId=api, StageName="prod", Tags={"Name": name}, DefaultRouteSettings={"LoggingLevel": "ERROR" if kind == "good" else "OFF"},
        **access_logs(estate, account, region))
    where = f"arn:aws:apigateway:{estate.regions[region]}::/apis/{api}/stages/prod"
    estate.expect(account, region, STAGE_V2, where, name, {ACCESS_LOGS: PASS, EXECUTION_LOGS: FAIL if kind == "bad" else PASS})


def subnets(estate, account, region, zones):
    found = estate.client("ec2", account, region).describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
    return [one["SubnetId"] for one in sorted(found, key=lambda one: one["AvailabilityZone"])[:zones]]


def group_of(estate, account, region):
    """The default group; without it, the emulator creates a new one."""
    found = estate.client("ec2", account, region).describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"]
    return [found[0]["GroupId"]]


def balancer(estate, account, region, policy, kind):
    client, name, wrong = estate.client("elbv2", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    arn = client.create_load_balancer(
        Name=name.replace("ELBv2", "")[:32].strip("-"), Subnets=subnets(estate, account, region, 1 if wrong == "ELBv2SingleZone" else 2),
        SecurityGroups=group_of(estate, account, region), Tags=[{"Key": "Name", "Value": name}])["LoadBalancers"][0]["LoadBalancerArn"]
    attributes = {**ATTRIBUTES, **(BALANCERS[wrong] if wrong else {})}
    client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=[{"Key": k, "Value": v} for k, v in attributes.items()])
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    client.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[answer if wrong == "ELBv2HttpNotRedirected" else redirect])
    client.create_listener(
        LoadBalancerArn=arn, Protocol="HTTPS", Port=443, DefaultActions=[answer],
        SslPolicy="ELBSecurityPolicy-2016-08" if wrong == "ELBv2OldTls" else "ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": certificate(estate, account, region)}])
    if wrong != "ELBv2WafMissing":
        protect(estate, account, region, arn)
    also = {}
    if kind == "unknown":
        call = "wafv2:GetWebACLForResource"
        if policy in OF_ATTRIBUTES + OF_LISTENERS:
            call = "elbv2:DescribeLoadBalancerAttributes" if policy in OF_ATTRIBUTES else "elbv2:DescribeListeners"
        estate.deny(call, account, resource=arn.split("/", 1)[1] if call.startswith("wafv2") else arn.split("/")[-1], region=region)
        also = dict.fromkeys(OF_ATTRIBUTES if policy in OF_ATTRIBUTES else OF_LISTENERS if policy in OF_LISTENERS else [], UNKNOWN)
    estate.expect(account, region, BALANCER, arn, name, verdicts_of(BALANCER_IN_ORDER, policy, kind, also))


def certificate(estate, account, region):
    """A certificate of ACM, which the emulator requires to exist."""
    if (account, region) not in estate.certificates:
        arn = estate.certificates[account, region] = edge.import_certificate(estate, account, region)
        verdicts = {**dict.fromkeys(edge.CERTIFICATES, PASS), "ACMCertificateNotInTransparencyLog": NOT_APPLICABLE}
        estate.expect(account, region, edge.CERTIFICATE, arn, "web", verdicts)
    return estate.certificates[account, region]


def classic(estate, account, region, policy, kind):
    client, name, wrong = estate.client("elb", account, region), f"{policy}--{kind}", policy if kind != "good" else None
    of_iam = f"arn:aws:iam::{estate.accounts[account]}:server-certificate/old"
    listener = {
        "Protocol": "HTTPS", "LoadBalancerPort": 443, "InstanceProtocol": "HTTP", "InstancePort": 80,
        "SSLCertificateId": certificate(estate, account, region)}
    if wrong == "ELBCertificateNotAcm":
        listener["SSLCertificateId"] = of_iam
    elif wrong == "ELBListenerPlain":
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}
    zones = [estate.regions[region] + letter for letter in ("a" if wrong == "ELBSingleZone" else "ab")]
    client.create_load_balancer(
        LoadBalancerName=name, Listeners=[listener], AvailabilityZones=zones, SecurityGroups=group_of(estate, account, region),
        Tags=[{"Key": "team", "Value": "web"}])
    attributes = {
        "AccessLog": {"Enabled": True, "S3BucketName": "logs", "EmitInterval": 60}, "ConnectionDraining": {"Enabled": True, "Timeout": 300},
        "CrossZoneLoadBalancing": {"Enabled": True}, "AdditionalAttributes": [{"Key": "elb.http.desyncmitigationmode", "Value": "defensive"}],
        **(CLASSICS[wrong] if wrong else {}),
    }
    client.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=attributes)
    also = {"ELBCertificateNotAcm": NOT_APPLICABLE} if wrong == "ELBListenerPlain" else {}
    if kind == "unknown" and policy in OF_CLASSIC_ATTRIBUTES:
        estate.deny("elb:DescribeLoadBalancerAttributes", account, resource=name, region=region)
        also = dict.fromkeys(OF_CLASSIC_ATTRIBUTES, UNKNOWN)
    arn = f"arn:aws:elasticloadbalancing:{estate.regions[region]}:{estate.accounts[account]}:loadbalancer/{name}"
    estate.expect(account, region, CLASSIC, arn, name, verdicts_of(CLASSIC_IN_ORDER, policy, kind, also))
