using System.Net;
using System.Text.Json;
using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Tests.Api;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Permissions;

/// <summary>The role that Qrie requires: sufficient for everything, and no more.</summary>
public sealed class LeastPrivilegeTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    private static readonly CatalogPermissions _permissions = new(
        EmulatedAws.Models, IamActionsFile.Read(Path.Combine(ShippedCatalog.Folder, "aws", "actions.yaml")));

    [EmulatorFact]
    public async Task A_missing_action_is_reported_with_the_affected_policies()
    {
        const string Missing = "s3:GetBucketVersioning";
        var estate = Estate.Create();
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("b") });
        await using var proxy = await FaultProxy.StartAsync();
        Enforce(proxy, action => action != Missing);
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url);
        await qrie.PostAsync("/accounts", new { account_id = estate.AccountId, regions = new[] { "us-east-1" } });
        await qrie.PostAsync("/policies/launch", new { policy_id = "S3BucketVersioningDisabled" });
        await qrie.PostAsync("/policies/launch", new { policy_id = "S3BucketPublic" });

        var scan = await InventoryAsync(qrie, estate.AccountId);

        var denied = (await qrie.GetAsync($"/permissions?scan_id={scan.GetProperty("scan_id").GetString()}")).Body
            .GetProperty("denied").EnumerateArray().ShouldHaveSingleItem();
        denied.GetProperty("action").GetString().ShouldBe(Missing);
        denied.GetProperty("accounts").EnumerateArray().Select(a => a.GetString()).ShouldBe([estate.AccountId]);
        denied.GetProperty("policies_lost").EnumerateArray().Select(p => p.GetString()).ShouldBe(["S3BucketVersioningDisabled"]);
        await qrie.ScanAsync(new { kind = "policy", account_id = estate.AccountId });
        (await qrie.GetAsync($"/coverage?account={estate.AccountId}")).Body.GetProperty("unknown_verdicts")
            .EnumerateArray().Select(v => v.GetProperty("policy_id").GetString())
            .ShouldBe(["S3BucketVersioningDisabled"]);
        (await qrie.GetAsync("/permissions?scan_id=nope")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public void A_policy_needs_the_list_of_its_type_and_the_reads_of_its_expressions()
    {
        var operations = Operations("S3BucketVersioningDisabled");

        operations.ShouldContain("s3:ListBuckets");
        operations.ShouldContain("s3:GetBucketVersioning");
        operations.ShouldNotContain("s3:GetBucketAcl");
        operations.ShouldNotContain("ec2:DescribeInstances");
    }

    [Fact]
    public void Policies_need_no_more_than_an_inventory_and_every_action_of_an_inventory_is_used()
    {
        var catalog = ShippedCatalog.Instance;
        var inventory = _permissions.OfInventory(catalog, policies: catalog.Policies);

        _permissions.OfPolicies(catalog, catalog.Policies).Select(a => a.Action).ShouldBeSubsetOf(inventory.Select(a => a.Action));
        inventory.SelectMany(a => a.Policies).Distinct().Order().ShouldBe(catalog.Policies.Select(p => p.Id).Order());
        inventory.ShouldAllBe(a => a.Operations.Count > 0 && a.Services.Count > 0);
        _permissions.OfInventory(catalog, ["iam"]).Select(a => a.Action).ShouldAllBe(a => a.StartsWith("iam:"));
        foreach (var policy in catalog.Policies)
        {
            _permissions.OfPolicies(catalog, [policy]).Where(a => a.Policies.Count == 0).Select(a => a.Action).ShouldBeSubsetOf(["ec2:DescribeRegions"]);
        }
    }

    [Fact]
    public async Task Permissions_are_available_as_documents_templates_and_Terraform()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var all = (await qrie.GetAsync("/permissions")).Body;
        var one = (await qrie.GetAsync("/permissions?policies=S3BucketVersioningDisabled")).Body;

        Strings(all.GetProperty("actions")).ShouldBe(_permissions.For(ShippedCatalog.Instance));
        all.GetProperty("policy_documents")[0].GetProperty("Statement")[0].GetProperty("Action")[0].GetString()
            .ShouldBe(_permissions.For(ShippedCatalog.Instance)[0]);
        Strings(one.GetProperty("actions")).ShouldBeSubsetOf(Strings(all.GetProperty("actions")).Where(a => a.StartsWith("s3:")));
        (await qrie.GetAsync("/permissions?policies=launched")).Body.GetProperty("actions").GetArrayLength().ShouldBe(0);
        await qrie.LaunchAsync("S3BucketVersioningDisabled");
        Strings((await qrie.GetAsync("/permissions?policies=launched")).Body.GetProperty("actions")).ShouldBe(Strings(one.GetProperty("actions")));
        (await qrie.GetAsync("/permissions")).Body.GetProperty("needed").EnumerateArray()
            .Single(a => a.GetProperty("action").GetString() == "s3:GetBucketVersioning")
            .GetProperty("policies").ToString().ShouldBe("""["S3BucketVersioningDisabled"]""");
        (await qrie.Http.GetStringAsync("/permissions?services=s3&format=tf")).ShouldContain("\"s3:GetBucketVersioning\",");
        (await qrie.Http.GetStringAsync("/permissions?format=cfn"))
            .ShouldBe(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deploy", "customer-bootstrap.yaml")));
        foreach (var (query, field) in new[] { ("policies=Nope", "policies"), ("services=nope", "services"), ("format=xml", "format") })
        {
            (await qrie.GetAsync($"/permissions?{query}")).Body.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(field);
        }
    }

    /// <summary>Denies the requests of a role's session that the role does not allow.</summary>
    private static void Enforce(FaultProxy proxy, Func<string, bool> allows) => proxy.On("*")
        .Where(r => r.SigningName != "sts" && r.AccountId != MotoServer.BaseAccount
            && (r.Operation is null || !allows(_permissions.ActionOf(new ServiceOperation(r.Service!, r.Operation)))))
        .AccessDenied();

    private static List<string> Operations(string policy) =>
        [.. PolicyOperations.Of(ShippedCatalog.Instance, ShippedCatalog.Instance.FindPolicy(policy)!).Select(o => o.ToString())];

    private static async Task<JsonElement> InventoryAsync(RunningQrie qrie, string account)
    {
        var (status, started) = await qrie.PostAsync("/scans", new { kind = "inventory", account_id = account });
        status.ShouldBe(HttpStatusCode.Accepted, started.ToString());
        return await qrie.FinishedAsync(started.GetProperty("scan_id").GetString()!, TimeLimit);
    }

    private static List<string> Strings(JsonElement list) => [.. list.EnumerateArray().Select(i => i.GetString()!)];
}
