"""Distributions, web ACLs and certificates."""
import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

DISTRIBUTION, ACL, GLOBAL_ACL, CERTIFICATE = (
    "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL", "AWS::WAFv2::GlobalWebACL", "AWS::CertificateManager::Certificate")
BY_IAM = {"CloudFrontDefaultCertificate": False, "ACMCertificateArn": "arn", "SSLSupportMethod": "sni-only", "MinimumProtocolVersion": "TLSv1.2_2021"}
# The difference of a bad distribution, and other affected verdicts.
DISTRIBUTIONS = {
    "CloudFrontAccessLogsDisabled": ({"Logging": {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""}}, {}),
    "CloudFrontDedicatedAddresses": ({"ViewerCertificate": {**BY_IAM, "SSLSupportMethod": "vip"}}, {}),
    "CloudFrontDefaultCertificate": (
        {"ViewerCertificate": {"CloudFrontDefaultCertificate": True}},
        {"CloudFrontDedicatedAddresses": NOT_APPLICABLE, "CloudFrontOldViewerTls": NOT_APPLICABLE}),
    "CloudFrontOldOriginTls": ({"protocols": ["TLSv1", "TLSv1.2"]}, {}),
    "CloudFrontOldViewerTls": ({"ViewerCertificate": {**BY_IAM, "MinimumProtocolVersion": "TLSv1_2016"}}, {}),
    "CloudFrontOriginFailoverMissing": ({"OriginGroups": {"Quantity": 0}}, {}),
    "CloudFrontOriginHttp": ({"origin": "http-only"}, {}),
    "CloudFrontRootObjectMissing": ({"DefaultRootObject": ""}, {}),
    "CloudFrontS3OriginWithoutAccessControl": ({"bucket": True}, {}),
    "CloudFrontViewerHttp": ({"viewer": "allow-all"}, {}),
    "CloudFrontWafMissing": ({"WebACLId": ""}, {}),
}
DISTRIBUTION_IN_ORDER = dict.fromkeys(DISTRIBUTIONS, PASS)
ACLS = {"Empty": {"Rules": []}, "LoggingDisabled": {}, "RuleWithoutMetrics": {}}
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "web"}
CERTIFICATES = ("ACMCertificateExpiring", "ACMCertificateNotInTransparencyLog", "ACMCertificateWeakKey")
# A compliant account, a non-compliant one, and one in which all reads are denied.
KINDS = ("good", "bad", "unknown")


def build(estate):
    for account, kind in enumerate(KINDS):
        for policy in DISTRIBUTIONS:
            estate.at(stage_of(policy, kind, account), distribution, estate, account, policy, kind)
        for about in ACLS:
            for scope, prefix in (("REGIONAL", "WAFv2WebACL"), ("CLOUDFRONT", "WAFv2GlobalWebACL")):
                region = 1 if scope == "REGIONAL" else 0
                estate.at(stage_of(prefix + about, kind, account), web_acl, estate, account, region, scope, prefix, about, kind)
        for policy in CERTIFICATES:
            estate.at(stage_of(policy, kind, account), certificate, estate, account, 1, policy, kind)


def distribution(estate, account, policy, kind):
    client, name = estate.client("cloudfront", account), f"{policy}--{kind}"
    changed, also = DISTRIBUTIONS[policy] if kind == "bad" else ({}, {})
    origin = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": changed.get("origin", "https-only")}
    protocols = changed.get("protocols", ["TLSv1.2"])
    origins = [
        {"Id": id_, "DomainName": "www.example.com", "CustomOriginConfig": {**origin, "OriginSslProtocols": {"Quantity": len(protocols), "Items": protocols}}}
        for id_ in ("first", "second")]
    if changed.get("bucket"):
        origins.append({"Id": "bucket", "DomainName": "pages.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}})
    group = {
        "Id": "both", "FailoverCriteria": {"StatusCodes": {"Quantity": 1, "Items": [500]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "first"}, {"OriginId": "second"}]}}
    config = {
        "CallerReference": name, "Comment": "", "Enabled": True, "DefaultRootObject": "index.html", "Origins": {"Quantity": len(origins), "Items": origins},
        "OriginGroups": {"Quantity": 1, "Items": [group]},
        "DefaultCacheBehavior": {"TargetOriginId": "first", "ViewerProtocolPolicy": changed.get("viewer", "redirect-to-https")},
        "Logging": {"Enabled": True, "IncludeCookies": False, "Bucket": "logs.s3.amazonaws.com", "Prefix": ""}, "ViewerCertificate": BY_IAM,
        "WebACLId": f"arn:aws:wafv2:us-east-1:{estate.accounts[account]}:global/webacl/web/1",
        **{key: value for key, value in changed.items() if key[0].isupper()},
    }
    made = client.create_distribution_with_tags(DistributionConfigWithTags={
        "DistributionConfig": config, "Tags": {"Items": [{"Key": "Name", "Value": name}]}})["Distribution"]
    # The emulator deploys it when it is read.
    for _ in range(2):
        client.get_distribution(Id=made["Id"])
    if kind == "unknown":
        estate.deny("cloudfront:GetDistribution", account, resource=made["Id"])
        also = dict.fromkeys(DISTRIBUTIONS, UNKNOWN)
    estate.expect(account, 0, DISTRIBUTION, made["ARN"], name, verdicts_of(DISTRIBUTION_IN_ORDER, policy, kind, also))


def rule(metrics=True):
    return {
        "Name": "countries", "Priority": 0, "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}, "Action": {"Block": {}},
        "VisibilityConfig": {**SEEN, "CloudWatchMetricsEnabled": metrics}}


def in_order(prefix):
    return {prefix + about: PASS for about in ACLS}


def make_acl(estate, account, region, scope, name, rules, logged):
    client = estate.client("wafv2", account, region)
    made = client.create_web_acl(Name=name, Scope=scope, DefaultAction={"Allow": {}}, VisibilityConfig=SEEN, Rules=rules)["Summary"]
    if logged:
        client.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": made["ARN"], "LogDestinationConfigs": ["arn:aws:s3:::aws-waf-logs-web"]})
    return made


def web_acl(estate, account, region, scope, prefix, about, kind):
    name, wrong = f"{prefix}{about}--{kind}", about if kind == "bad" else None
    rules = [] if wrong == "Empty" else [rule(metrics=wrong != "RuleWithoutMetrics")]
    made = make_acl(estate, account, region, scope, name, rules, wrong != "LoggingDisabled")
    also = {}
    if kind == "unknown":
        estate.deny("wafv2:GetLoggingConfiguration" if about == "LoggingDisabled" else "wafv2:GetWebACL", account, resource=made["Id"])
        also = {} if about == "LoggingDisabled" else {prefix + "Empty": UNKNOWN, prefix + "RuleWithoutMetrics": UNKNOWN}
    type_name = ACL if scope == "REGIONAL" else GLOBAL_ACL
    estate.expect(account, region, type_name, made["ARN"], name, verdicts_of(in_order(prefix), prefix + about, kind, also))


@functools.cache
def pem():
    """A key and its certificate, valid for ten years."""
    key, name = rsa.generate_private_key(65537, 2048), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "www.example.com")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1).not_valid_before(
        now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=3650)).sign(key, hashes.SHA256())
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return made.public_bytes(serialization.Encoding.PEM), private


def import_certificate(estate, account, region):
    body, key = pem()
    return estate.client("acm", account, region).import_certificate(Certificate=body, PrivateKey=key)["CertificateArn"]


def certificate(estate, account, region, policy, kind):
    name, arn = f"{policy}--{kind}", import_certificate(estate, account, region)
    id_, expected = arn.split("/")[1], {**dict.fromkeys(CERTIFICATES, PASS), "ACMCertificateNotInTransparencyLog": NOT_APPLICABLE}
    call = "acm:DescribeCertificate"
    if kind == "unknown":
        estate.deny(call, account, resource=id_)
        expected = dict.fromkeys(CERTIFICATES, UNKNOWN)
    elif policy == "ACMCertificateNotInTransparencyLog":
        # The emulator issues certificates only after a while, so the status of this one is replaced.
        wanted = "DISABLED" if kind == "bad" else "ENABLED"
        logging = '"CertificateTransparencyLoggingPreference": '
        estate.edit(call, account, f'"Type": ?"IMPORTED"(.*?){logging}"ENABLED"', f'"Type": "AMAZON_ISSUED"${{1}}{logging}"{wanted}"', resource=id_)
    elif kind == "bad":
        soon = int((estate.now + datetime.timedelta(days=10)).timestamp())
        edits = {"ACMCertificateExpiring": ('"NotAfter": ?[0-9.]+', f'"NotAfter": {soon}'), "ACMCertificateWeakKey": ("RSA_2048", "RSA_1024")}
        estate.edit(call, account, *edits[policy], resource=id_)
    estate.expect(account, region, CERTIFICATE, arn, name, {**expected, policy: {"good": PASS, "bad": FAIL, "unknown": UNKNOWN}[kind]})
