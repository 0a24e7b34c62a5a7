"""Hosted zones, and domains that are registered through Route 53. In the third account neither is told."""
from model import FAIL, NOT_APPLICABLE, PASS, stage_of, verdicts_of

ZONE, DOMAIN = "AWS::Route53::HostedZone", "AWS::Route53Domains::Domain"
DOMAIN_IN_ORDER = {"Route53DomainAutoRenewDisabled": PASS, "Route53DomainPrivacyDisabled": PASS, "Route53DomainTransferLockDisabled": PASS}
LOGGING = "Route53ZoneQueryLoggingDisabled"
HIDDEN = 2


def build(estate):
    estate.domains = {account: [] for account in range(len(estate.accounts))}
    for call, type_name in (("route53:ListHostedZones", ZONE), ("route53domains:ListDomains", DOMAIN)):
        estate.deny_list(call, HIDDEN, [type_name])
    for account in range(len(estate.accounts)):
        hidden = account == HIDDEN
        for kind in ("unknown",) if hidden else ("good", "bad", "private"):
            estate.at(stage_of(LOGGING, kind, account), zone, estate, account, kind)
        for policy in DOMAIN_IN_ORDER:
            for kind in ("unknown",) if hidden else ("good", "bad"):
                estate.at(stage_of(policy, kind, account), domain, estate, account, policy, kind)
        if not hidden:
            estate.answer("route53domains:ListDomains", account, lambda a=account: {"Domains": [{"DomainName": one} for one in estate.domains[a]]})


def zone(estate, account, kind):
    client, name = estate.client("route53", account), f"{LOGGING}--{kind}"
    network = {}
    if kind == "private":
        vpc = estate.client("ec2", account).describe_vpcs(Filters=[{"Name": "isDefault", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        network = {"VPC": {"VPCRegion": estate.regions[0], "VPCId": vpc}, "HostedZoneConfig": {"Comment": "", "PrivateZone": True}}
    made = client.create_hosted_zone(Name=f"{name}.example.com".lower(), CallerReference=name, **network)["HostedZone"]["Id"]
    id_ = made.split("/")[-1]
    client.change_tags_for_resource(ResourceType="hostedzone", ResourceId=id_, AddTags=[{"Key": "Name", "Value": name}])
    if kind == "good":
        group = estate.client("logs", account).describe_log_groups()["logGroups"][0]["arn"]
        client.create_query_logging_config(HostedZoneId=id_, CloudWatchLogsLogGroupArn=group)
    verdict = NOT_APPLICABLE if kind == "private" else {"good": PASS}.get(kind, FAIL)
    estate.expect(account, 0, ZONE, f"arn:aws:route53:::hostedzone/{id_}", name, {LOGGING: verdict})


def domain(estate, account, policy, kind):
    """The emulator makes a hosted zone for every domain."""
    name, wrong = f"{policy}-{kind}.example.com".lower(), policy if kind != "good" else None
    estate.domains[account].append(name)
    private = wrong != "Route53DomainPrivacyDisabled"
    estate.answer("route53domains:GetDomainDetail", account, {
        "DomainName": name, "AutoRenew": wrong != "Route53DomainAutoRenewDisabled", "AdminPrivacy": private, "RegistrantPrivacy": private, "TechPrivacy": private,
        "RegistrarName": "Amazon Registrar, Inc.", "StatusList": [] if wrong == "Route53DomainTransferLockDisabled" else ["clientTransferProhibited"],
    }, resource=name)
    estate.answer("route53domains:ListTagsForDomain", account, {"TagList": [{"Key": "team", "Value": "web"}]}, resource=name)
    estate.expect(account, 0, DOMAIN, f"arn:aws:route53domains::{estate.accounts[account]}:domain/{name}", f"{policy}--{kind}", verdicts_of(DOMAIN_IN_ORDER, policy, kind))
