"""Monitoring of accounts and regions: recorders, detectors, hubs, scanners, analyzers, contacts and the organization.

The first account has everything. In the second account's first region things are half done, in its second nothing is. The third account lets nothing of it be seen.
"""
from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN

SERVICE_ROLE = "arn:aws:iam::{account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
RUNTIME = ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"]
FEATURES = ["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "RUNTIME_MONITORING"]
INSPECTOR = ["InspectorEc2ScanningDisabled", "InspectorEcrScanningDisabled", "InspectorLambdaCodeScanningDisabled", "InspectorLambdaScanningDisabled"]
GUARDDUTY = [
    "GuardDutyEc2RuntimeMonitoringDisabled", "GuardDutyEcsRuntimeMonitoringDisabled", "GuardDutyEksAuditLogsDisabled",
    "GuardDutyEksRuntimeMonitoringDisabled", "GuardDutyLambdaProtectionDisabled", "GuardDutyMalwareProtectionDisabled", "GuardDutyRdsProtectionDisabled",
    "GuardDutyRuntimeMonitoringDisabled", "GuardDutyS3ProtectionDisabled",
]
# The verdicts by cell: of policies that require a resource to exist, and of policies on existing resources.
WHOLE = {(0, 0): PASS, (0, 1): PASS, (1, 0): PASS, (1, 1): FAIL, (2, 0): UNKNOWN, (2, 1): UNKNOWN}
PARTS = {(0, 0): PASS, (0, 1): PASS, (1, 0): FAIL, (1, 1): NOT_APPLICABLE, (2, 0): UNKNOWN, (2, 1): UNKNOWN}
ALL_OR_NONE = {**WHOLE, (1, 0): FAIL}
KIND = {PASS: "good", FAIL: "bad", UNKNOWN: "unknown", NOT_APPLICABLE: "none"}


def build(estate):
    for make in (config, guardduty, securityhub, inspector, macie, analyzer):
        for account, region in estate.cells():
            estate.at(0, make, estate, account, region)
    for account in range(len(estate.accounts)):
        estate.at(0, contact, estate, account)
        estate.at(0, organization, estate, account)
    for call in ("config:DescribeConfigurationRecorders", "guardduty:ListDetectors", "securityhub:DescribeHub", "inspector2:BatchGetAccountStatus",
                 "macie2:GetMacieSession", "accessanalyzer:ListAnalyzers", "account:GetAlternateContact", "account:GetContactInformation"):
        estate.deny(call, 2)
    estate.deny_list("organizations:DescribeOrganization", 2, ["AWS::Organizations::Account"])
    estate.hidden.append("OrganizationsDelegatedAdministratorUntrusted--unknown")


def expect(estate, account, region, service, type_name, verdicts):
    """Each policy by cell; a singleton is the variant of all policies about it."""
    arn = f"arn:aws:{service}:{estate.regions[region]}:{estate.accounts[account]}:settings"
    for policy, by_cell in verdicts.items():
        verdict = by_cell[account, region]
        estate.expect(account, region, type_name, arn, f"{policy}--{KIND[verdict]}", {policy: verdict})


def config(estate, account, region):
    client = estate.client("config", account, region)
    if (account, region) != (1, 1):
        half = (account, region) == (1, 0)
        role = f"arn:aws:iam::{estate.accounts[account]}:role/config" if half else SERVICE_ROLE.format(account=estate.accounts[account])
        group = {"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]} if half else {"allSupported": True, "includeGlobalResourceTypes": region == 0}
        client.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": group})
        client.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"access-logs-{estate.regions[region]}-{estate.accounts[account]}"})
        if not half:
            client.start_configuration_recorder(ConfigurationRecorderName="default")
    expect(estate, account, region, "config", "AWS::Config::Region", {
        "ConfigRecorderDisabled": ALL_OR_NONE, "ConfigRecorderIncomplete": PARTS, "ConfigRecorderRoleNotServiceLinked": PARTS})


def guardduty(estate, account, region):
    if (account, region) != (1, 1):
        status = "DISABLED" if (account, region) == (1, 0) else "ENABLED"
        features = [{"Name": name, "Status": status} for name in FEATURES]
        features[-1]["AdditionalConfiguration"] = [{"Name": name, "Status": status} for name in RUNTIME]
        estate.client("guardduty", account, region).create_detector(Enable=True, Features=features)
    expect(estate, account, region, "guardduty", "AWS::GuardDuty::Region", {"GuardDutyDisabled": WHOLE, **dict.fromkeys(GUARDDUTY, PARTS)})


def securityhub(estate, account, region):
    if (account, region) != (1, 1):
        estate.client("securityhub", account, region).enable_security_hub(EnableDefaultStandards=False)
    standard = {
        "StandardsSubscriptionArn": f"arn:aws:securityhub:{estate.regions[region]}:{estate.accounts[account]}:subscription/fsbp/v/1.0.0",
        "StandardsArn": f"arn:aws:securityhub:{estate.regions[region]}::standards/aws-foundational-security-best-practices/v/1.0.0", "StandardsStatus": "READY",
    }
    estate.answer(
        "securityhub:GetEnabledStandards", account, {"StandardsSubscriptions": [] if account == 1 else [standard]}, region=region)
    expect(estate, account, region, "securityhub", "AWS::SecurityHub::Region", {"SecurityHubDisabled": WHOLE, "SecurityHubWithoutStandards": PARTS})


def inspector(estate, account, region):
    client, number = estate.client("inspector2", account, region), estate.accounts[account]
    if account != 1:
        client.enable(accountIds=[number], resourceTypes=["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"])
    expect(estate, account, region, "inspector2", "AWS::Inspector2::Region", dict.fromkeys(INSPECTOR, ALL_OR_NONE))


def macie(estate, account, region):
    # The emulator has it enabled everywhere by default.
    if (account, region) == (1, 1):
        estate.fail("macie2:GetMacieSession", account, "AccessDeniedException", "Macie is not enabled.", region=region)
    estate.answer("macie2:GetAutomatedDiscoveryConfiguration", account, {"status": "DISABLED" if account == 1 else "ENABLED"}, region=region)
    expect(estate, account, region, "macie2", "AWS::Macie::Region", {"MacieDisabled": WHOLE, "MacieAutomatedDiscoveryDisabled": PARTS})


def analyzer(estate, account, region):
    where = f"{estate.regions[region]}:{estate.accounts[account]}"
    made = {"arn": f"arn:aws:access-analyzer:{where}:analyzer/a", "name": "a", "status": "ACTIVE", "createdAt": estate.ago(400)}
    found = {(1, 0): [{**made, "type": "ACCOUNT_UNUSED_ACCESS"}], (1, 1): []}.get((account, region), [{**made, "type": "ACCOUNT"}])
    estate.answer("accessanalyzer:ListAnalyzers", account, {"analyzers": found}, region=region)
    expect(estate, account, region, "accessanalyzer", "AWS::AccessAnalyzer::Region", {"AccessAnalyzerMissing": ALL_OR_NONE})


def contact(estate, account):
    number, policy, primary = estate.accounts[account], "AccountSecurityContactMissing", "AccountPrimaryContactMissing"
    if account == 0:
        estate.answer("account:GetContactInformation", account, {"ContactInformation": {"FullName": "Ann", "PhoneNumber": "+1 555 0100"}})
    if account == 1:
        estate.fail("account:GetContactInformation", account, "ResourceNotFoundException", "No contact information found.")
    if account != 1:
        estate.client("account", account).put_alternate_contact(
            AlternateContactType="SECURITY", Name="Security", Title="Team", EmailAddress="security@example.com", PhoneNumber="+1 555 0100")
    verdict = (PASS, FAIL, UNKNOWN)[account]
    for one in (policy, primary):
        estate.expect(account, 0, "AWS::Account::Account", f"arn:aws:account::{number}:settings", f"{one}--{KIND[verdict]}", {one: verdict})


def organization(estate, account):
    number, policy = estate.accounts[account], "OrganizationsAccountNotMember"
    verdict = (PASS, FAIL, UNKNOWN)[account]
    arn = f"arn:aws:organizations::{number}:settings"
    estate.expect(account, 0, "AWS::OrganizationMembership::Account", arn, f"{policy}--{KIND[verdict]}", {policy: verdict})
    if account == 1:
        return
    estate.answer_xml("iam:ListOrganizationsFeatures", account, "<ListOrganizationsFeaturesResponse><ListOrganizationsFeaturesResult><EnabledFeatures>"
                      "<member>RootCredentialsManagement</member></EnabledFeatures></ListOrganizationsFeaturesResult></ListOrganizationsFeaturesResponse>")
    client = estate.client("organizations", account)
    client.create_organization(FeatureSet="ALL")
    policy = "OrganizationsDelegatedAdministratorUntrusted"
    bad = client.create_account(AccountName="tools", Email="tools@example.com")["CreateAccountStatus"]["AccountId"]
    good = client.create_account(AccountName="sandbox", Email="sandbox@example.com")["CreateAccountStatus"]["AccountId"]
    client.register_delegated_administrator(AccountId=bad, ServicePrincipal="guardduty.amazonaws.com")
    for found in client.list_accounts()["Accounts"] if account == 0 else []:
        name, verdict = {bad: (f"{policy}--bad", FAIL), good: (f"{policy}--good", PASS)}.get(found["Id"], ("management", PASS))
        estate.expect(account, 0, "AWS::Organizations::Account", found["Arn"], name, {policy: verdict})
