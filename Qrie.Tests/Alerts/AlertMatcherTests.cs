using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Alerts;
using Qrie.Domain.Catalog;
using Qrie.Tests.Catalog;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

/// <summary>Many rules and events, beyond one batch.</summary>
public sealed class AlertMatcherTests
{
    private const int Buckets = 1050;

    [Fact]
    public async Task Every_rule_gets_exactly_the_events_that_it_wants()
    {
        await using var stores = await SqliteFile.EmptyAsync();
        var rules = Enumerable.Range(0, 20).Select(i => SomeAlerts.Rule($"rule-{i:00}") with
        {
            Kinds = i % 3 == 0 ? [AlertKind.Opened] : [AlertKind.Opened, AlertKind.Resolved],
            Policies = i % 2 == 0 ? [Some.Public] : [],
            MinSeverity = i % 5 == 0 ? 70 : 0,
            Tags = i % 4 == 0 ? new Dictionary<string, IReadOnlyList<string>> { ["env"] = ["prod"] } : new Dictionary<string, IReadOnlyList<string>>(),
        }).ToList();
        foreach (var rule in rules)
        {
            await stores.Alerts.AddAsync(rule, default);
        }

        await stores.Accounts.AddAsync(Some.Account(), default);
        await stores.Policies.LaunchAsync(Some.Policy(), default);
        await stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), default);
        var buckets = Enumerable.Range(0, Buckets)
            .Select(i => Some.Bucket($"{i}") with { Tags = i % 7 == 0 ? null : new Dictionary<string, string> { ["env"] = i % 2 == 0 ? "prod" : "test" } })
            .ToList();
        await stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);
        await stores.Findings.ApplyAsync(
            Some.Org, [.. buckets.Select(b => Some.Evaluated(b, Some.Fails(), Some.Fails(Some.Unversioned, severity: 80)))], null, default);
        using var matcher = new AlertMatcher(
            stores.Alerts, stores.Accounts, new CatalogHolder(ShippedCatalog.Instance), new FakeClock(), NullLogger<AlertMatcher>.Instance);

        (await matcher.RunAsync(default)).ShouldBe(2 * Buckets);

        var expected = rules.Select(rule => (
            rule.AlertId,
            Events: (long)(rule.Policies.Count > 0 ? (rule.MinSeverity > 60 ? 0 : 1) : (rule.MinSeverity > 60 ? 1 : 2))
                * Enumerable.Range(0, Buckets).Count(i => rule.Tags.Count == 0 || i % 7 == 0 || i % 2 == 0))).Where(r => r.Events > 0);
        (await stores.Alerts.ListCollectingAsync(Some.Org, default)).Select(m => (m.AlertId, m.Content.Events)).ShouldBe(expected, ignoreOrder: true);
        (await stores.Alerts.ReadOutboxAsync(1, default)).ShouldBeEmpty();
    }
}
