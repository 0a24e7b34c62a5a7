using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>The events of IAM that the former system followed. Names are those of the recorded events, because every case has its own account.</summary>
public sealed class IamEvents(SupportedEvents qrie) : IClassFixture<SupportedEvents>
{
    private const string AdminPolicy = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";
    private const string ReadPolicy =
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::example/*"}]}""";
    private const string TrustAll = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}""";
    private const string TrustService =
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private const string Key = "AKIAI44QH8DHBEXAMPLE";

    /// <summary>What a policy that allows everything violates.</summary>
    private const string OfAdministrators =
        "IAMPolicyOverlyPermissive IAMPolicyServiceWildcard IAMPolicyCloudTrailFullAccess IAMPolicyKmsFullAccess IAMPolicyKmsDecryptOnAllKeys";

    private static readonly EventCase[] _all =
    [
        new("CreateUser", Nothing, MakeUser) { Shows = "AWS::IAM::User UserName == 'bob'" },
        new("DeleteUser", MakeUser, s => s.IamAsync("DeleteUser", new { UserName = "bob" })) { Deletes = "AWS::IAM::User" },
        new("CreateLoginProfile", MakeUser, MakeLogin) { Opens = "IAMUserMfaDisabled" },
        new("UpdateLoginProfile", async s =>
        {
            await MakeUser(s);
            await MakeLogin(s);
        }, s => s.IamAsync("UpdateLoginProfile", new { UserName = "bob", Password = "another-Passw0rd", PasswordResetRequired = true }))
        {
            Shows = "AWS::IAM::User LoginProfile.PasswordResetRequired",
        },
        new("CreateAccessKey", s => MakeKeys(s, 1), MakeKey) { Opens = "IAMUserMultipleActiveAccessKeys" },
        new("UpdateAccessKey", s => MakeKeys(s, 2), s => s.IamAsync("UpdateAccessKey", new { UserName = "bob", AccessKeyId = s[Key], Status = "Inactive" }))
        {
            Resolves = "IAMUserMultipleActiveAccessKeys",
        },
        new("DeleteAccessKey", s => MakeKeys(s, 2), s => s.IamAsync("DeleteAccessKey", new { UserName = "bob", AccessKeyId = s[Key] }))
        {
            Resolves = "IAMUserMultipleActiveAccessKeys",
        },
        new("AttachUserPolicy", s => MakeUserAndPolicy(s, attach: false), AttachToUser)
        {
            Opens = "IAMUserDirectPolicyAttachment", Shows = "AWS::IAM::ManagedPolicy AttachmentCount == `1`",
        },
        new("DetachUserPolicy", s => MakeUserAndPolicy(s, attach: true), s => s.IamAsync("DetachUserPolicy", new { UserName = "bob", PolicyArn = Billing(s) }))
        {
            Resolves = "IAMUserDirectPolicyAttachment", Shows = "AWS::IAM::ManagedPolicy AttachmentCount == `0`",
        },
        new("PutUserPolicy", MakeUser, PutOnUser)
        {
            Opens = "IAMUserInlinePolicyOverlyPermissive IAMUserInlineKmsDecryptOnAllKeys IAMUserDirectPolicyAttachment",
        },
        new("DeleteUserPolicy", async s =>
        {
            await MakeUser(s);
            await PutOnUser(s);
        }, s => s.IamAsync("DeleteUserPolicy", new { UserName = "bob", PolicyName = "all" }))
        {
            Leaves = "IAMUserInlinePolicyOverlyPermissive IAMUserInlineKmsDecryptOnAllKeys", Resolves = "IAMUserDirectPolicyAttachment",
        },

        new("CreateRole", Nothing, s => MakeRole(s, TrustAll)) { Opens = "IAMRoleTrustPublic IAMRoleTrustsExternalAccount" },
        new("DeleteRole", s => MakeRole(s, TrustAll), s => s.IamAsync("DeleteRole", new { RoleName = "app" }))
        {
            Deletes = "AWS::IAM::Role IAMRoleTrustPublic IAMRoleTrustsExternalAccount",
        },
        new("UpdateAssumeRolePolicy", s => MakeRole(s), s => s.IamAsync("UpdateAssumeRolePolicy", new { RoleName = "app", PolicyDocument = TrustAll }))
        {
            How = "opened", Opens = "IAMRoleTrustPublic IAMRoleTrustsExternalAccount",
        },
        new("UpdateAssumeRolePolicy", s => MakeRole(s, TrustAll), s =>
            s.IamAsync("UpdateAssumeRolePolicy", new { RoleName = "app", PolicyDocument = TrustService }))
        {
            How = "closed", Resolves = "IAMRoleTrustPublic IAMRoleTrustsExternalAccount",
        },
        new("UpdateRole", s => MakeRole(s), s => s.IamAsync("UpdateRole", new { RoleName = "app", Description = "the app", MaxSessionDuration = 7200 }))
        {
            Shows = "AWS::IAM::Role MaxSessionDuration == `7200`",
        },
        new("UpdateRoleDescription", s => MakeRole(s), s => s.IamAsync("UpdateRoleDescription", new { RoleName = "app", Description = "the other app" }))
        {
            Shows = "AWS::IAM::Role Description == 'the other app'",
        },
        new("AttachRolePolicy", s => MakeRoleAndPolicy(s, attach: false), AttachToRole)
        {
            Shows = "AWS::IAM::Role AttachedManagedPolicies[?PolicyName == 'billing']",
        },
        new("DetachRolePolicy", s => MakeRoleAndPolicy(s, attach: true), s => s.IamAsync("DetachRolePolicy", new { RoleName = "app", PolicyArn = Billing(s) }))
        {
            Shows = "AWS::IAM::Role RoleName == 'app' && !AttachedManagedPolicies",
        },
        new("PutRolePolicy", s => MakeRole(s), PutOnRole) { Opens = "IAMRoleInlinePolicyOverlyPermissive IAMRoleInlineKmsDecryptOnAllKeys" },
        new("DeleteRolePolicy", async s =>
        {
            await MakeRole(s);
            await PutOnRole(s);
        }, s => s.IamAsync("DeleteRolePolicy", new { RoleName = "app", PolicyName = "all" }))
        {
            Leaves = "IAMRoleInlinePolicyOverlyPermissive IAMRoleInlineKmsDecryptOnAllKeys",
        },

        new("CreatePolicy", Nothing, s => MakePolicy(s, AdminPolicy)) { Opens = OfAdministrators },
        new("CreatePolicyVersion", s => MakePolicy(s, AdminPolicy), s => MakeVersion(s, ReadPolicy, inForce: true)) { Resolves = OfAdministrators },
        new("SetDefaultPolicyVersion", async s =>
        {
            await MakePolicy(s, AdminPolicy);
            await MakeVersion(s, ReadPolicy, inForce: true);
        }, s => s.IamAsync("SetDefaultPolicyVersion", new { PolicyArn = Billing(s), VersionId = "v1" }))
        {
            Opens = OfAdministrators,
        },
        new("DeletePolicyVersion", async s =>
        {
            await MakePolicy(s, ReadPolicy);
            await MakeVersion(s, AdminPolicy, inForce: false);
        }, s => s.IamAsync("DeletePolicyVersion", new { PolicyArn = Billing(s), VersionId = "v2" }))
        {
            Nothing = "only the version in force is stored, and that one cannot be deleted",
        },

        new("UpdateAccountPasswordPolicy", Nothing, s =>
            s.IamAsync("UpdateAccountPasswordPolicy", new { MinimumPasswordLength = 14, PasswordReusePrevention = 24 }))
        {
            Resolves = "IAMPasswordPolicyWeak IAMPasswordPolicyTooShort IAMPasswordReuseAllowed",
        },
    ];

    public static TheoryData<string> Names => SupportedEvents.NamesOf(_all);

    [EmulatorTheory, MemberData(nameof(Names))]
    public Task An_event_has_the_expected_effect(string name) => qrie.RunAsync(_all.Single(c => c.Name == name));

    [Fact]
    public void Every_event_has_a_case() => SupportedEvents.Missing("iam.amazonaws.com", _all).ShouldBeEmpty();

    private static Task Nothing(EventScene s) => Task.CompletedTask;

    private static Task MakeUser(EventScene s) => s.IamAsync("CreateUser", new { UserName = "bob" });

    private static Task MakeLogin(EventScene s) =>
        s.IamAsync("CreateLoginProfile", new { UserName = "bob", Password = "a-Passw0rd", PasswordResetRequired = false });

    private static async Task MakeKey(EventScene s) => s[Key] = await s.AskAsync("iam", "CreateAccessKey", new { UserName = "bob" }, "AccessKey.AccessKeyId");

    private static async Task MakeKeys(EventScene s, int count)
    {
        await MakeUser(s);
        for (var made = 0; made < count; made++)
        {
            await MakeKey(s);
        }
    }

    private static string Billing(EventScene s) => $"arn:aws:iam::{s.Estate.AccountId}:policy/billing";

    private static async Task MakeUserAndPolicy(EventScene s, bool attach)
    {
        await MakeUser(s);
        await MakePolicy(s, ReadPolicy);
        if (attach)
        {
            await AttachToUser(s);
        }
    }

    private static async Task MakeRoleAndPolicy(EventScene s, bool attach)
    {
        await MakeRole(s);
        await MakePolicy(s, ReadPolicy);
        if (attach)
        {
            await AttachToRole(s);
        }
    }

    private static Task AttachToUser(EventScene s) => s.IamAsync("AttachUserPolicy", new { UserName = "bob", PolicyArn = Billing(s) });

    private static Task AttachToRole(EventScene s) => s.IamAsync("AttachRolePolicy", new { RoleName = "app", PolicyArn = Billing(s) });

    private static Task PutOnUser(EventScene s) => s.IamAsync("PutUserPolicy", new { UserName = "bob", PolicyName = "all", PolicyDocument = AdminPolicy });

    private static Task PutOnRole(EventScene s) => s.IamAsync("PutRolePolicy", new { RoleName = "app", PolicyName = "all", PolicyDocument = AdminPolicy });

    private static Task MakeRole(EventScene s, string trust = TrustService) =>
        s.IamAsync("CreateRole", new { RoleName = "app", AssumeRolePolicyDocument = trust });

    private static Task MakePolicy(EventScene s, string document) => s.IamAsync("CreatePolicy", new { PolicyName = "billing", PolicyDocument = document });

    private static Task MakeVersion(EventScene s, string document, bool inForce) =>
        s.IamAsync("CreatePolicyVersion", new { PolicyArn = Billing(s), PolicyDocument = document, SetAsDefault = inForce });
}
