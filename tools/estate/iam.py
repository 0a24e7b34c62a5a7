"""Users with their keys, roles, customer policies, and the account's own settings."""
import datetime
import json

from model import NOT_APPLICABLE, PASS, FAIL, UNKNOWN, verdicts_of

USER, ROLE, POLICY, ACCOUNT = "AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Account"
PLAIN_USER = {"IAMUserMfaDisabled": NOT_APPLICABLE, "IAMAccessKeyNotRotated": NOT_APPLICABLE, "IAMAccessKeyUnused": NOT_APPLICABLE}
WITH_KEY = {**PLAIN_USER, "IAMAccessKeyNotRotated": PASS, "IAMAccessKeyUnused": PASS}
NOTHING_OF_KEYS = {"IAMAccessKeyNotRotated": UNKNOWN, "IAMAccessKeyUnused": UNKNOWN}

# (policy, kind, console password, MFA, days since the key was made and last used (None: no key, never), what is refused, other verdicts)
USERS = [
    ("IAMUserMfaDisabled", "good", True, True, None, None, [], {}),
    ("IAMUserMfaDisabled", "bad", True, False, None, None, [], {}),
    ("IAMUserMfaDisabled", "unknown", True, False, None, None, ["ListMFADevices"], {}),
    ("IAMAccessKeyNotRotated", "good", False, False, 30, 1, [], {}),
    ("IAMAccessKeyNotRotated", "bad", False, False, 200, 1, [], {}),
    ("IAMAccessKeyNotRotated", "unknown", False, False, 200, 1, ["ListAccessKeys"], NOTHING_OF_KEYS),
    ("IAMAccessKeyUnused", "good", False, False, 60, 2, [], {}),
    ("IAMAccessKeyUnused", "bad", False, False, 300, 120, [], {"IAMAccessKeyNotRotated": FAIL}),
    ("IAMAccessKeyUnused", "unknown", False, False, 60, 2, ["GetAccessKeyLastUsed"], NOTHING_OF_KEYS),
]


def document(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


ROLES = [
    ("IAMRoleTrustPublic", "good", document(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")),
    ("IAMRoleTrustPublic", "bad", document(Principal={"AWS": "*"}, Action="sts:AssumeRole")),
]
POLICIES = [
    ("IAMPolicyOverlyPermissive", "good", document(Action=["s3:GetObject"], Resource="arn:aws:s3:::reports/*")),
    ("IAMPolicyOverlyPermissive", "bad", document(Action="*", Resource="*")),
]
# Three accounts, three states of what each account has once.
STATES = ("good", "bad", "unknown")


def build(estate):
    for account in range(len(estate.accounts)):
        iam = estate.client("iam", account)
        number = estate.accounts[account]
        settings(estate, iam, account, STATES[account])
        for variant in USERS:
            user(estate, iam, account, *variant)
        for policy, kind, trust in ROLES:
            iam.create_role(RoleName=f"{policy}--{kind}", AssumeRolePolicyDocument=trust)
            if account != 2:
                estate.expect(account, 0, ROLE, f"arn:aws:iam::{number}:role/{policy}--{kind}", f"{policy}--{kind}", verdicts_of({}, policy, kind))
        for policy, kind, text in POLICIES:
            iam.create_policy(PolicyName=f"{policy}--{kind}", PolicyDocument=text)
            if account != 2:
                estate.expect(account, 0, POLICY, f"arn:aws:iam::{number}:policy/{policy}--{kind}", f"{policy}--{kind}", verdicts_of({}, policy, kind))
        iam.create_group(GroupName="operators")
    iam = estate.client("iam", 2)
    iam.create_role(RoleName="IAMRoleTrustPublic--unknown", AssumeRolePolicyDocument=ROLES[1][2])
    iam.create_policy(PolicyName="IAMPolicyOverlyPermissive--unknown", PolicyDocument=POLICIES[1][2])
    for kind, type_name in (("Role", ROLE), ("LocalManagedPolicy", POLICY)):
        estate.deny_list("iam:GetAccountAuthorizationDetails", 2, [type_name], resource=f"member.1={kind}")


def settings(estate, iam, account, kind):
    summary = "iam:GetAccountSummary"
    if kind == "unknown":
        estate.deny(summary, account)
        estate.deny("iam:GetAccountPasswordPolicy", account)
    else:
        length, reuse = (16, 24) if kind == "good" else (8, 3)
        iam.update_account_password_policy(
            MinimumPasswordLength=length, PasswordReusePrevention=reuse, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True)
        # The emulator's root user has neither a device nor a key.
        member, present = ("AccountMFAEnabled", "1") if kind == "good" else ("AccountAccessKeysPresent", "1")
        estate.edit(summary, account, rf"(<key>{member}</key>\s*<value>)0", "${1}" + present)
    verdicts = {}
    for policy in ("IAMPasswordPolicyWeak", "IAMRootMfaDisabled"):
        verdicts = verdicts_of(verdicts, policy, kind)
    estate.expect(account, 0, ACCOUNT, f"arn:aws:iam::{estate.accounts[account]}:settings", f"account--{kind}", verdicts)


def user(estate, iam, account, policy, kind, password, mfa, key_days, used_days, refused, also):
    name = f"{policy}--{kind}"
    iam.create_user(UserName=name, Tags=[{"Key": "team", "Value": ("platform", "orders", "web")[account]}])
    about = {operation: f"UserName={name}" for operation in ("ListMFADevices", "ListAccessKeys")}
    if password:
        iam.create_login_profile(UserName=name, Password="Correct-horse-1-battery", PasswordResetRequired=False)
    if mfa:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    if key_days is not None:
        key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        about["GetAccessKeyLastUsed"] = key
    for operation in refused:
        estate.deny(f"iam:{operation}", account, about[operation])
    if key_days is not None:
        # The emulator has no past.
        made = f"<CreateDate>{ago(key_days)}</CreateDate>"
        estate.edit("iam:ListAccessKeys", account, "<CreateDate>[^<]*</CreateDate>", made, about["ListAccessKeys"])
        used = f"<AccessKeyLastUsed><LastUsedDate>{ago(used_days)}</LastUsedDate>"
        estate.edit("iam:GetAccessKeyLastUsed", account, "<AccessKeyLastUsed>", used, key)
    base = WITH_KEY if key_days is not None else PLAIN_USER
    estate.expect(account, 0, USER, f"arn:aws:iam::{estate.accounts[account]}:user/{name}", name, verdicts_of(base, policy, kind, also))


def ago(days):
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
