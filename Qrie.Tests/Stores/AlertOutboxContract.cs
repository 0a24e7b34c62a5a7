using Qrie.Domain.Accounts;
using Qrie.Domain.Alerts;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Events are written to the outbox with what they tell about, if a rule may want them.</summary>
public abstract class AlertOutboxContract : StoreContract
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
    }

    [Fact]
    public async Task Transitions_of_findings_are_written_once_each()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);

        await EvaluateAsync(0, Some.Fails());
        await EvaluateAsync(10, Some.Fails());
        await EvaluateAsync(20, Some.Passes());
        await EvaluateAsync(30, Some.Fails(severity: 70));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion(at: 40)], Some.At(40), None);

        var events = await Stores.Alerts.ReadOutboxAsync(100, None);
        events.Select(e => (e.Kind, e.Severity, e.At, e.Detail)).ShouldBe(
        [
            (AlertKind.Opened, 60, Some.At(1), null), (AlertKind.Resolved, 60, Some.At(21), "compliant"), (AlertKind.Reopened, 70, Some.At(31), null),
            (AlertKind.Resolved, 70, Some.At(40), "resource_deleted"),
        ]);
        events.ShouldAllBe(e => e.AccountId == Some.AccountId && e.AccountService == Some.S3 && e.Arn == Some.ArnOf("a") && e.PolicyId == Some.Public
            && e.Region == "eu-west-1" && e.Organization == Some.Org);
        events[0].ScanId.ShouldBe("scan-1");
    }

    [Fact]
    public async Task Resolving_a_policy_is_written()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        await EvaluateAsync(0, Some.Fails());
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, Domain.Policies.PolicyStatus.Suspended, Some.At(5), None);

        await Stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, Domain.Findings.ResolvedReason.PolicySuspended, Some.At(10), 100, None);

        (await Stores.Alerts.ReadOutboxAsync(100, None)).Select(e => (e.Kind, e.Detail)).ShouldBe(
            [(AlertKind.Opened, null), (AlertKind.Resolved, "policy_suspended")]);
    }

    [Fact]
    public async Task What_no_rule_can_want_is_not_written()
    {
        await EvaluateAsync(0, Some.Fails());
        (await Stores.Alerts.ReadOutboxAsync(100, None)).ShouldBeEmpty();

        await Stores.Alerts.AddAsync(SomeAlerts.Rule("off") with { Enabled = false }, None);
        await Stores.Alerts.AddAsync(SomeAlerts.Rule("severe") with { MinSeverity = 61 }, None);
        await Stores.Alerts.AddAsync(SomeAlerts.Rule("others") with { Kinds = [AlertKind.Opened, AlertKind.DeadLetter] }, None);
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(organization: "another"), None);
        await EvaluateAsync(20, Some.Passes());
        (await Stores.Alerts.ReadOutboxAsync(100, None)).ShouldBeEmpty();

        await Stores.Alerts.AddAsync(SomeAlerts.Rule("equal") with { MinSeverity = 60, Kinds = [AlertKind.Reopened] }, None);
        await EvaluateAsync(30, Some.Fails());
        (await Stores.Alerts.ReadOutboxAsync(100, None)).Select(e => e.Kind).ShouldBe([AlertKind.Reopened]);
    }

    [Fact]
    public async Task A_refused_write_leaves_no_event()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        var bucket = Some.Bucket();
        await Stores.Resources.WriteAsync(Some.Org, [bucket], Some.Noon, None);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket(at: 50, configuration: """{"v":2}""")], Some.At(50), None);

        await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(bucket, Some.Fails())], null, None);

        (await Stores.Alerts.ReadOutboxAsync(100, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_is_written_once()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        var batch = new EventBatch(
            [], [],
            [
                (new DeadEvent("m1", Some.Org, Some.AccountId, "us-east-1", "s3/Put", "It failed.", 3, Some.At(1), false, "{}"),
                 new MessageResult(Some.Org, Some.AccountId, "us-east-1", MessageOutcome.Failed, null, null, null)),
            ],
            Some.Noon);

        await Stores.Events.SaveBatchAsync(batch, None);
        await Stores.Events.SaveBatchAsync(batch, None);

        (await Stores.Alerts.ReadOutboxAsync(100, None)).Select(e => (e.Kind, e.AccountId, e.Region, e.Detail)).ShouldBe(
            [(AlertKind.DeadLetter, Some.AccountId, "us-east-1", "s3/Put: It failed.")]);
    }

    [Fact]
    public async Task Failed_scans_are_written_and_others_are_not()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        foreach (var (id, status) in ((string, UnitStatus)[])[("good", UnitStatus.Done), ("bad", UnitStatus.Failed)])
        {
            var (scan, units) = Some.Scan(id, 0, (Some.AccountId, "s3"));
            await Stores.Scans.CreateAsync(scan, units, None);
            var unit = await Stores.Scans.ClaimNextAsync("me", Some.At(1), TimeSpan.FromMinutes(1), 1, None);
            await Stores.Scans.EndAsync(
                unit!, status, new UnitResult(new ScanCounters(), [new UnitError(null, "Failed", "Timeout", "It took too long.")]), Some.At(2), None);
        }

        var (stuck, of) = Some.Scan("stuck", 3, (Some.AccountId, "s3"));
        await Stores.Scans.CreateAsync(stuck, of, None);
        await Stores.Scans.RecoverAsync(Some.At(10_000), TimeSpan.FromMinutes(30), None);

        var failures = (await Stores.Alerts.ReadOutboxAsync(100, None)).Where(e => e.Kind == AlertKind.ScanFailed).ToList();
        failures.Select(e => e.ScanId).ShouldBe(["bad", "stuck"]);
        failures[0].Detail.ShouldBe("inventory scan completed with failed units; first error Timeout: It took too long.");
        failures[1].Detail!.ShouldContain("ABANDONED");
    }

    [Fact]
    public async Task An_account_that_cannot_be_read_is_written_once_until_it_can_be_read_again()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule() with { Kinds = [AlertKind.AccountUnreadable] }, None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        var denied = new AccountError(null, null, "AccessDenied", "no role", Some.Noon);
        await Stores.Accounts.RecordErrorAsync(Some.Org, Some.AccountId, AccountHealth.Whole, denied, None);
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId) with { Outcome = ListOutcome.Denied, ErrorCode = "Denied" }, None);
        await InventoryAsync("scan-1");
        await InventoryAsync("scan-2");

        (await EventsAsync()).ShouldBe([(Some.AccountId, "AccessDenied: no role"), (Some.OtherAccountId, "Denied: ")], ignoreOrder: true);

        await Stores.Accounts.RecordRegionsAsync(Some.Org, new Dictionary<string, IReadOnlyList<string>> { [Some.AccountId] = ["eu-west-1"] }, None);
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(Some.OtherAccountId), None);
        await InventoryAsync("scan-3");
        (await EventsAsync()).Count.ShouldBe(2);
        await Stores.Accounts.RecordErrorAsync(Some.Org, Some.AccountId, AccountHealth.Whole, denied, None);
        await InventoryAsync("scan-4");

        (await EventsAsync()).Select(e => e.AccountId).ShouldBe([Some.AccountId, Some.OtherAccountId, Some.AccountId], ignoreOrder: true);
    }

    [Fact]
    public async Task A_later_rule_is_told_which_accounts_cannot_be_read()
    {
        var denied = new AccountError(null, null, "AccessDenied", "no role", Some.Noon);
        await Stores.Accounts.RecordErrorAsync(Some.Org, Some.AccountId, AccountHealth.Whole, denied, None);
        foreach (var id in (string[])["first", "second"])
        {
            await Stores.Alerts.AddAsync(SomeAlerts.Rule(id) with { Kinds = [AlertKind.AccountUnreadable] }, None);
            await InventoryAsync($"scan of {id}");
            await Stores.Alerts.DeleteAsync(Some.Org, id, None);
            await InventoryAsync($"scan without {id}");
        }

        (await EventsAsync()).Select(e => e.AccountId).ShouldBe([Some.AccountId, Some.AccountId]);
    }

    [Fact]
    public async Task Drift_is_written_at_the_end_of_the_scan_by_account()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule() with { Kinds = [AlertKind.DriftDetected] }, None);
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), None);
        var (scan, units) = Some.Scan("scan-1", 0, (Some.AccountId, "s3"));
        await Stores.Scans.CreateAsync(scan with { ScanType = ScanType.AntiEntropy }, units, None);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("new"), Some.Bucket("newer")], Some.Noon, "scan-1", None);
        (await EventsAsync()).ShouldBeEmpty();

        await EndAsync();

        (await EventsAsync()).ShouldBe([(Some.AccountId, "2 resources created, 0 changed, 0 deleted without an event")]);
    }

    [Fact]
    public async Task A_purged_account_has_no_events()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        await EvaluateAsync(0, Some.Fails());
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);
        await Stores.Purges.BeginAsync(Some.Org, Some.AccountId, Some.Noon, None);
        while (await Stores.Purges.DeleteNextAsync(Some.Org, Some.AccountId, 100, Some.Noon, None))
        {
        }

        (await Stores.Alerts.ReadOutboxAsync(100, None)).ShouldBeEmpty();
    }

    private async Task EvaluateAsync(double at, params Domain.Policies.EvaluatedPolicy[] verdicts)
    {
        var bucket = Some.Bucket(at: at, configuration: $$"""{"v":{{at}}}""");
        await Stores.Resources.WriteAsync(Some.Org, [bucket], Some.At(at), None);
        (await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(bucket, verdicts)], "scan-1", None)).Outcomes
            .ShouldBe([Domain.Findings.ApplyOutcome.Applied]);
    }

    private async Task InventoryAsync(string id)
    {
        var (scan, units) = Some.Scan(id, 0, (Some.AccountId, "s3"));
        await Stores.Scans.CreateAsync(scan, units, None);
        await EndAsync();
    }

    private async Task EndAsync()
    {
        var unit = await Stores.Scans.ClaimNextAsync("me", Some.At(1), TimeSpan.FromMinutes(1), 1, None);
        await Stores.Scans.EndAsync(unit!, UnitStatus.Done, Some.Result(), Some.At(2), None);
    }

    private async Task<List<(string? AccountId, string? Detail)>> EventsAsync() =>
        [.. (await Stores.Alerts.ReadOutboxAsync(100, None)).Select(e => (e.AccountId, e.Detail))];
}
