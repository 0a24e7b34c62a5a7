using Qrie.Domain;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Transfer;

/// <summary>What a store answers through its ports: lists, counts, the dashboard, compliance. The same whatever its kind is.</summary>
internal static class Answers
{
    private static readonly DateOnly s_since = new(2026, 1, 1);

    private static readonly PageRequest s_page = new(1000);

    /// <summary>So many objects are asked about one by one.</summary>
    private const int Most = 200;

    private static CancellationToken None => CancellationToken.None;

    public static async Task<List<string>> OfAsync(StoreSet stores, IReadOnlyList<string> organizations)
    {
        var answers = new List<string>();
        Add("organizations", await stores.Organizations.ListAsync(None));
        Add("refused logins", await stores.RefusedLogins.ListAsync(s_since, None));
        Add("outbox", await stores.Alerts.ReadOutboxAsync(1, None));
        Add("exceptions to do", (await stores.Exceptions.ListPendingAsync(None)).Select(e => e.ExceptionId).Order());
        Add("archives to do", await stores.Archives.ListPendingAsync(None));
        Add("purges to do", await stores.Purges.ListOpenAsync(Some.At(10_000), None));
        foreach (var organization in organizations)
        {
            answers.AddRange((await OfAccountsAsync(stores, organization)).Concat(await OfFindingsAsync(stores, organization))
                .Concat(await OfScansAsync(stores, organization)).Select(answer => $"{organization} {answer}"));
        }

        return answers;

        void Add<T>(string what, T answer) => answers.Add($"{what}: {Some.Text(answer)}");
    }

    private static async Task<List<string>> OfAccountsAsync(StoreSet stores, string organization)
    {
        var answers = new List<string>();
        Add("keys", (await stores.Keys.ListAsync(organization, s_page, None)).Items);
        foreach (var filter in (AuditFilter[])[new(), new(Action: "account.register"), new(Subject: Everything.Web)])
        {
            // The raw texts: half a surrogate pair cannot be written anew.
            Add($"audit {filter}", (await stores.Audit.ListAsync(organization, filter, s_page, None)).Items
                .Select(e => Some.Text(e with { Before = null, After = null }) + e.Before?.GetRawText() + e.After?.GetRawText()));
        }

        Add("accounts", await stores.Accounts.ListAsync(organization, includeRemoved: true, None));
        Add("health", await stores.Accounts.ListHealthAsync(organization, null, None));
        Add("coverage", await stores.Coverage.ListAsync(organization, null, None));
        Add("unknown attributes", await stores.Coverage.CountUnknownAttributesAsync(organization, null, None));
        Add("policies", (await stores.Policies.ListAsync(organization, None)).OrderBy(p => p.PolicyId, StringComparer.Ordinal));
        Add("alerts", (await stores.Alerts.ListAsync(organization, s_page, None)).Items);
        Add("collecting", await stores.Alerts.ListCollectingAsync(organization, None));
        Add("dead events", (await stores.Events.ListDeadAsync(organization, s_page, None)).Items);
        var health = await stores.Events.ReadHealthAsync(organization, Some.Noon, None);
        Add("events", health.Places);
        Add("event rows", $"{health.Rechecks} {health.Dead}");
        Add("outcomes", health.Outcomes.Select(o => $"{o.AccountId} {o.Region} {o.Outcome} {o.N}"));
        Add("lags", health.Lags);
        Add("archives", (await stores.Archives.ListAsync(organization, s_page, None)).Items);
        Add("attestations", await stores.Compliance.ListAttestationsAsync(organization, "demo", None));
        foreach (var (subject, section) in ((string, string?)[])[(RecordedScore.Everything, null), (RecordedScore.OfOu("/Production"), "1")])
        {
            Add($"days of {subject}", await stores.Compliance.ListDaysAsync(
                organization, "cis-5.0", subject, section, s_since, new DateOnly(2027, 1, 1), None));
        }

        return answers;

        void Add<T>(string what, T answer) => answers.Add($"{what}: {Some.Text(answer)}");
    }

    private static async Task<List<string>> OfFindingsAsync(StoreSet stores, string organization)
    {
        var answers = new List<string>();
        var accounts = await stores.Accounts.ListAsync(organization, includeRemoved: true, None);
        var policies = await stores.Policies.ListAsync(organization, None);
        var resources = await stores.Resources.ListAsync(organization, new ResourceFilter(IncludeDeleted: true, IncludeRemoved: true), s_page, None);
        Add("resources", resources.Items.Select(r => Some.Text(r with { Configuration = null }) + r.Configuration?.GetRawText()));
        Add("tagged", (await stores.Resources.ListAsync(
            organization, new ResourceFilter(Tags: [new ResourceTag("team", Everything.OddText)]), s_page, None)).Items.Select(r => r.Arn));
        Add("looked up", await stores.Resources.LookUpAsync(organization, new Lookup(Some.BucketType, "name", "found", null), None));
        Add("stale", (await stores.Findings.ListStaleAsync(organization, 10, None)).Select(s => $"{s.AccountService} {s.Arn}"));
        foreach (var resource in resources.Items.Take(Most))
        {
            Add($"evaluation of {resource.Arn}", await stores.Findings.FindEvaluationAsync(organization, resource.AccountService, resource.Arn, None));
        }

        foreach (var accountService in resources.Items.Select(r => r.AccountService).Distinct())
        {
            var progress = await stores.Findings.ReadEvaluationProgressAsync(organization, accountService, None);
            Add($"evaluated of {accountService}", $"{progress.Sequence} {progress.NextDue}");
            Add($"types of {accountService}", progress.Types.OrderBy(t => t.Key, StringComparer.Ordinal));
            var scope = new ListScope(AccountService.Split(accountService).AccountId, "s3", Regions.Global, Some.BucketType);
            Add($"absent of {accountService}", await stores.Resources.FindAbsentAsync(organization, scope, Some.At(10_000), null, 10, None));
        }

        foreach (var filter in (FindingFilter[])
            [
                new(), new(IncludeRemoved: true), new(State: FindingState.Active), new(State: FindingState.Suppressed), new(PolicyId: Some.Public),
                new(Workflow: Workflow.InProgress), new(AccountId: Everything.Web), new(Order: FindingOrder.Severity),
            ])
        {
            var found = (await stores.Findings.ListAsync(organization, filter, s_page, None)).Items;
            Add($"findings {filter}", found);
            foreach (var by in Enum.GetValues<FindingGrouping>())
            {
                Add($"groups {by} {filter}", (await stores.Findings.GroupAsync(organization, filter, by, s_page, None)).Items);
            }

            foreach (var finding in found.Where(f => filter == new FindingFilter()).Take(Most))
            {
                Add($"entries {finding.FindingId}", (await stores.Triage.ListAsync(
                    organization, new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId), false, s_page, None)).Items
                    .OrderBy(e => e.EntryId, StringComparer.Ordinal));
            }
        }

        Add("active", (await stores.Findings.CountActiveByPolicyAsync(organization, None)).OrderBy(c => c.Key, StringComparer.Ordinal));
        Add("unresolved", await stores.Findings.ListUnresolvedPoliciesAsync(organization, None));
        Add("verdicts", await stores.Findings.CountVerdictsAsync(organization, null, None));
        var exceptions = (await stores.Exceptions.ListAsync(organization, new ExceptionFilter(null, null, null, null), s_page, None)).Items;
        Add("exceptions", exceptions);
        Add("held", (await stores.Exceptions.CountFindingsAsync(organization, [.. exceptions.Select(e => e.ExceptionId)], None))
            .Where(c => c.Value != 0).OrderBy(c => c.Key, StringComparer.Ordinal));
        var dashboard = await stores.Summaries.ReadDashboardAsync(organization, s_since, new DateOnly(2026, 11, 1), None);
        Add("dashboard", dashboard with
        {
            Changes = [.. dashboard.Changes.Where(c => c.N != 0).OrderBy(c => c.Period).ThenBy(c => c.Change)],
            Resources = Sorted(dashboard.Resources),
        });
        foreach (var accountId in accounts.Select(a => a.AccountId).Prepend(null))
        {
            Add($"resources of {accountId}", Sorted(await stores.Summaries.CountResourcesAsync(organization, accountId, None)));
        }

        foreach (var policyId in policies.Select(p => p.PolicyId))
        {
            var history = await stores.Summaries.ReadPolicyHistoryAsync(organization, policyId, s_since, None);
            Add($"history of {policyId}", history with { Changes = [.. history.Changes.Where(c => c.N != 0).OrderBy(c => c.Period).ThenBy(c => c.Change)] });
        }

        Add("severities", (await stores.Summaries.FindFirstSeveritiesAsync(organization, [.. policies.Select(p => p.PolicyId)], None))
            .OrderBy(s => s.Key, StringComparer.Ordinal));
        Add("triage", await stores.Summaries.CountTriageAsync(
            organization, new OverdueFilter(new TriageSettings(1, 2, 3, 4), new DateOnly(2027, 1, 1)), s_since, None));
        var pairs = policies.Where(p => p.Status == PolicyStatus.Active).Select(p => new PairPolicy(p.PolicyId, p.Revision, Some.BucketType, "s3")).ToList();
        foreach (var selection in (AccountSelection[])[AccountSelection.All, new([.. accounts.Select(a => a.AccountId)]), AccountSelection.InOu("/Production")])
        {
            var totals = await stores.Compliance.ReadTotalsAsync(organization, selection, None);
            Add($"compliance {selection}", totals.Policies.OrderBy(p => p.Key, StringComparer.Ordinal));
            Add($"types {selection}", totals.Types.Where(t => t.Value != TypeTotals.None).OrderBy(t => t.Key, StringComparer.Ordinal));
            Add($"pairs {selection}", (await stores.Compliance.ListPairsAsync(organization, selection, pairs, null, s_page, None)).Items);
            Add($"unread {selection}", await stores.Compliance.ListUnreadAsync(organization, selection, [Some.BucketType, "AWS::S3::AccessPoint"], 10, None));
        }

        return answers;

        void Add<T>(string what, T answer) => answers.Add($"{what}: {Some.Text(answer)}");
    }

    private static async Task<List<string>> OfScansAsync(StoreSet stores, string organization)
    {
        var answers = new List<string>();
        foreach (var scan in (await stores.Scans.ListAsync(organization, s_page, None)).Items)
        {
            Add("scan", scan with { Counters = new ScanCounters() });
            Add("counters", scan.Counters.Values);
            Add("units", (await stores.Scans.ListUnitsAsync(organization, scan.ScanId, s_page, None)).Items
                .Select(u => (u.AccountId, u.Region, u.Service, u.Status, u.Attempts, u.Owner, u.LeaseUntil, u.StartedAt, u.FinishedAt).ToString()
                    + Some.Text(u.Counters.Values) + Some.Text(u.Errors) + Some.Text(u.Calls)));
            Add("progress", await stores.Scans.ReadProgressAsync(organization, scan.ScanId, None));
            Add("operations", await stores.Scans.ReadOperationsAsync(organization, scan.ScanId, None));
            Add("drift", await stores.Drift.CountByAccountAsync(organization, scan.ScanId, None));
            Add("samples", await stores.Drift.ListSamplesAsync(organization, scan.ScanId, null, None));
        }

        foreach (var kind in Enum.GetValues<ScanKind>())
        {
            Add($"full {kind}", (await stores.Scans.FindLastFullAsync(organization, kind, None))?.ScanId);
            Add($"scheduled {kind}", await stores.Scans.FindLastScheduledAsync(organization, kind, None));
        }

        return answers;

        void Add<T>(string what, T answer) => answers.Add($"{what}: {Some.Text(answer)}");
    }

    private static ResourceCounts Sorted(ResourceCounts counts) => counts with
    {
        Findings = [.. counts.Findings.Where(f => f.N != 0).OrderBy(f => f.PolicyId, StringComparer.Ordinal).ThenBy(f => f.Band).ThenBy(f => f.State)],
    };
}
