using System.Text;
using Qrie.Domain.Inventory;
using Qrie.Tests.Inventory;
using Qrie.Tests.Inventory.Emulated;

namespace Qrie.Tests.Emulator;

public class IamCollectionTests
{
    private const string User = "AWS::IAM::User";
    private const string Administrator = """{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}""";
    private const string Reader = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}""";

    [EmulatorFact]
    public async Task Users_have_the_expected_verdicts()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await UserAsync(aws.Estate, "protected", password: true, device: true);
        await UserAsync(aws.Estate, "open", password: true, device: false);
        await UserAsync(aws.Estate, "program", password: false, device: false);
        await aws.Estate.DoAsync("iam", "CreateAccessKey", new { UserName = "program" });
        var second = await aws.Estate.DoAsync("iam", "CreateAccessKey", new { UserName = "program" });

        var collected = await aws.CollectAsync("iam");

        Verdicts.Of(collected["protected"], "IAMUserMfaDisabled").ShouldBe("pass");
        Verdicts.Of(collected["open"], "IAMUserMfaDisabled").ShouldBe("fail");
        Verdicts.Of(collected["program"], "IAMUserMfaDisabled").ShouldBe("not_applicable");
        Verdicts.Of(collected["open"], "IAMUserPasswordUnused").ShouldBe("pass");
        Verdicts.Of(collected["open"], "IAMUserPasswordUnused", daysLater: 91).ShouldBe("fail");
        Verdicts.Of(collected["open"], "IAMAccessKeyNotRotated").ShouldBe("not_applicable");
        foreach (var (policy, days) in new[] { ("IAMAccessKeyNotRotated", 90), ("IAMAccessKeyUnused", 45) })
        {
            Verdicts.Of(collected["program"], policy, daysLater: days - 1).ShouldBe("pass", policy);
            Verdicts.Of(collected["program"], policy, daysLater: days + 1).ShouldBe("fail", policy);
        }

        Verdicts.Of(collected["program"], "IAMUserMultipleActiveAccessKeys").ShouldBe("fail");
        var key = second.GetProperty("AccessKey").GetProperty("AccessKeyId").GetString();
        await aws.Estate.DoAsync("iam", "UpdateAccessKey", new { UserName = "program", AccessKeyId = key, Status = "Inactive" });
        Verdicts.Of((await aws.CollectOneAsync("iam", User, "program")).ShouldBeOfType<SingleCollectionResult.Found>().Resource,
            "IAMUserMultipleActiveAccessKeys")
            .ShouldBe("pass");
    }

    [EmulatorFact]
    public async Task Permissions_of_users_are_read_from_all_sources()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        foreach (var name in new[] { "by-group", "attached", "inline" })
        {
            await UserAsync(aws.Estate, name, password: false, device: false);
        }

        await aws.Estate.DoAsync("iam", "CreateGroup", new { GroupName = "admins" });
        await aws.Estate.DoAsync("iam", "PutGroupPolicy", new { GroupName = "admins", PolicyName = "all", PolicyDocument = Administrator });
        await aws.Estate.DoAsync("iam", "AddUserToGroup", new { GroupName = "admins", UserName = "by-group" });
        var policy = await PolicyAsync(aws.Estate, "reader", Reader);
        await aws.Estate.DoAsync("iam", "AttachUserPolicy", new { UserName = "attached", PolicyArn = policy });
        await aws.Estate.DoAsync("iam", "PutUserPolicy", new { UserName = "inline", PolicyName = "all", PolicyDocument = Administrator });

        var collected = await aws.CollectAsync("iam");

        collected["by-group"].Attribute("GroupList").ShouldBe("""["admins"]""");
        collected["admins"].Attribute("Users").ShouldBe("""["by-group"]""");
        collected["admins"].Attribute("GroupPolicyList").ShouldNotBeNull().ShouldContain("\"Action\":[\"*\"]");
        collected["inline"].Attribute("UserPolicyList").ShouldNotBeNull().ShouldContain("\"Action\":[\"*\"]");
        Verdicts.Of(collected["by-group"], "IAMUserDirectPolicyAttachment").ShouldBe("pass");
        Verdicts.Of(collected["attached"], "IAMUserDirectPolicyAttachment").ShouldBe("fail");
        Verdicts.Of(collected["inline"], "IAMUserDirectPolicyAttachment").ShouldBe("fail");
        Verdicts.Of(collected["inline"], "IAMUserInlinePolicyOverlyPermissive").ShouldBe("fail");
        Verdicts.Of(collected["attached"], "IAMUserInlinePolicyOverlyPermissive").ShouldBe("not_applicable");
        await AlikeAsync(aws, collected, User, "by-group", "attached", "inline");
        await AlikeAsync(aws, collected, "AWS::IAM::Group", "admins");
    }

    [EmulatorFact]
    public async Task Roles_are_evaluated_by_their_trust_and_permissions()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await RoleAsync(aws.Estate, "service", """{"Service":"ec2.amazonaws.com"}""");
        await RoleAsync(aws.Estate, "own", $$"""{"AWS":"arn:aws:iam::{{aws.Estate.AccountId}}:root"}""");
        await RoleAsync(aws.Estate, "other", """{"AWS":"arn:aws:iam::210987654321:root"}""");
        await RoleAsync(aws.Estate, "anyone", "\"*\"");
        await aws.Estate.DoAsync("iam", "PutRolePolicy", new { RoleName = "service", PolicyName = "all", PolicyDocument = Administrator });
        await aws.Estate.DoAsync("iam", "TagRole", new { RoleName = "service", Tags = new[] { new { Key = "Team", Value = "Zürich" } } });

        var collected = await aws.CollectAsync("iam");

        collected["service"].Configuration.GetProperty("MaxSessionDuration").GetInt32().ShouldBe(3600);
        collected["service"].Tags.ShouldBe(new Dictionary<string, string> { ["Team"] = "Zürich" });
        foreach (var (role, external, everyone) in new[] { ("service", "pass", "pass"),
            ("own", "pass", "pass"), ("other", "fail", "pass"), ("anyone", "fail", "fail") })
        {
            Verdicts.Of(collected[role], "IAMRoleTrustsExternalAccount").ShouldBe(external, role);
            Verdicts.Of(collected[role], "IAMRoleTrustPublic").ShouldBe(everyone, role);
        }

        Verdicts.Of(collected["service"], "IAMRoleInlinePolicyOverlyPermissive").ShouldBe("fail");
        Verdicts.Of(collected["own"], "IAMRoleInlinePolicyOverlyPermissive").ShouldBe("not_applicable");
        await AlikeAsync(aws, collected, "AWS::IAM::Role", "service", "other", "anyone");
    }

    [EmulatorFact]
    public async Task Only_the_default_version_of_a_policy_is_evaluated()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var was = await PolicyAsync(aws.Estate, "was-administrator", Administrator);
        await aws.Estate.DoAsync("iam", "CreatePolicyVersion", new { PolicyArn = was, PolicyDocument = Reader, SetAsDefault = true });
        var draft = await PolicyAsync(aws.Estate, "draft-of-more", Reader);
        await aws.Estate.DoAsync("iam", "CreatePolicyVersion", new { PolicyArn = draft, PolicyDocument = Administrator, SetAsDefault = false });
        var became = await PolicyAsync(aws.Estate, "became-administrator", Reader);
        await aws.Estate.DoAsync("iam", "CreatePolicyVersion", new { PolicyArn = became, PolicyDocument = Administrator, SetAsDefault = true });
        await aws.Estate.DoAsync("iam", "TagPolicy", new { PolicyArn = became, Tags = new[] { new { Key = "Team", Value = "core" } } });

        var collected = await aws.CollectAsync("iam");

        Verdicts.Of(collected[was], "IAMPolicyOverlyPermissive").ShouldBe("pass");
        Verdicts.Of(collected[draft], "IAMPolicyOverlyPermissive").ShouldBe("pass");
        Verdicts.Of(collected[became], "IAMPolicyOverlyPermissive").ShouldBe("fail");
        collected[became].Tags.ShouldBe(new Dictionary<string, string> { ["Team"] = "core" });
        await AlikeAsync(aws, collected, "AWS::IAM::ManagedPolicy", was, draft, became);
        (await aws.CollectOneAsync("iam", "AWS::IAM::ManagedPolicy",
            $"arn:aws:iam::{aws.Estate.AccountId}:policy/never")).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [EmulatorTheory]
    [InlineData("no_information", "N/A", "pass")]
    [InlineData("not_supported", "N/A", "pass")]
    [InlineData("2019-01-02T03:04:05+00:00", "2018-01-02T03:04:05+00:00", "pass")]
    [InlineData("{yesterday}", "N/A", "fail")]
    [InlineData("no_information", "{yesterday}", "fail")]
    [InlineData("", "N/A", "unknown")]
    public async Task The_root_user_is_evaluated_by_the_credential_report(string password, string key, string expected)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var yesterday = DateTime.UtcNow.AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'+00:00'", System.Globalization.CultureInfo.InvariantCulture);
        RootReport(aws, password.Replace("{yesterday}", yesterday, StringComparison.Ordinal), key.Replace("{yesterday}", yesterday, StringComparison.Ordinal));

        var account = (await aws.CollectAsync("iam"))[aws.Estate.AccountId];

        account.Unknown.ShouldBeEmpty();
        Verdicts.Of(account, "IAMRootAccountActive").ShouldBe(expected);
    }

    [EmulatorFact]
    public async Task A_report_without_the_root_user_is_not_a_pass()
    {
        await using var aws = await EmulatedCollector.StartAsync();

        var account = (await aws.CollectAsync("iam"))[aws.Estate.AccountId];

        account.Unknown.Keys.ShouldBe(["RootCredentials"]);
        Verdicts.Of(account, "IAMRootAccountActive").ShouldBe("unknown");
        Verdicts.Of(account, "IAMRootMfaDisabled").ShouldBe("fail");
        Verdicts.Of(account, "IAMServerCertificateExpired").ShouldBe("not_applicable");
    }

    [EmulatorFact]
    public async Task The_password_policy_is_read_and_its_absence_is_known()
    {
        await using var aws = await EmulatedCollector.StartAsync();

        var account = (await aws.CollectAsync("iam"))[aws.Estate.AccountId];

        account.Unknown.ContainsKey("PasswordPolicy").ShouldBeFalse();
        Verdicts.Of(account, "IAMPasswordPolicyWeak").ShouldBe("fail");
        await aws.Estate.DoAsync("iam", "UpdateAccountPasswordPolicy", new { MinimumPasswordLength = 14, PasswordReusePrevention = 24 });
        Verdicts.Of((await aws.CollectAsync("iam"))[aws.Estate.AccountId], "IAMPasswordPolicyWeak").ShouldBe("pass");
    }

    [EmulatorTheory]
    [InlineData("GetLoginProfile", "LoginProfile", "IAMUserMfaDisabled")]
    [InlineData("ListMFADevices", "MFADevices", "IAMUserMfaDisabled")]
    [InlineData("ListAccessKeys", "AccessKeys", "IAMAccessKeyNotRotated")]
    [InlineData("GetAccessKeyLastUsed", "AccessKeys", "IAMAccessKeyUnused")]
    [InlineData("ListUsers", "PasswordLastUsed", "IAMUserPasswordUnused", 91)]
    [InlineData("GetCredentialReport", "CredentialReport", null)]
    [InlineData("GenerateCredentialReport", "CredentialReport", null)]
    public async Task Denied_attributes_of_a_user_are_unknown(string operation, string attribute, string? policy, int daysLater = 0)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await UserAsync(aws.Estate, "ann", password: true, device: false);
        await aws.Estate.DoAsync("iam", "CreateAccessKey", new { UserName = "ann" });
        aws.Proxy.On("iam:" + operation).AccessDenied();

        var collected = await aws.CollectAsync("iam");

        collected["ann"].Unknown.ShouldBe(new Dictionary<string, string> { [attribute] = "AccessDenied" });
        collected.End(User).Outcome.ShouldBe(ListOutcome.Complete);
        if (policy is not null)
        {
            Verdicts.Of(collected["ann"], policy, daysLater).ShouldBe("unknown");
        }
    }

    [EmulatorTheory]
    [InlineData("GetAccountPasswordPolicy", "PasswordPolicy", "IAMPasswordPolicyWeak")]
    [InlineData("GetAccountSummary", "Summary", "IAMRootMfaDisabled")]
    [InlineData("GetAccountSummary", "Summary", "IAMRootAccountActive")]
    [InlineData("GetCredentialReport", "RootCredentials", "IAMRootAccountActive")]
    [InlineData("ListServerCertificates", "ServerCertificates", "IAMServerCertificateExpired")]
    public async Task Denied_attributes_of_the_account_are_unknown(string operation, string attribute, string policy)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        aws.Proxy.On("iam:" + operation).AccessDenied();
        RootReport(aws, "no_information", "N/A");

        var account = (await aws.CollectAsync("iam"))[aws.Estate.AccountId];

        account.Unknown.ShouldBe(new Dictionary<string, string> { [attribute] = "AccessDenied" });
        Verdicts.Of(account, policy).ShouldBe("unknown");
    }

    [EmulatorFact]
    public async Task A_denied_list_deletes_nothing_of_its_type_and_does_not_affect_others()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await UserAsync(aws.Estate, "ann", password: false, device: false);
        aws.Proxy.On("iam:GetAccountAuthorizationDetails").About("Filter.member.1=User").AccessDenied();

        var collected = await aws.CollectAsync("iam");

        collected.End(User).Outcome.ShouldBe(ListOutcome.Denied);
        collected.End("AWS::IAM::Role").Outcome.ShouldBe(ListOutcome.Complete);
        (await aws.CollectOneAsync("iam", User, "ann")).ShouldBeOfType<SingleCollectionResult.Found>();
        (await aws.CollectOneAsync("iam", User, "nobody")).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    private static async Task AlikeAsync(EmulatedCollector aws, Collected collected, string type, params string[] ids)
    {
        foreach (var id in ids)
        {
            var one = (await aws.CollectOneAsync("iam", type, id)).ShouldBeOfType<SingleCollectionResult.Found>(id).Resource;
            one.Hash.ShouldBe(collected[id].Hash, $"{one.Configuration} is not {collected[id].Configuration}");
            one.Arn.ShouldBe(collected[id].Arn);
            one.Tags.ShouldBe(collected[id].Tags, id);
        }
    }

    private static async Task UserAsync(Estate estate, string name, bool password, bool device)
    {
        await estate.DoAsync("iam", "CreateUser", new { UserName = name });
        if (password)
        {
            await estate.DoAsync("iam", "CreateLoginProfile", new { UserName = name, Password = "Very-secret-1234!" });
        }

        if (device)
        {
            var made = await estate.DoAsync("iam", "CreateVirtualMFADevice", new { VirtualMFADeviceName = name });
            var serial = made.GetProperty("VirtualMFADevice").GetProperty("SerialNumber").GetString();
            await estate.DoAsync(
                "iam", "EnableMFADevice", new { UserName = name, SerialNumber = serial, AuthenticationCode1 = "123456", AuthenticationCode2 = "654321" });
        }
    }

    private static async Task<string> PolicyAsync(Estate estate, string name, string document) =>
        (await estate.DoAsync("iam", "CreatePolicy", new { PolicyName = name, PolicyDocument = document }))
            .GetProperty("Policy").GetProperty("Arn").GetString()!;

    private static async Task RoleAsync(Estate estate, string name, string principal) => await estate.DoAsync("iam", "CreateRole", new
    {
        RoleName = name,
        AssumeRolePolicyDocument = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{{principal}},"Action":"sts:AssumeRole"}]}""",
    });

    /// <summary>The emulator's report lacks the root user, unlike AWS's.</summary>
    private static void RootReport(EmulatedCollector aws, string passwordLastUsed, string keyLastUsed)
    {
        var report =
            "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,"
            + "access_key_1_active,access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date\n"
            + $"<root_account>,arn:aws:iam::{aws.Estate.AccountId}:root,2015-01-01T00:00:00+00:00,not_supported,{passwordLastUsed},true,"
            + $"false,N/A,false,{keyLastUsed}\n";
        var content = Convert.ToBase64String(Encoding.UTF8.GetBytes(report));
        aws.Proxy.On("iam:GetCredentialReport").Answer(_ => new FaultResponse(200, "text/xml",
            $"""
            <GetCredentialReportResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetCredentialReportResult><Content>{content}</Content>
            <ReportFormat>text/csv</ReportFormat><GeneratedTime>2026-01-01T00:00:00Z</GeneratedTime></GetCredentialReportResult>
            <ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata></GetCredentialReportResponse>
            """));
    }
}
