using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>What people note about findings follows the findings, and is found, counted and deleted with them.</summary>
public abstract class TriageContract : StoreContract
{
    private static readonly TriageActor Anna = new("key-1", "Anna", Some.At(500));
    private static readonly TriageSettings Sla = new(Critical: 1, High: 2, Medium: 3, Low: 4);

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
    }

    [Fact]
    public async Task A_change_is_stored_with_its_history_and_changes_no_count()
    {
        await FailAsync("a");
        var counts = Some.Text(await Stores.Summaries.ReadDashboardAsync(Some.Org, default, default, None));

        var changed = (await ChangeAsync(new TriageChange(Workflow.InProgress, "anna", "2026-12-31", "Later"), "a")).Single();
        await ChangeAsync(new TriageChange(Workflow.RiskAccepted, "", "", null), "a");
        await ChangeAsync(new TriageChange(Workflow.RiskAccepted, "", "", null), "a"); // nothing changes

        (changed.Triage!.Workflow, changed.Triage.Assignee, changed.Triage.DueOn, changed.Triage.UpdatedBy)
            .ShouldBe((Workflow.InProgress, "anna", new DateOnly(2026, 12, 31), "key-1"));
        var triage = (await FindAsync("a")).Triage!;
        (triage.Workflow, triage.Assignee, triage.DueOn).ShouldBe((Workflow.RiskAccepted, null, null));
        (await EntriesAsync("a")).Select(e => (e.Workflow, e.Assignee, e.Due, e.Text, e.ActorName)).ShouldBe(
            [(Workflow.RiskAccepted, "", "", null, "Anna"), (Workflow.InProgress, "anna", "2026-12-31", "Later", "Anna")], ignoreOrder: true);
        Some.Text(await Stores.Summaries.ReadDashboardAsync(Some.Org, default, default, None)).ShouldBe(counts);
        (await Stores.Findings.ListOfResourceAsync(Some.Org, Some.S3, Some.ArnOf("a"), None)).Single().Triage!.Workflow.ShouldBe(Workflow.RiskAccepted);
    }

    [Fact]
    public async Task A_resolution_makes_the_workflow_resolved_and_reopening_makes_it_new_with_the_comments()
    {
        await FailAsync("a", day: 0);
        await ChangeAsync(new TriageChange(Workflow.FalsePositive, "anna", "2026-12-31", "Wrong"), "a");

        await PassAsync("a", day: 1);
        (await FindAsync("a")).Triage!.Workflow.ShouldBe(Workflow.Resolved);
        (await ChangeAsync(new TriageChange(Workflow.New, null, null, null), "a")).ShouldBeEmpty("it is resolved");
        (await Stores.Triage.CommentAsync(Some.Org, Identity("a"), "Fixed", Anna, None))!.Text.ShouldBe("Fixed");
        await FailAsync("a", day: 2);

        var reopened = await FindAsync("a");
        (reopened.Triage!.Workflow, reopened.Triage.Assignee, reopened.Triage.DueOn, reopened.Triage.UpdatedBy, reopened.OpenedAt)
            .ShouldBe((Workflow.New, "anna", null, null, Day(2).AddSeconds(1)));
        (await EntriesAsync("a")).Select(e => e.Workflow).ShouldBe(
            [Workflow.New, Workflow.Resolved, null, Workflow.FalsePositive], ignoreOrder: true);
        (await Stores.Triage.ListAsync(Some.Org, Identity("a"), commentsOnly: true, new PageRequest(10), None)).Items.Select(e => e.Text)
            .ShouldBe(["Wrong", "Fixed"], ignoreOrder: true);
    }

    [Fact]
    public async Task Lists_are_filtered_by_what_was_noted()
    {
        foreach (var (i, name) in ((string[])["a", "b", "c", "d", "e"]).Index())
        {
            await FailAsync(name, day: i);
        }

        await ChangeAsync(new TriageChange(Workflow.InProgress, "anna", null, null), "a", "b", "d");
        await ChangeAsync(new TriageChange(null, "bob", null, null), "d", "e");
        await PassAsync("b", day: 6);
        foreach (var order in Enum.GetValues<FindingOrder>())
        {
            async Task ShouldBeAsync(FindingFilter filter, params string[] names) => (await NamesAsync(filter with { Order = order }))
                .ShouldBe(order == FindingOrder.Resource ? [.. names.Order()] : [.. names], customMessage: $"{filter} by {order}");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.InProgress), "d", "a");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.New), "e", "c");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.Resolved), "b");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.Notified));
            await ShouldBeAsync(new FindingFilter(Assignee: "anna"), "b", "a");
            await ShouldBeAsync(new FindingFilter(Assignee: "anna", State: FindingState.Active), "a");
            await ShouldBeAsync(new FindingFilter(Assignee: "bob", Workflow: Workflow.New), "e");
            await ShouldBeAsync(new FindingFilter(Assignee: "bob", AccountId: Some.AccountId, Text: "S3:::D"), "d");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.New, PolicyId: Some.Public, Region: "eu-west-1"), "e", "c");
            await ShouldBeAsync(new FindingFilter(Workflow: Workflow.New, AccountId: Some.AccountId), "e", "c");
        }
    }

    [Fact]
    public async Task Overdue_findings_are_those_that_the_totals_count()
    {
        await FailAsync("low", day: 0, severity: 10);
        await FailAsync("high", day: 0, severity: 60);
        await FailAsync("critical", day: 0, severity: 95);
        await FailAsync("explicit", day: 0, severity: 10);
        await FailAsync("later", day: 0, severity: 95);
        await FailAsync("fixed", day: 0, severity: 10);
        await FailAsync("resolved", day: 0, severity: 95);
        await FailAsync("reopened", day: 0, severity: 95);
        await PassAsync("reopened", day: 1);
        await PassAsync("resolved", day: 1);
        await FailAsync("reopened", day: 3, severity: 95);
        await ChangeAsync(new TriageChange(null, null, DayText(1), null), "explicit", "resolved", "fixed");
        await PassAsync("fixed", day: 1); // its due date is dropped
        await ChangeAsync(new TriageChange(null, null, DayText(40), null), "later");

        await ShouldBeOverdueAsync(day: 1);
        await ShouldBeOverdueAsync(day: 2, "critical", "explicit");
        await ShouldBeOverdueAsync(day: 3, "critical", "explicit", "high");
        await ShouldBeOverdueAsync(day: 4, "critical", "explicit", "high"); // reopened on day 3, due on day 4
        await ShouldBeOverdueAsync(day: 5, "critical", "explicit", "high", "low", "reopened");
        await ShouldBeOverdueAsync(day: 41, "critical", "explicit", "high", "later", "low", "reopened");

        await FailAsync("explicit", day: 5, severity: 95); // another band
        await FailAsync("critical", day: 5, severity: 10);
        await ShouldBeOverdueAsync(day: 5, "critical", "explicit", "high", "low", "reopened");
        await PassAsync("explicit", day: 6);
        await ChangeAsync(new TriageChange(null, null, "", null), "later");
        await ShouldBeOverdueAsync(day: 7, "critical", "high", "later", "low", "reopened");
        await Stores.Exceptions.AddAsync([Some.Exception(arn: Some.ArnOf("later"))], most: 10, None);
        await Stores.Exceptions.ReconsiderAsync(Some.Org, [Identity("later")], Day(7), None);
        await ShouldBeOverdueAsync(day: 7, "critical", "high", "low", "reopened"); // suppressed
        (await NamesAsync(new FindingFilter(Overdue: new OverdueFilter(Sla, DayOf(7)), Text: "crit"))).ShouldBe(["critical"]);
        (await NamesAsync(new FindingFilter(Overdue: new OverdueFilter(Sla, DayOf(7)), ArnPrefix: "arn:aws:s3:::hi"))).ShouldBe(["high"]);
        (await NamesAsync(new FindingFilter(Overdue: new OverdueFilter(Sla, DayOf(7)), Assignee: "nobody"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_time_to_resolve_counts_what_was_fixed_since_it_opened_the_last_time()
    {
        await FailAsync("a", day: 0, severity: 95);
        await PassAsync("a", day: 2);
        await FailAsync("a", day: 10, severity: 95);
        await PassAsync("a", day: 11);
        await FailAsync("stopped", day: 11, severity: 10);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Day(12), None);
        await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Day(12), 10, None);

        var counts = await Stores.Summaries.CountTriageAsync(Some.Org, new OverdueFilter(Sla, DayOf(12)), DayOf(0), None);
        counts.Select(c => (c.Band, c.Overdue, c.Resolved, c.Seconds)).ShouldBe(
        [
            (SeverityBand.Critical, 0, 2, 3 * 86_400), (SeverityBand.High, 0, 0, 0), (SeverityBand.Medium, 0, 0, 0), (SeverityBand.Low, 0, 0, 0),
        ]);
        (await Stores.Summaries.CountTriageAsync(Some.Org, new OverdueFilter(Sla, DayOf(12)), DayOf(3), None))[0].Resolved.ShouldBe(1);
    }

    [Fact]
    public async Task Another_organization_neither_sees_nor_changes_anything()
    {
        await FailAsync("a");

        (await Stores.Triage.ChangeAsync("other", [Identity("a")], new TriageChange(Workflow.Notified, null, null, null), Anna, None)).ShouldBeEmpty();
        (await Stores.Triage.CommentAsync("other", Identity("a"), "mine", Anna, None)).ShouldBeNull();
        await ChangeAsync(new TriageChange(Workflow.Notified, null, null, "ours"), "a");

        (await Stores.Triage.ListAsync("other", Identity("a"), commentsOnly: false, new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    private async Task ShouldBeOverdueAsync(int day, params string[] names)
    {
        var overdue = new OverdueFilter(Sla, DayOf(day));
        var all = new FindingFilter(Overdue: overdue);
        foreach (var filter in (FindingFilter[])
            [all, all with { AccountId = Some.AccountId }, all with { PolicyId = Some.Public, Order = FindingOrder.Severity }])
        {
            (await NamesAsync(filter)).Order().ToList().ShouldBe([.. names], customMessage: $"{filter}");
        }

        (await Stores.Summaries.CountTriageAsync(Some.Org, overdue, DayOf(0), None)).Sum(c => c.Overdue).ShouldBe(names.Length, $"on day {day}");
    }

    private async Task<List<string>> NamesAsync(FindingFilter filter)
    {
        var names = new List<string>();
        for (PageRequest? next = new(1); next is not null;)
        {
            var page = await Stores.Findings.ListAsync(Some.Org, filter, next, None);
            names.AddRange(page.Items.Select(f => f.Arn["arn:aws:s3:::".Length..]));
            next = page.Next is null ? null : new PageRequest(1, page.Next);
        }

        return names;
    }

    private Task<IReadOnlyList<Finding>> ChangeAsync(TriageChange change, params string[] names) =>
        Stores.Triage.ChangeAsync(Some.Org, [.. names.Select(Identity)], change, Anna, None);

    private async Task<IReadOnlyList<TriageEntry>> EntriesAsync(string name) =>
        (await Stores.Triage.ListAsync(Some.Org, Identity(name), commentsOnly: false, new PageRequest(10), None)).Items;

    private Task FailAsync(string name, int day = 0, int severity = 60) => EvaluateAsync(name, day, Some.Fails(severity: severity));

    private Task PassAsync(string name, int day) => EvaluateAsync(name, day, Some.Passes());

    private async Task EvaluateAsync(string name, int day, EvaluatedPolicy verdict)
    {
        var bucket = Some.Bucket(name, day * 86_400, $$"""{"day":{{day}}}""");
        await Stores.Resources.WriteAsync(Some.Org, [bucket], bucket.DescribeTime, None);
        (await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(bucket, verdict)], "scan", None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);
    }

    private async Task<Finding> FindAsync(string name) => (await Stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), Some.Public, None))!;

    private static FindingIdentity Identity(string name) => new(Some.S3, Some.ArnOf(name), Some.Public);

    private static DateTimeOffset Day(int day) => Some.At(day * 86_400);

    private static DateOnly DayOf(int day) => Periods.DayOf(Day(day));

    private static string DayText(int day) => DayOf(day).ToString("yyyy-MM-dd");
}
