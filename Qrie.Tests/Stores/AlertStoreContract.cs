using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Storage of alert rules and messages.</summary>
public abstract class AlertStoreContract : StoreContract
{
    [Fact]
    public async Task A_rule_is_returned_as_stored()
    {
        var rule = SomeAlerts.Rule() with
        {
            Policies = [Some.Public],
            Accounts = [Some.AccountId],
            Tags = new Dictionary<string, IReadOnlyList<string>> { ["env"] = ["prod", "test"] },
            QuietHours = new QuietHours(new TimeOnly(22, 0), new TimeOnly(7, 30), "Europe/Berlin", [DayOfWeek.Saturday]),
            MinSeverity = 90,
            GroupSeconds = 300,
        };
        await Stores.Alerts.AddAsync(rule, None);

        Some.Text(await Stores.Alerts.FindAsync(Some.Org, rule.AlertId, None)).ShouldBe(Some.Text(rule));
        (await Stores.Alerts.FindAsync("another", rule.AlertId, None)).ShouldBeNull();
        (await Stores.Alerts.DeleteAsync("another", rule.AlertId, None)).ShouldBeFalse();
        (await Stores.Alerts.ListAsync("another", new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task There_are_at_most_so_many_rules()
    {
        for (var i = 0; i < AlertLimits.Rules; i++)
        {
            (await Stores.Alerts.AddAsync(SomeAlerts.Rule(Some.Numbered("a", i)), None)).ShouldBeTrue();
        }

        (await Stores.Alerts.AddAsync(SomeAlerts.Rule("one too many"), None)).ShouldBeFalse();
        (await Stores.Alerts.AddAsync(SomeAlerts.Rule(organization: "another"), None)).ShouldBeTrue();
        var first = await Stores.Alerts.ListAsync(Some.Org, new PageRequest(60), None);
        (await Stores.Alerts.ListAsync(Some.Org, new PageRequest(60, first.Next), None)).Items.Count.ShouldBe(40);
    }

    [Fact]
    public async Task Events_leave_the_outbox_with_the_transaction_that_stores_their_messages()
    {
        await PrepareAsync();
        var events = await Stores.Alerts.ReadOutboxAsync(100, None);

        (await Stores.Alerts.SaveMatchedAsync(Some.Org, [.. events.Select(e => e.Seq)], [Message(1)], None)).ShouldBeTrue();

        (await Stores.Alerts.ReadOutboxAsync(100, None)).ShouldBeEmpty();
        var stored = (await Stores.Alerts.ListCollectingAsync(Some.Org, None)).Single();
        (stored.Content.Events, stored.Revision, stored.Status).ShouldBe((1, 1, DeliveryStatus.Collecting));
        stored.Content.Add(SomeAlerts.Item(name: "b"));
        (await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [stored], None)).ShouldBeTrue();
        (await Stores.Alerts.ListCollectingAsync(Some.Org, None)).Single().Content.Events.ShouldBe(2);
    }

    [Fact]
    public async Task Events_that_another_replica_has_matched_are_not_matched_again()
    {
        await PrepareAsync();
        var events = (await Stores.Alerts.ReadOutboxAsync(100, None)).Select(e => e.Seq).ToList();
        (await Stores.Alerts.SaveMatchedAsync(Some.Org, events, [Message(1)], None)).ShouldBeTrue();

        (await Stores.Alerts.SaveMatchedAsync(Some.Org, events, [Message(2)], None)).ShouldBeFalse();

        (await Stores.Alerts.ListCollectingAsync(Some.Org, None)).Single().Content.Events.ShouldBe(1);
    }

    [Fact]
    public async Task A_message_that_was_closed_meanwhile_keeps_the_events_in_the_outbox()
    {
        await PrepareAsync();
        await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [Message(1)], None);
        var collecting = (await Stores.Alerts.ListCollectingAsync(Some.Org, None)).Single();
        (await Stores.Alerts.BeginAsync(collecting, Some.At(60), Some.At(180), None)).ShouldNotBeNull();
        collecting.Content.Add(SomeAlerts.Item());

        var events = await Stores.Alerts.ReadOutboxAsync(100, None);
        (await Stores.Alerts.SaveMatchedAsync(Some.Org, [.. events.Select(e => e.Seq)], [collecting], None)).ShouldBeFalse();

        (await Stores.Alerts.ReadOutboxAsync(100, None)).Count.ShouldBe(1);
        (await Stores.Alerts.ListDueAsync(Some.At(180), 10, None)).Single().Content.Events.ShouldBe(1);
    }

    [Fact]
    public async Task A_message_is_begun_by_one_only_and_again_after_its_lease()
    {
        await PrepareAsync();
        await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [Message(1)], None);
        (await Stores.Alerts.ListDueAsync(Some.At(59), 10, None)).ShouldBeEmpty();
        var due = (await Stores.Alerts.ListDueAsync(Some.At(60), 10, None)).Single();

        (await Stores.Alerts.BeginAsync(due, Some.At(60), Some.At(180), None))!.Attempts.ShouldBe(1);
        (await Stores.Alerts.BeginAsync(due, Some.At(60), Some.At(180), None)).ShouldBeNull();
        (await Stores.Alerts.ListDueAsync(Some.At(179), 10, None)).ShouldBeEmpty();
        var lost = (await Stores.Alerts.ListDueAsync(Some.At(180), 10, None)).Single();
        lost.Status.ShouldBe(DeliveryStatus.Sending);
        (await Stores.Alerts.BeginAsync(lost, Some.At(180), Some.At(300), None))!.Attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Many_due_messages_of_a_rule_do_not_hide_those_of_others()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        await Stores.Alerts.AddAsync(SomeAlerts.Rule("alert-2"), None);
        await Stores.Alerts.SaveMatchedAsync(
            Some.Org, [],
            [
                .. Enumerable.Range(0, 5).Select(i => SomeAlerts.Message($"m{i}", dueAt: 10 - i)), SomeAlerts.Message("other", dueAt: 20, alertId: "alert-2"),
            ],
            None);

        (await Stores.Alerts.ListDueAsync(Some.At(30), 2, None)).Select(m => m.DeliveryId).ShouldBe(["m4", "other"]);
    }

    [Fact]
    public async Task Disabling_a_rule_drops_its_messages_and_deleting_it_deletes_them()
    {
        await PrepareAsync();
        await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [Message(1)], None);

        await Stores.Alerts.ChangeAsync(Some.Org, SomeAlerts.Id, rule => rule with { Enabled = false }, Some.At(10), None);

        var dropped = (await Stores.Alerts.ListDeliveriesAsync(Some.Org, SomeAlerts.Id, new PageRequest(10), None)).Items.Single();
        (dropped.Status, dropped.FinishedAt).ShouldBe((DeliveryStatus.Dropped, Some.At(10)));
        (await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [SomeAlerts.Message("m2")], None)).ShouldBeTrue();
        (await Stores.Alerts.ListDueAsync(Some.At(1000), 10, None)).ShouldBeEmpty();
        (await Stores.Alerts.DeleteAsync(Some.Org, SomeAlerts.Id, None)).ShouldBeTrue();
        (await Stores.Alerts.ListDeliveriesAsync(Some.Org, SomeAlerts.Id, new PageRequest(10), None)).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rule_fails_from_the_first_message_that_was_given_up_to_the_next_delivered_one()
    {
        await PrepareAsync();
        foreach (var (id, status, at) in new[]
        {
            ("m1", DeliveryStatus.Failed, 10), ("m2", DeliveryStatus.Failed, 20), ("m3", DeliveryStatus.Dropped, 30),
        })
        {
            await EndAsync(id, status, at);
            (await Stores.Alerts.ListFailingAsync(Some.Org, None)).Single().FailingSince.ShouldBe(Some.At(10), id);
        }

        (await Stores.Alerts.ListFailingAsync("another", None)).ShouldBeEmpty();
        await EndAsync("m4", DeliveryStatus.Delivered, 40);
        (await Stores.Alerts.ListFailingAsync(Some.Org, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Ended_messages_are_deleted_after_a_time()
    {
        await PrepareAsync();
        await EndAsync("m1", DeliveryStatus.Delivered, 10);
        await EndAsync("m2", DeliveryStatus.Failed, 20);
        await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [SomeAlerts.Message("m3")], None);

        (await Stores.Alerts.DeleteEndedAsync(Some.At(20), 10, None)).ShouldBe(1);

        (await Stores.Alerts.ListDeliveriesAsync(Some.Org, SomeAlerts.Id, new PageRequest(10), None)).Items.Select(m => m.DeliveryId).ShouldBe(["m3", "m2"]);
    }

    [Fact]
    public async Task Tags_are_read_and_unknown_ones_are_null()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Resources.WriteAsync(
            Some.Org,
            [
                Some.Bucket("a") with { Tags = new Dictionary<string, string> { ["env"] = "prod" } }, Some.Bucket("b") with { Tags = null },
            ],
            Some.Noon, None);

        var tags = await Stores.Alerts.ReadTagsAsync(
            Some.Org, [(Some.S3, Some.ArnOf("a")), (Some.S3, Some.ArnOf("b")), (Some.S3, Some.ArnOf("c"))], None);

        tags[(Some.S3, Some.ArnOf("a"))]!["env"].ShouldBe("prod");
        tags[(Some.S3, Some.ArnOf("b"))].ShouldBeNull();
        tags.ContainsKey((Some.S3, Some.ArnOf("c"))).ShouldBeFalse();
        (await Stores.Alerts.ReadTagsAsync("another", [(Some.S3, Some.ArnOf("a"))], None)).ShouldBeEmpty();
    }

    /// <summary>A rule and an event.</summary>
    private async Task PrepareAsync()
    {
        await Stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket()], Some.Noon, None);
        await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(Some.Bucket(), Some.Fails())], null, None);
    }

    private static AlertDelivery Message(int events)
    {
        var message = SomeAlerts.Message();
        for (var i = 0; i < events; i++)
        {
            message.Content.Add(SomeAlerts.Item(name: $"{i}"));
        }

        return message;
    }

    private async Task EndAsync(string id, DeliveryStatus status, double at)
    {
        await Stores.Alerts.SaveMatchedAsync(Some.Org, [], [SomeAlerts.Message(id)], None);
        var begun = await Stores.Alerts.BeginAsync(SomeAlerts.Message(id), Some.At(at), Some.At(at + 60), None);
        await Stores.Alerts.EndAsync(begun! with { Status = status, FinishedAt = Some.At(at), Last = SendResult.Unreachable }, None);
    }
}
