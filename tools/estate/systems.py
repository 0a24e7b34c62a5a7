"""What Systems Manager and AWS Backup look after: documents, parameters, machines, vaults, plans and recovery points."""
import json

from model import FAIL, LAST, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of
from watch import KIND

DOCUMENT, PARAMETER, MACHINE, SSM = "AWS::SSM::Document", "AWS::SSM::Parameter", "AWS::SSM::ManagedInstance", "AWS::SSM::Region"
VAULT, PLAN, POINT, BACKUP = "AWS::Backup::BackupVault", "AWS::Backup::BackupPlan", "AWS::Backup::RecoveryPoint", "AWS::Backup::Region"
PATCHES, ASSOCIATIONS = "SSMManagedInstancePatchesMissing", "SSMManagedInstanceAssociationFailed"
VAULT_IN_ORDER = {"BackupVaultPolicyPublic": PASS, "BackupVaultUnencrypted": PASS}
SHARING, LOGGING = "SSMDocumentPublicSharingAllowed", "SSMAutomationLoggingDisabled"
SETTINGS = {
    SHARING: ("/ssm/documents/console/public-sharing-permission", {PASS: "Disable", FAIL: "Enable"}),
    LOGGING: ("/ssm/automation/customer-script-log-destination", {PASS: "CloudWatch", FAIL: ""}),
}
# By cell: one per region, what each is to be. In the second account's first region are vaults without plans, in its second plans without reports.
BY_CELL = {(0, 0): PASS, (0, 1): PASS, (1, 0): FAIL, (1, 1): FAIL, (2, 0): PASS, (2, 1): UNKNOWN}
REPORTS = {**BY_CELL, (1, 0): NOT_APPLICABLE}
PLANS = {**BY_CELL, (1, 1): PASS}
HIDDEN = (2, 1)


def build(estate):
    estate.machines = {cell: [] for cell in estate.cells()}
    estate.points = {cell: [] for cell in estate.cells()}
    for call, types in (
            ("ssm:ListDocuments", [DOCUMENT]), ("ssm:DescribeParameters", [PARAMETER]), ("ssm:DescribeInstanceInformation", [MACHINE]),
            ("backup:ListBackupVaults", [VAULT, POINT]), ("backup:ListBackupPlans", [PLAN])):
        estate.deny_list(call, HIDDEN[0], types, region=HIDDEN[1])
    estate.deny("ssm:GetServiceSetting", HIDDEN[0], region=HIDDEN[1])
    # Nothing is evaluated about them.
    for account in range(len(estate.accounts)):
        estate.answer("backup:DescribeRegionSettings", account, {"ResourceTypeOptInPreference": {"DynamoDB": True, "EBS": True, "RDS": True}})
        estate.answer("backup:ListBackupSelections", account, {"BackupSelectionsList": []})
    for account, region in estate.cells():
        hidden = (account, region) == HIDDEN
        estate.at(0, region_settings, estate, account, region)
        if hidden:
            for policy in (PATCHES, ASSOCIATIONS, "BackupVaultUnencrypted", "BackupRecoveryPointUnencrypted"):
                estate.hidden.append(f"{policy}--unknown")
        else:
            for policy in (PATCHES, ASSOCIATIONS):
                for kind in ("good", "bad"):
                    estate.at(stage_of(policy, kind, account), machine, estate, account, region, policy, kind)
            for policy in VAULT_IN_ORDER:
                for kind in ("good", "bad", "unknown") if policy == "BackupVaultPolicyPublic" else ("good", "bad"):
                    estate.at(0, vault, estate, account, region, policy, kind)
            for kind in ("good", "bad"):
                estate.at(stage_of("BackupRecoveryPointUnencrypted", kind, account), point, estate, account, region, "BackupRecoveryPointUnencrypted", kind)
            estate.answer("ssm:DescribeInstanceInformation", account, lambda cell=(account, region): told(estate, cell), region=region)
            estate.answer("ssm:ListResourceComplianceSummaries", account, lambda cell=(account, region): compliance(estate, cell), region=region)
            estate.answer("backup:ListRecoveryPointsByBackupVault", account, {"RecoveryPoints": []}, region=region)
            estate.at(LAST, what_is_there, estate, account, region)
        for kind in ("unknown",) if hidden else ("good", "bad", "unknown"):
            estate.at(stage_of("SSMDocumentPublic", kind, account), document, estate, account, region, kind)
        for kind in ("unknown",) if hidden else ("good", "bad"):
            estate.at(stage_of("SSMParameterSecretPlain", kind, account), parameter, estate, account, region, kind)
        estate.at(0, plans, estate, account, region)


def where(estate, account, region):
    return f"{estate.regions[region]}:{estate.accounts[account]}"


def region_settings(estate, account, region):
    arn = f"arn:aws:ssm:{where(estate, account, region)}:settings"
    verdict = BY_CELL[account, region]
    for policy, (setting, values) in SETTINGS.items():
        if verdict != UNKNOWN:
            estate.answer("ssm:GetServiceSetting", account, {"ServiceSetting": {"SettingId": setting, "SettingValue": values[verdict]}}, resource=setting, region=region)
        estate.expect(account, region, SSM, arn, f"{policy}--{KIND[verdict]}", {policy: verdict})


def document(estate, account, region, kind):
    policy, client = "SSMDocumentPublic", estate.client("ssm", account, region)
    name = f"{policy}--{kind}"
    content = {"schemaVersion": "2.2", "description": "Restarts the service.", "mainSteps": []}
    client.create_document(
        Name=name, Content=json.dumps(content), DocumentType="Command", DocumentFormat="JSON", Tags=[{"Key": "team", "Value": "orders"}])
    client.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=["all" if kind == "bad" else estate.accounts[0]])
    if kind == "unknown":
        estate.deny("ssm:DescribeDocumentPermission", account, resource=name, region=region)
    estate.expect(account, region, DOCUMENT, f"arn:aws:ssm:{where(estate, account, region)}:document/{name}", name, {policy: verdicts_of({}, policy, kind)[policy]})


def parameter(estate, account, region, kind):
    policy = "SSMParameterSecretPlain"
    name = f"/orders/{policy}--{kind}/password"
    estate.client("ssm", account, region).put_parameter(Name=name, Value="not-a-secret", Type="SecureString" if kind == "good" else "String")
    arn = f"arn:aws:ssm:{where(estate, account, region)}:parameter{name}"
    estate.expect(account, region, PARAMETER, arn, f"{policy}--{kind}", verdicts_of({}, policy, kind))


def machine(estate, account, region, policy, kind):
    """The emulator knows no machines. Their numbers come from what they are called."""
    name = f"{policy}--{kind}"
    id_ = f"mi-{sum(map(ord, name)):017x}"
    own, other = ("Patch", "Association") if policy == PATCHES else ("Association", "Patch")
    states = {own: "COMPLIANT" if kind == "good" else "NON_COMPLIANT", **({other: "COMPLIANT"} if kind == "good" else {})}
    estate.machines[account, region].append((id_, name, states))
    verdicts = {PATCHES: PASS, ASSOCIATIONS: PASS} if kind == "good" else {PATCHES: NOT_APPLICABLE, ASSOCIATIONS: NOT_APPLICABLE, policy: FAIL}
    estate.expect(account, region, MACHINE, f"arn:aws:ssm:{where(estate, account, region)}:managed-instance/{id_}", name, verdicts)


def told(estate, cell):
    return {"InstanceInformationList": [
        {"InstanceId": id_, "ComputerName": name, "PingStatus": "Online", "PlatformType": "Linux", "ResourceType": "ManagedInstance", "RegistrationDate": 1700000000}
        for id_, name, _ in estate.machines[cell]] + [
        {"InstanceId": id_, "ComputerName": id_, "PingStatus": "Online", "PlatformType": "Linux", "ResourceType": "EC2Instance", "RegistrationDate": 1700000000}
        for id_ in estate.networks[cell].managed]}


def compliance(estate, cell):
    return {"ResourceComplianceSummaryItems": [
        {"ResourceId": id_, "ResourceType": "ManagedInstance", "ComplianceType": kind, "Status": status, "OverallSeverity": "HIGH"}
        for id_, _, states in estate.machines[cell] for kind, status in states.items()]}


def vault(estate, account, region, policy, kind):
    name, bad = f"{policy}--{kind}", kind == "bad"
    key = f"arn:aws:kms:{where(estate, account, region)}:key/11111111-2222-4333-8444-555555555555"
    arn = estate.client("backup", account, region).create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)["BackupVaultArn"]
    if policy == "BackupVaultUnencrypted" and bad:
        # The emulator gives every vault a key.
        estate.edit("backup:ListBackupVaults", account, f'("BackupVaultName": ?"{name}"(?:(?!BackupVaultName).)*?)"EncryptionKeyArn": ?"[^"]*", ?', "${1}", region=region)
    principal = "*" if policy == "BackupVaultPolicyPublic" and bad else f"arn:aws:iam::{estate.accounts[account]}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "backup:CopyIntoBackupVault", "Resource": "*"}
    estate.answer(
        "backup:GetBackupVaultAccessPolicy", account,
        {"BackupVaultName": name, "Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}, resource=name, region=region)
    if kind == "unknown":
        estate.deny("backup:GetBackupVaultAccessPolicy", account, resource=name, region=region)
    estate.expect(account, region, VAULT, arn, name, verdicts_of(VAULT_IN_ORDER, policy, kind))


def point(estate, account, region, policy, kind):
    name = f"{policy}--{kind}"
    arn = f"arn:aws:backup:{where(estate, account, region)}:recovery-point:{name}"
    estate.points[account, region].append({
        "RecoveryPointArn": arn, "BackupVaultName": "BackupVaultUnencrypted--good", "ResourceType": "DynamoDB", "Status": "COMPLETED",
        "IsEncrypted": kind == "good", "CreationDate": 1700000000, "BackupVaultArn": f"arn:aws:backup:{where(estate, account, region)}:backup-vault:BackupVaultUnencrypted--good",
        "ResourceArn": f"arn:aws:dynamodb:{where(estate, account, region)}:table/orders",
    })
    estate.expect(account, region, POINT, arn, name, verdicts_of({}, policy, kind))


def what_is_there(estate, account, region):
    """All recovery points are in one vault. Of instances nothing is told that patches or associations would say."""
    found = estate.points[account, region]
    estate.answer("backup:ListRecoveryPointsByBackupVault", account, {"RecoveryPoints": found}, resource="BackupVaultUnencrypted--good", region=region)
    for id_ in estate.networks[account, region].managed:
        estate.expect(
            account, region, MACHINE, f"arn:aws:ssm:{where(estate, account, region)}:managed-instance/{id_}", id_,
            {PATCHES: NOT_APPLICABLE, ASSOCIATIONS: NOT_APPLICABLE})
    for one in found:
        estate.answer("backup:DescribeRecoveryPoint", account, one, resource=one["RecoveryPointArn"], region=region)


def plans(estate, account, region):
    client, arn = estate.client("backup", account, region), f"arn:aws:backup:{where(estate, account, region)}:settings"
    for policy, by_cell in (("BackupPlanMissing", PLANS), ("BackupReportPlanMissing", REPORTS)):
        verdict = by_cell[account, region]
        estate.expect(account, region, BACKUP, arn, f"{policy}--{KIND[verdict]}", {policy: verdict})
    if (account, region) != (1, 0):
        client.create_backup_plan(BackupPlan={"BackupPlanName": "daily", "Rules": [{
            "RuleName": "nightly", "TargetBackupVaultName": "BackupVaultUnencrypted--good", "ScheduleExpression": "cron(0 5 ? * * *)"}]})
    if account != 1:
        client.create_report_plan(
            ReportPlanName="jobs", ReportDeliveryChannel={"S3BucketName": f"access-logs-{account}"}, ReportSetting={"ReportTemplate": "BACKUP_JOB_REPORT"})
