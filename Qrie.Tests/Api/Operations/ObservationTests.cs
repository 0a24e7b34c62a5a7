using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support.Telemetry;

namespace Qrie.Tests.Api.Operations;

/// <summary>Metrics and traces of real work, from an exporter in memory and from a collector, and what the dashboard and the documentation name.</summary>
[Collection(ProcessMetrics.Collection)]
public sealed partial class ObservationTests(ObservedQrie observed) : IClassFixture<ObservedQrie>
{
    [EmulatorFact]
    public void Units_and_their_calls_to_AWS_are_traced_with_the_scan()
    {
        var units = observed.Activities.Where(a => (string?)a.GetTagItem("scan_id") == observed.ScanId).ToList();
        units.Select(u => u.GetTagItem("region")).ShouldBe(["global", "us-east-1"], ignoreOrder: true);
        units.ShouldAllBe(u =>
            u.DisplayName == "unit" && (string?)u.GetTagItem("account_id") == observed.AccountId && (string?)u.GetTagItem("service") == "s3");
        foreach (var unit in units)
        {
            observed.Activities.ShouldContain(a => a.TraceId == unit.TraceId && a.ParentSpanId == unit.SpanId && a.Source.Name == "System.Net.Http");
            var sent = observed.SentSpans.Where(s => s.SpanId == unit.SpanId.ToHexString()).ShouldHaveSingleItem();
            (sent.TraceId, sent.Name, sent.Labels["scan_id"]).ShouldBe((unit.TraceId.ToHexString(), "unit", observed.ScanId));
            observed.SentSpans.ShouldContain(s => s.TraceId == sent.TraceId && s.ParentId == sent.SpanId && s.Labels.ContainsKey("http.request.method"));
        }

        observed.SentSpans.ShouldContain(s => s.Labels.GetValueOrDefault("url.path") == "/accounts" && s.Labels.ContainsKey("http.route"));
        observed.SentSpans.ShouldNotContain(s => s.Labels.GetValueOrDefault("url.path", "").StartsWith("/health", StringComparison.Ordinal));
    }

    [EmulatorTheory]
    [InlineData("qrie.scan.units", "kind=inventory,service=s3,status=done")]
    [InlineData("qrie.scan.units", "kind=policy,service=s3,status=done")]
    [InlineData("qrie.scan.unit.duration", "kind=inventory,service=s3")]
    [InlineData("qrie.scan.work", "counter=resources_found,kind=inventory")]
    [InlineData("qrie.verdicts", "verdict=fail")]
    [InlineData("qrie.verdicts", "verdict=pass")]
    [InlineData("qrie.findings.opened", "")]
    [InlineData("qrie.findings.closed", "")]
    [InlineData("qrie.events.received", "")]
    [InlineData("qrie.events.outcomes", "outcome=processed")]
    [InlineData("qrie.events.outcomes", "outcome=malformed")]
    [InlineData("qrie.events.lag", "until=received")]
    [InlineData("qrie.events.lag", "until=evaluated")]
    [InlineData("qrie.events.dead", "")]
    [InlineData("qrie.events.queue", "state=waiting")]
    [InlineData("qrie.store.operation.duration", "operation=claim_next,store=scan")]
    [InlineData("qrie.store.operation.duration", "operation=apply,store=finding")]
    [InlineData("qrie.aws.calls", "rpc.method=ListBuckets,rpc.service=s3")]
    [InlineData("qrie.aws.calls", "error.type=Denied,rpc.method=GetBucketLogging,rpc.service=s3")]
    [InlineData("qrie.aws.throttles", "rpc.method=ListBuckets,rpc.service=s3")]
    [InlineData("qrie.aws.retries", "rpc.method=ListBuckets,rpc.service=s3")]
    [InlineData("qrie.aws.attempt.duration", "rpc.method=ListBuckets,rpc.service=s3")]
    [InlineData("qrie.verdicts.current", "verdict=pass")]
    [InlineData("qrie.findings", "severity=high,state=resolved")]
    [InlineData("qrie.accounts", "")]
    [InlineData("qrie.catalog.info", null)]
    public void Work_is_measured(string metric, string? labels)
    {
        foreach (var points in (IReadOnlyCollection<MeasuredPoint>[])[observed.Measured, observed.SentPoints])
        {
            // Other tests of the process are measured, too: at least what happened here.
            points.Where(p => p.Metric == metric && (labels is null || Text(p) == labels)).Select(p => p.Value).DefaultIfEmpty(-1).Max()
                .ShouldBeGreaterThanOrEqualTo(
                    metric == "qrie.events.queue" ? 0 : 1, string.Join('\n', points.Where(p => p.Metric == metric).Select(Text).Distinct()));
        }
    }

    [EmulatorFact]
    public void No_metric_has_accounts_as_labels_and_an_operation_of_a_store_has_few_series()
    {
        observed.Metrics.ShouldNotContain(observed.AccountId);
        observed.SentPoints.ShouldNotContain(p => p.Labels.ContainsKey("aws.account") || p.Labels.ContainsKey("aws.region"));
        observed.SentPoints.Where(p => p.Metric == "qrie.store.operation.duration").SelectMany(p => p.Labels.Keys).Distinct()
            .ShouldBeSubsetOf(["store", "operation", "error.type"]);
        // Durations of seconds need buckets below a second.
        observed.Metrics.ShouldMatch("""qrie_store_operation_duration_seconds_bucket\{[^}]*le="0\.005"[^}]*\}""");
        observed.Metrics.ShouldMatch("""qrie_aws_attempt_duration_seconds_bucket\{[^}]*le="0\.025"[^}]*\}""");
    }

    [EmulatorFact]
    public async Task Every_metric_of_the_dashboard_is_served()
    {
        var names = Served(observed.Metrics).ToHashSet();
        var text = await File.ReadAllTextAsync(Path.Combine(Root(), "deploy", "grafana-dashboard.json"));

        var used = PrometheusName().Matches(text).Select(m => m.Value).Distinct().ToList();

        used.Count.ShouldBeGreaterThan(15);
        used.ShouldBeSubsetOf(names);
    }

    [EmulatorFact]
    public async Task Every_metric_of_the_documentation_is_served_and_every_metric_is_documented()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "operations.md"));
        var documented = DocumentedName().Matches(text).Select(m => m.Groups[1].Value.Replace('.', '_')).ToHashSet();

        // A name in /metrics ends with the unit and the kind of the metric. Some are only there after a minute, as the length of the queue.
        HashSet<string> served = [];
        for (var waited = Stopwatch.StartNew(); !served.SetEquals(documented) && waited.Elapsed < TimeSpan.FromMinutes(3); await Task.Delay(200))
        {
            served = [.. Served(await observed.ReadMetricsAsync()).Where(n => n.StartsWith("qrie_", StringComparison.Ordinal)).Select(Base)];
        }

        documented.Count.ShouldBeGreaterThan(20);
        served.Order(StringComparer.Ordinal).ShouldBe(documented.Order(StringComparer.Ordinal));
    }

    private static string Text(MeasuredPoint point) =>
        string.Join(',', point.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}"));

    private static string Base(string name)
    {
        foreach (var end in (string[])["_bucket", "_count", "_sum", "_total", "_seconds", "_bytes"])
        {
            name = name.EndsWith(end, StringComparison.Ordinal) && name != "qrie_aws_bytes" ? name[..^end.Length] : name;
        }

        return name;
    }

    private static IEnumerable<string> Served(string metrics) =>
        metrics.Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('{', ' ')[0]).Distinct();

    private static string Root([CallerFilePath] string source = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", ".."));

    [GeneratedRegex(@"\b(?:qrie|dotnet|http_server|http_client)_[a-z0-9_]+\b", RegexOptions.CultureInvariant)]
    private static partial Regex PrometheusName();

    [GeneratedRegex(@"`(qrie\.[a-z_.]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex DocumentedName();
}
