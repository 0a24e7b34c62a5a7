"""Users with their keys and passwords, roles, customer policies, and the account's own settings.

In the third account the lists of users, roles and policies are denied.
"""
import base64
import json
import re

from model import FAIL, NOT_APPLICABLE, PASS, UNKNOWN, stage_of, verdicts_of

USER, GROUP, ROLE = "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role"
POLICY, ACCOUNT = "AWS::IAM::ManagedPolicy", "AWS::IAM::Account"
OF_KEYS = ("IAMAccessKeyNotRotated", "IAMAccessKeyUnused", "IAMUserMultipleActiveAccessKeys")
OF_PASSWORDS = ("IAMUserConsoleAccessKeyNeverUsed", "IAMUserMfaDisabled", "IAMUserPasswordUnused")
IN_ORDER = {
    **dict.fromkeys((*OF_KEYS, *OF_PASSWORDS, "IAMUserInlineKmsDecryptOnAllKeys", "IAMUserInlinePolicyOverlyPermissive"), NOT_APPLICABLE),
    "IAMUserAdministratorAccess": PASS,
    "IAMUserDirectPolicyAttachment": PASS,
}
KEYS_IN_ORDER, KEYS_UNKNOWN = dict.fromkeys(OF_KEYS, PASS), dict.fromkeys(OF_KEYS, UNKNOWN)


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


ADMIN, REPORTS = document(Action="*", Resource="*"), document(Action=["s3:GetObject"], Resource="arn:aws:s3:::reports/*")
DECRYPT = document(Action="kms:Decrypt", Resource="*")
# What is said of inline policies, by what they are written into.
INLINE = {kind: (f"IAM{kind}InlineKmsDecryptOnAllKeys", f"IAM{kind}InlinePolicyOverlyPermissive") for kind in ("User", "Group", "Role")}


def of_inline(kind, text):
    """Whoever may do everything may decrypt everything."""
    decrypts, everything = INLINE[kind]
    return {decrypts: FAIL if text in (ADMIN, DECRYPT) else PASS, everything: FAIL if text == ADMIN else PASS} if text else {}


# (policy, kind, settings of the user, denied reads, other verdicts). For keys and passwords: "keys" their states, "key_days" since their creation,
# "key_unused" since their last use (by default in constant use), "password_days" since it was set, "password_unused" if it was never used.
USERS = [
    ("IAMUserMfaDisabled", "good", {"password_days": 400, "mfa": True}, [], {}),
    ("IAMUserMfaDisabled", "bad", {"password_days": 400}, [], {}),
    ("IAMUserMfaDisabled", "unknown", {"password_days": 400}, ["ListMFADevices"], {}),
    ("IAMUserPasswordUnused", "good", {"password_days": 400, "mfa": True}, [], {}),
    ("IAMUserPasswordUnused", "bad", {"password_days": 110, "password_unused": True, "mfa": True}, [], {}),
    ("IAMUserPasswordUnused", "unknown", {"password_days": 400, "mfa": True}, ["GetLoginProfile"], {
        "IAMUserConsoleAccessKeyNeverUsed": UNKNOWN, "IAMUserMfaDisabled": UNKNOWN}),
    ("IAMAccessKeyNotRotated", "good", {"keys": ["Active"], "key_days": 30}, [], {}),
    ("IAMAccessKeyNotRotated", "bad", {"keys": ["Active"], "key_days": 200}, [], {}),
    ("IAMAccessKeyNotRotated", "unknown", {"keys": ["Active"], "key_days": 200}, ["ListAccessKeys"], KEYS_UNKNOWN),
    ("IAMAccessKeyUnused", "good", {"keys": ["Active"], "key_days": 60}, [], {}),
    ("IAMAccessKeyUnused", "bad", {"keys": ["Active"], "key_days": 300, "key_unused": 120}, [], {"IAMAccessKeyNotRotated": FAIL}),
    ("IAMAccessKeyUnused", "unknown", {"keys": ["Active"], "key_days": 60}, ["GetAccessKeyLastUsed"], KEYS_UNKNOWN),
    ("IAMUserConsoleAccessKeyNeverUsed", "good", {"password_days": 400, "mfa": True, "keys": ["Active"], "key_days": 60}, [], {}),
    ("IAMUserConsoleAccessKeyNeverUsed", "bad", {"password_days": 400, "mfa": True, "keys": ["Active"], "key_days": 60, "key_never_used": True}, [], {
        "IAMAccessKeyUnused": FAIL}),
    ("IAMUserConsoleAccessKeyNeverUsed", "unknown", {"password_days": 400, "mfa": True, "keys": ["Active"], "key_days": 60}, ["ListAccessKeys"], KEYS_UNKNOWN),
    ("IAMUserMultipleActiveAccessKeys", "good", {"keys": ["Active", "Inactive"], "key_days": 60}, [], {}),
    ("IAMUserMultipleActiveAccessKeys", "bad", {"keys": ["Active", "Active"], "key_days": 60}, [], {}),
    ("IAMUserMultipleActiveAccessKeys", "unknown", {"keys": ["Active", "Active"], "key_days": 60}, ["ListAccessKeys"], KEYS_UNKNOWN),
    ("IAMUserDirectPolicyAttachment", "good", {}, [], {}),
    ("IAMUserDirectPolicyAttachment", "bad", {"attached": "IAMPolicyOverlyPermissive--good"}, [], {}),
    ("IAMUserAdministratorAccess", "good", {}, [], {}),
    ("IAMUserAdministratorAccess", "bad", {"attached": "AdministratorAccess"}, [], {"IAMUserDirectPolicyAttachment": FAIL}),
    ("IAMUserInlinePolicyOverlyPermissive", "good", {"inline": REPORTS}, [], {"IAMUserDirectPolicyAttachment": FAIL}),
    ("IAMUserInlinePolicyOverlyPermissive", "bad", {"inline": ADMIN}, [], {"IAMUserDirectPolicyAttachment": FAIL}),
    ("IAMUserInlineKmsDecryptOnAllKeys", "good", {"inline": REPORTS}, [], {"IAMUserDirectPolicyAttachment": FAIL}),
    ("IAMUserInlineKmsDecryptOnAllKeys", "bad", {"inline": DECRYPT}, [], {"IAMUserDirectPolicyAttachment": FAIL}),
]


def trust(**principal):
    return document(Principal=principal, Action="sts:AssumeRole")


ROLE_IN_ORDER = {
    "IAMRoleAdministratorAccess": PASS, "IAMRoleTrustPublic": PASS, "IAMRoleTrustsExternalAccount": PASS, "IAMRoleInlinePolicyOverlyPermissive": NOT_APPLICABLE,
    "IAMRoleInlineKmsDecryptOnAllKeys": NOT_APPLICABLE,
}
# (policy, kind, trust policy, inline policy, other verdicts)
ROLES = [
    ("IAMRoleTrustPublic", "good", trust(Service="ec2.amazonaws.com"), None, {}),
    ("IAMRoleTrustPublic", "bad", trust(AWS="*"), None, {"IAMRoleTrustsExternalAccount": FAIL}),
    ("IAMRoleTrustsExternalAccount", "good", trust(AWS="arn:aws:iam::{account}:root"), None, {}),
    ("IAMRoleTrustsExternalAccount", "bad", trust(AWS="arn:aws:iam::444455556666:root"), None, {}),
    ("IAMRoleAdministratorAccess", "good", trust(Service="ec2.amazonaws.com"), None, {}),
    ("IAMRoleAdministratorAccess", "bad", trust(Service="ec2.amazonaws.com"), None, {}),
    ("IAMRoleInlinePolicyOverlyPermissive", "good", trust(Service="ec2.amazonaws.com"), REPORTS, {}),
    ("IAMRoleInlinePolicyOverlyPermissive", "bad", trust(Service="ec2.amazonaws.com"), ADMIN, {}),
    ("IAMRoleInlineKmsDecryptOnAllKeys", "good", trust(Service="ec2.amazonaws.com"), REPORTS, {}),
    ("IAMRoleInlineKmsDecryptOnAllKeys", "bad", trust(Service="ec2.amazonaws.com"), DECRYPT, {}),
]
# (policy, kind, inline policy)
GROUP_IN_ORDER = {
    "IAMGroupAdministratorAccess": PASS, "IAMGroupInlineKmsDecryptOnAllKeys": NOT_APPLICABLE, "IAMGroupInlinePolicyOverlyPermissive": NOT_APPLICABLE,
}
GROUPS = [
    ("IAMGroupAdministratorAccess", "good", None),
    ("IAMGroupAdministratorAccess", "bad", None),
    ("IAMGroupInlinePolicyOverlyPermissive", "good", REPORTS),
    ("IAMGroupInlinePolicyOverlyPermissive", "bad", ADMIN),
    ("IAMGroupInlineKmsDecryptOnAllKeys", "good", REPORTS),
    ("IAMGroupInlineKmsDecryptOnAllKeys", "bad", DECRYPT),
]
POLICY_IN_ORDER = dict.fromkeys((
    "IAMPolicyCloudTrailFullAccess", "IAMPolicyKmsDecryptOnAllKeys", "IAMPolicyKmsFullAccess", "IAMPolicyOverlyPermissive", "IAMPolicyServiceWildcard"), PASS)
# (policy, kind, document, other verdicts)
POLICIES = [
    ("IAMPolicyOverlyPermissive", "good", REPORTS, {}),
    ("IAMPolicyOverlyPermissive", "bad", ADMIN, dict.fromkeys(POLICY_IN_ORDER, FAIL)),
    ("IAMPolicyServiceWildcard", "good", document(Action="s3:Get*", Resource="*"), {}),
    ("IAMPolicyServiceWildcard", "bad", document(Action="s3:*", Resource="arn:aws:s3:::reports"), {}),
    ("IAMPolicyKmsDecryptOnAllKeys", "good", document(Action="kms:Decrypt", Resource="arn:aws:kms:*:*:key/11111111-2222-4333-8444-555555555555"), {}),
    ("IAMPolicyKmsDecryptOnAllKeys", "bad", DECRYPT, {}),
    ("IAMPolicyKmsFullAccess", "good", document(Action=["kms:Describe*", "kms:List*"], Resource="*"), {}),
    ("IAMPolicyKmsFullAccess", "bad", document(Action="kms:*", Resource="*"), {"IAMPolicyKmsDecryptOnAllKeys": FAIL, "IAMPolicyServiceWildcard": FAIL}),
    ("IAMPolicyCloudTrailFullAccess", "good", document(Action="cloudtrail:LookupEvents", Resource="*"), {}),
    ("IAMPolicyCloudTrailFullAccess", "bad", document(Action="cloudtrail:*", Resource="*"), {"IAMPolicyServiceWildcard": FAIL}),
]
# The emulator lacks AWS's own policies, so some of the account are presented as such.
OF_AWS = ("AdministratorAccess", "AWSSupportAccess", "AWSCloudShellFullAccess")
# The variants of account settings, one per account.
STATES = ("good", "bad", "unknown")
AGED = {"key_days", "password_days"}
HIDDEN = 2


def build(estate):
    estate.reported = {}
    for account in range(len(estate.accounts)):
        estate.at(0, settings, estate, account, STATES[account])
        for make, variants in ((policy, POLICIES), (role, ROLES), (group, GROUPS), (user, USERS)):
            for variant in variants:
                # A user with an old key or password is not new.
                stage = 0 if make is user and AGED & variant[2].keys() else stage_of(*variant[:2], account)
                estate.at(stage, make, estate, account, *variant)
                if account == HIDDEN and variant[1] == "bad" and all(v[:2] != (variant[0], "unknown") for v in variants):
                    estate.at(stage, make, estate, account, variant[0], "unknown", *variant[2:])
        for call in ("ListInstanceProfileTags", "ListServerCertificateTags"):
            estate.answer_xml(f"iam:{call}", account, f"<{call}Response><{call}Result><Tags/></{call}Result></{call}Response>")
    for kind, type_name in (("User", USER), ("Group", GROUP), ("Role", ROLE), ("LocalManagedPolicy", POLICY)):
        estate.deny_list("iam:GetAccountAuthorizationDetails", HIDDEN, [type_name], resource=f"member.1={kind}")


def own(estate, account, policy_name):
    return f"arn:aws:iam::{estate.accounts[account]}:policy/{policy_name}"


def administrator(estate, account):
    return own(estate, account, "AdministratorAccess")


def expect(estate, account, type_name, path, name, verdicts):
    estate.expect(account, 0, type_name, f"arn:aws:iam::{estate.accounts[account]}:{path}", name, verdicts)


def policy(estate, account, about, kind, text, also):
    name = f"{about}--{kind}"
    estate.client("iam", account).create_policy(PolicyName=name, PolicyDocument=text)
    expect(estate, account, POLICY, f"policy/{name}", name, verdicts_of(POLICY_IN_ORDER, about, kind, also))


def role(estate, account, about, kind, trusts, inline, also):
    iam, name = estate.client("iam", account), f"{about}--{kind}"
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts.replace("{account}", estate.accounts[account]))
    if inline:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=inline)
    if (about, kind) == ("IAMRoleAdministratorAccess", "bad"):
        iam.attach_role_policy(RoleName=name, PolicyArn=administrator(estate, account))
    # The verdicts are those of an inline policy.
    base = {**ROLE_IN_ORDER, **of_inline("Role", inline)}
    expect(estate, account, ROLE, f"role/{name}", name, verdicts_of(base, about, kind, also))


def group(estate, account, about, kind, inline):
    iam, name = estate.client("iam", account), f"{about}--{kind}"
    iam.create_group(GroupName=name)
    if inline:
        iam.put_group_policy(GroupName=name, PolicyName="inline", PolicyDocument=inline)
    if (about, kind) == ("IAMGroupAdministratorAccess", "bad"):
        iam.attach_group_policy(GroupName=name, PolicyArn=administrator(estate, account))
    expect(estate, account, GROUP, f"group/{name}", name, verdicts_of({**GROUP_IN_ORDER, **of_inline("Group", inline)}, about, kind))


def settings(estate, account, kind):
    """Account settings. The emulator's root user has neither an MFA device nor a key, and is not in the credential report."""
    iam, summary, listed = estate.client("iam", account), "iam:GetAccountSummary", "iam:ListServerCertificates"
    iam.create_group(GroupName="operators")
    expect(estate, account, GROUP, "group/operators", "operators", GROUP_IN_ORDER)
    for policy_name in OF_AWS:
        iam.create_policy(PolicyName=policy_name, PolicyDocument=ADMIN)
    for call in ("GetAccountAuthorizationDetails", "ListAttachedGroupPolicies", "ListAttachedRolePolicies", "ListAttachedUserPolicies"):
        estate.edit(f"iam:{call}", account, own(estate, account, f"({'|'.join(OF_AWS)})(?=<)"), "arn:aws:iam::aws:policy/${1}")
    if kind == "good":
        iam.create_role(RoleName="support", AssumeRolePolicyDocument=trust(Service="ec2.amazonaws.com"))
        iam.attach_role_policy(RoleName="support", PolicyArn=own(estate, account, "AWSSupportAccess"))
        expect(estate, account, ROLE, "role/support", "support", ROLE_IN_ORDER)
        iam.create_saml_provider(Name="directory", SAMLMetadataDocument="<EntityDescriptor/>".ljust(1000))
    if kind == "bad":
        iam.attach_group_policy(GroupName="operators", PolicyArn=own(estate, account, "AWSCloudShellFullAccess"))
    iam.upload_server_certificate(ServerCertificateName="www", CertificateBody="www", PrivateKey="not-a-secret")
    if kind == "unknown":
        estate.deny_list(listed, account, ["AWS::IAM::ServerCertificate"])
        estate.deny_list("iam:ListSAMLProviders", account, ["AWS::IAM::SAMLProvider"])
        for call in (summary, "iam:GetAccountPasswordPolicy", "iam:GetCredentialReport"):
            estate.deny(call, account)
    else:
        length, reuse, age = (16, 24, 90) if kind == "good" else (8, 3, 365)
        iam.update_account_password_policy(
            MinimumPasswordLength=length, PasswordReusePrevention=reuse, MaxPasswordAge=age, RequireSymbols=kind == "good", RequireNumbers=True, RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True)
        member, present = ("AccountMFAEnabled", "1") if kind == "good" else ("AccountAccessKeysPresent", "1")
        estate.edit(summary, account, rf"(<key>{member}</key>\s*<value>)0", "${1}" + present)
        uploaded, expires = (200, -165) if kind == "good" else (389, 24)
        for call in (listed, "iam:GetServerCertificate"):
            estate.edit(
                call, account, r"<UploadDate>[^<]*</UploadDate>\s*<Expiration>[^<]*</Expiration>",
                f"<UploadDate>{estate.ago(uploaded)}</UploadDate><Expiration>{estate.ago(expires)}</Expiration>")
        estate.edit("iam:GetCredentialReport", account, "<Content>[^<]*</Content>", lambda: f"<Content>{report(estate, account, kind)}</Content>")
    # The last sign-in of users is in the list of all users of the account.
    estate.edit(
        "iam:ListUsers", account, "(<UserName>(?:(?:IAMUserConsoleAccessKeyNeverUsed|IAMUserMfaDisabled)--\\w+|IAMUserPasswordUnused--good)</UserName>)",
        lambda: "${1}" + f"<PasswordLastUsed>{estate.recently(1)}</PasswordLastUsed>")
    for about in (
            "IAMPasswordPolicyWeak", "IAMPasswordPolicyTooShort", "IAMPasswordReuseAllowed", "IAMPasswordPolicyComplexityWeak", "IAMPasswordPolicyNoExpiry",
            "IAMRootMfaDisabled", "IAMRootHardwareMfaDisabled", "IAMRootAccessKeyPresent", "IAMRootAccountActive", "IAMSamlProviderMissing",
            "IAMServerCertificateExpired", "IAMSupportRoleMissing", "IAMCloudShellFullAccessAttached"):
        estate.expect(account, 0, ACCOUNT, f"arn:aws:iam::{estate.accounts[account]}:settings", f"{about}--{kind}", verdicts_of({}, about, kind))


def report(estate, account, kind):
    """The emulator's credential report with the root user added, in base64."""
    iam = estate.client("iam", account)
    iam.generate_credential_report()
    head, *users = [line.split(",") for line in iam.get_credential_report()["Content"].decode().splitlines()]
    root = {name: "false" if name.endswith("_active") else "N/A" for name in head} | {
        "user": "<root_account>", "arn": f"arn:aws:iam::{estate.accounts[account]}:root", "user_creation_time": estate.ago(1500), "password_enabled": "not_supported",
        "password_last_used": estate.recently(3) if kind == "bad" else estate.ago(500), "mfa_active": str(kind == "good").lower(),
    }
    rows = [root]
    for line in users:
        row = dict(zip(head, line))
        rows.append(row | {name: tell() for name, tell in estate.reported.get((account, row["user"]), {}).items()})
    text = "\n".join(",".join(row[name] for name in head) for row in [dict(zip(head, head)), *rows])
    return base64.b64encode(re.sub(r"(?<=:\d\d)Z", "+00:00", text).encode()).decode()


def user(estate, account, about, kind, made, refused, also):
    iam, name = estate.client("iam", account), f"{about}--{kind}"
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": ("platform", "orders", "web")[account]}])
    base = dict(IN_ORDER)
    for operation in refused:
        if operation != "GetAccessKeyLastUsed":  # this one refers to the key
            estate.deny(f"iam:{operation}", account, f"UserName={name}")
    # The rows of the report for users that the proxy changes.
    reported = estate.reported[account, name] = {}
    if "password_days" in made:
        iam.create_login_profile(UserName=name, Password="Correct-horse-1-battery", PasswordResetRequired=False)
        changed = estate.ago(made["password_days"])
        estate.edit("iam:GetLoginProfile", account, "<CreateDate>[^<]*</CreateDate>", f"<CreateDate>{changed}</CreateDate>", f"UserName={name}")
        reported |= {"password_last_changed": lambda: changed, "password_last_used": lambda: "no_information" if "password_unused" in made else estate.recently(1)}
        base.update(dict.fromkeys(OF_PASSWORDS, PASS))
    if made.get("mfa"):
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if "keys" in made:
        days = made["key_days"]

        def created():
            """The emulator has no history. A young key is a rotated one."""
            return estate.renewed(days) if days < 90 else estate.ago(days)

        def used():
            if "key_never_used" in made:
                return None
            return estate.ago(made["key_unused"]) if "key_unused" in made else estate.recently(1)

        estate.edit("iam:ListAccessKeys", account, "<CreateDate>[^<]*</CreateDate>", lambda: f"<CreateDate>{created()}</CreateDate>", f"UserName={name}")
        for number, state in enumerate(made["keys"], 1):
            key(estate, account, name, state, used, "GetAccessKeyLastUsed" in refused)
            reported |= {f"access_key_{number}_last_rotated": created, f"access_key_{number}_last_used_date": lambda: used() or "N/A"}
        base.update(KEYS_IN_ORDER)
    if "attached" in made:
        iam.attach_user_policy(UserName=name, PolicyArn=f"arn:aws:iam::{estate.accounts[account]}:policy/{made['attached']}")
    if "inline" in made:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=made["inline"])
        base.update(of_inline("User", made["inline"]))
    expect(estate, account, USER, f"user/{name}", name, verdicts_of(base, about, kind, also))


def key(estate, account, name, state, used, refused):
    iam = estate.client("iam", account)
    id_ = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    if state != "Active":
        iam.update_access_key(UserName=name, AccessKeyId=id_, Status=state)
    if refused:
        estate.deny("iam:GetAccessKeyLastUsed", account, id_)
    if used() is not None:
        estate.edit(
            "iam:GetAccessKeyLastUsed", account, "<AccessKeyLastUsed>", lambda: f"<AccessKeyLastUsed><LastUsedDate>{used()}</LastUsedDate>", id_)
