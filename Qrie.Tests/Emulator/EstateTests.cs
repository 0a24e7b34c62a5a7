using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Tests.Api;

namespace Qrie.Tests.Emulator;

/// <summary>
/// The estate of <c>tools/estate</c>: every policy of the catalog on good, bad and unreadable variants of its resources, with the whole service over real HTTP.
/// The expected verdicts follow from the kinds of the variants.
/// </summary>
public sealed class EstateTests
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(3);

    /// <summary>What is supported today is not one day: versions of the estate's clusters and functions whose support does not end.</summary>
    private static readonly Dictionary<string, object> Undated = new()
    {
        ["EKSVersionUnsupported"] = new { supported_until = new[] { "1.28 2024-11-26", "1.35 2999-01-01" } },
        ["LambdaFunctionRuntimeDeprecated"] = new { deprecated_from = new[] { "python3.8 2024-10-14", "python3.13 2999-01-01" } },
    };

    [EmulatorFact]
    public async Task Every_policy_gives_the_expected_verdict_on_every_resource_of_the_estate()
    {
        var estate = await BuiltEstate.CreateAsync();
        await using var proxy = await FaultProxy.StartAsync();
        estate.Govern(proxy);
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url, settings: $"--Aws:Regions={string.Join(',', estate.Regions)}");
        await ReadAndEvaluateAsync(qrie, estate);

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
    public async Task Every_policy_of_the_catalog_has_good_and_bad_and_refused_variants_in_the_estate()
    {
        var estate = await BuiltEstate.CreateAsync();
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

    private static async Task ReadAndEvaluateAsync(RunningQrie qrie, BuiltEstate estate)
    {
        foreach (var account in estate.Accounts)
        {
            (await qrie.PostAsync("/accounts", new { account_id = account })).Status.ShouldBe(HttpStatusCode.Created);
        }

        await FinishAllAsync(estate.Accounts.Select(account => ("/scans", (object)new { kind = "inventory", account_id = account })));
        var catalog = qrie.Services.GetRequiredService<ICatalog>().Current;
        await FinishAllAsync(catalog.Policies.Where(p => !p.Deprecated)
            .Select(p => ("/policies/launch", (object)new { policy_id = p.Id, @params = Undated.GetValueOrDefault(p.Id) })));

        async Task FinishAllAsync(IEnumerable<(string Path, object Body)> starts)
        {
            var scans = new List<string>();
            foreach (var (path, body) in starts)
            {
                var (status, answer) = await qrie.PostAsync(path, body);
                ((int)status).ShouldBeInRange(200, 299, answer.ToString());
                scans.Add(answer.GetProperty("scan_id").GetString()!);
            }

            foreach (var scan in scans)
            {
                (await qrie.FinishedAsync(scan, TimeLimit)).GetProperty("status").GetString().ShouldBe("completed");
            }
        }
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
}
