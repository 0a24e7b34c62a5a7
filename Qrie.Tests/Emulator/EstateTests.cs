using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Permissions;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Tests.Api;

namespace Qrie.Tests.Emulator;

/// <summary>
/// The estate of <c>tools/estate</c>: every policy of the catalog on good, bad and unreadable variants of its resources, with the whole service over real HTTP.
/// The expected verdicts follow from the kinds of the variants.
/// </summary>
public sealed partial class EstateTests(EvaluatedEstate evaluated) : IClassFixture<EvaluatedEstate>
{

    [EmulatorFact]
    public async Task Every_policy_gives_the_expected_verdict_on_every_resource_of_the_estate()
    {
        var (estate, qrie) = (evaluated.Estate, evaluated.Qrie);

        var actual = await VerdictsAsync(qrie, estate);
        var expected = estate.Verdicts.ToDictionary(v => (v.Arn, v.Policy));
        List<string> differences =
        [
            .. estate.Verdicts.Where(v => actual.GetValueOrDefault((v.Arn, v.Policy)) != v.Verdict)
                .Select(v => $"{v.Policy} on {v.Name} ({v.Arn}): expected {v.Verdict}, was {actual.GetValueOrDefault((v.Arn, v.Policy)) ?? "not evaluated"}"),
            .. actual.Where(a => !expected.ContainsKey(a.Key)).Select(a => $"{a.Key.Policy} on {a.Key.Arn}: nothing expected, was {a.Value}"),
            .. await DifferentListsAsync(qrie, estate),
        ];
        differences.ShouldBeEmpty();
    }

    [EmulatorFact]
    public void Every_policy_of_the_catalog_has_good_and_bad_and_refused_variants_in_the_estate()
    {
        var estate = evaluated.Estate;
        var catalog = Catalog.ShippedCatalog.Instance;

        estate.Verdicts.Select(v => v.Arn).Distinct().Count().ShouldBeGreaterThan(300);
        (string Kind, string Verdict)[] kinds = [("good", "pass"), ("bad", "fail"), ("unknown", "unknown")];
        foreach (var policy in catalog.Policies.Where(p => !p.Deprecated))
        {
            foreach (var (kind, verdict) in kinds)
            {
                var name = $"{policy.Id}--{kind}";
                var variants = estate.Verdicts.Where(v => v.Policy == policy.Id && v.Name == name).ToList();

                // Resources of a denied list exist too, but are not visible.
                (variants.Count > 0 || (kind == "unknown" && estate.Hidden.Contains(name))).ShouldBeTrue($"There is no {name}.");
                variants.ShouldAllBe(v => v.Verdict == verdict, name);
            }
        }
    }

    [EmulatorFact]
    public async Task The_shipped_role_allows_every_call_of_the_inventory()
    {
        var permissions = new CatalogPermissions(
            EmulatedAws.Models, IamActionsFile.Read(Path.Combine(Catalog.ShippedCatalog.Folder, "aws", "actions.yaml")));
        var role = Action().Matches(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "deploy", "customer-bootstrap.yaml")))
            .Select(m => m.Groups[1].Value).ToHashSet();

        var calls = evaluated.Requests.Where(r => evaluated.Estate.Accounts.Contains(r.AccountId) && r.SigningName != "sts").ToList();
        calls.Where(r => r.Operation is null || !role.Contains(permissions.ActionOf(new ServiceOperation(r.Service!, r.Operation))))
            .Select(r => r.ToString()).Distinct().ShouldBeEmpty();
        calls.Count.ShouldBeGreaterThan(1000);
        evaluated.Inventories.Count.ShouldBe(evaluated.Estate.Accounts.Count);
        foreach (var inventory in evaluated.Inventories)
        {
            var used = inventory.GetProperty("permissions");
            used.GetProperty("undeclared").GetArrayLength().ShouldBe(0, used.ToString());
            used.GetProperty("used").GetInt32().ShouldBeGreaterThan(40);
        }
    }

    [EmulatorFact]
    public void A_unit_asks_nothing_twice()
    {
        // Refused calls are repeated, and so is what is not ready yet: the credential report, and what moto answers without the requested data.
        string[] repeated = ["GenerateCredentialReport", "GetDNSSEC"];
        // Asked by two units: that of the region of a trail, and that of the account.
        string[] twice = ["GetTrailStatus", "GetEventSelectors"];
        var requests = evaluated.Requests
            .Where(r => evaluated.Estate.Accounts.Contains(r.AccountId) && r.SigningName != "sts" && r.Status < 400 && !repeated.Contains(r.Operation))
            .ToList();

        requests.Count.ShouldBeGreaterThan(1000);
        requests.GroupBy(r => (r.AccountId, r.Region, r.Service, r.Method, r.Path, r.Query, r.BodyText, r.Headers.GetValueOrDefault("X-Amz-Target")))
            .Where(same => same.Count() > (twice.Contains(same.First().Operation) ? 2 : 1))
            .Select(same => $"{same.Count()} {same.First()} {same.Key.Query}{same.Key.BodyText}").ShouldBeEmpty();
    }

    private static async Task<Dictionary<(string Arn, string Policy), string>> VerdictsAsync(RunningQrie qrie, BuiltEstate estate)
    {
        var resources = qrie.Services.GetRequiredService<IResourceStore>();
        var findings = qrie.Services.GetRequiredService<IFindingStore>();
        var verdicts = new Dictionary<(string, string), string>();
        foreach (var account in estate.Accounts)
        {
            PageRequest? next = new(100);
            while (next is not null)
            {
                var page = await resources.ListAsync(Organizations.Default, new ResourceFilter(account), next, CancellationToken.None);
                foreach (var resource in page.Items)
                {
                    var evaluation = await findings.FindEvaluationAsync(Organizations.Default, resource.AccountService, resource.Arn, CancellationToken.None);
                    foreach (var verdict in evaluation?.Verdicts ?? [])
                    {
                        verdicts.Add((resource.Arn, verdict.PolicyId), JsonNamingPolicy.SnakeCaseLower.ConvertName(verdict.Verdict.ToString()));
                    }
                }

                next = page.Next is null ? null : new PageRequest(100, page.Next);
            }
        }

        return verdicts;
    }

    /// <summary>All lists except the denied ones are complete.</summary>
    private static async Task<IEnumerable<string>> DifferentListsAsync(RunningQrie qrie, BuiltEstate estate)
    {
        var coverage = qrie.Services.GetRequiredService<ICoverageStore>();
        var actual = new List<(string Account, string Region, string Type, string Outcome)>();
        foreach (var account in estate.Accounts)
        {
            actual.AddRange((await coverage.ListAsync(Organizations.Default, account, CancellationToken.None))
                .Select(c => (c.AccountId, c.Region, c.Type, $"{c.Outcome} {c.ErrorCode}")));
        }

        var denied = estate.DeniedLists.Select(l => (l.Account, l.Region, l.Type)).ToHashSet();
        return actual.Where(a => a.Outcome.StartsWith("Denied", StringComparison.Ordinal) != denied.Contains((a.Account, a.Region, a.Type)))
            .Concat(actual.Where(a => !a.Outcome.StartsWith("Denied", StringComparison.Ordinal) && !a.Outcome.StartsWith("Complete", StringComparison.Ordinal)))
            .Select(a => $"The list of {a.Type} in {a.Account}, {a.Region}: {a.Outcome}")
            .Concat(denied.Where(d => !actual.Exists(a => (a.Account, a.Region, a.Type) == d)).Select(d => $"No list of {d.Type} in {d.Account}, {d.Region}"));
    }

    [GeneratedRegex("(?<=^ +(?:[a-z0-9-]+:[A-Za-z0-9]+, )*)([a-z0-9-]+:[A-Za-z0-9]+)(?=[,\\]])", RegexOptions.Multiline)]
    private static partial Regex Action();
}
