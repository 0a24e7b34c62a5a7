using System.Text.Json;
using Qrie.Domain.Alerts;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

/// <summary>The size and the texts of messages.</summary>
public sealed class AlertMessageTests
{
    private const string Nasty = "a\r\nBcc: x@example.com\u202E<b>";

    [Fact]
    public void Of_many_events_the_most_severe_ones_are_shown_and_all_are_counted()
    {
        var content = new AlertContent();
        for (var i = 0; i < 5000; i++)
        {
            content.Add(SomeAlerts.Item(severity: i % 100, name: $"bucket-{i}", at: i) with { PolicyId = $"Policy{i}" });
        }

        content.Add(SomeAlerts.Item(AlertKind.Resolved, severity: 100, at: 5000));
        content.Add(SomeAlerts.Item(AlertKind.ScanFailed, severity: null, at: 5001) with { Arn = null, PolicyId = null });

        (content.Events, content.FirstAt, content.LastAt).ShouldBe((5002, Some.Noon, Some.At(5001)));
        content.Items.Count.ShouldBe(AlertLimits.Items);
        content.Items[0].Kind.ShouldBe(AlertKind.ScanFailed);
        content.Items.Skip(1).Select(i => i.Severity).ShouldAllBe(s => s == 99);
        content.Items[1].Arn.ShouldBe(Some.ArnOf("bucket-99"), "the first one of them");
        content.Policies.Count.ShouldBe(AlertLimits.Names + 1);
        content.Policies.Values.Sum().ShouldBe(5001);
        content.Severities.Values.Sum().ShouldBe(5000);
        JsonSerializer.Serialize(content).Length.ShouldBeLessThan(40_000);
    }

    [Fact]
    public void The_summary_counts_kinds_and_severities()
    {
        var message = Message(
            [SomeAlerts.Item(severity: 95), SomeAlerts.Item(severity: 60), SomeAlerts.Item(severity: 60), SomeAlerts.Item(AlertKind.Resolved)]);

        message.Summary.ShouldBe("3 opened, 1 resolved; new: 1 critical, 2 high");
        message.Lines.First().Text.ShouldBe("opened · critical 95 · A title · arn:aws:s3:::a · account 111122223333 · eu-west-1");
        message.Lines.First().Url.ShouldBe("https://qrie.example.com/ui/findings?id=finding");
        message.Omitted.ShouldBe(0);
    }

    [Fact]
    public void Names_cannot_break_lines_or_turn_text()
    {
        var message = Message([SomeAlerts.Item(name: Nasty) with { PolicyTitle = Nasty, AccountName = Nasty, Detail = Nasty }], name: "r\nule");

        message.Subject.ShouldBe("Qrie r\uFFFDule: 1 opened; new: 1 high");
        message.Lines.Single().Text.ShouldNotContain("\n");
        message.Lines.Single().Text.ShouldNotContain("\u202E");
        JsonElement.Parse(message.ToJson()).GetProperty("items")[0].GetProperty("arn").GetString()!.ShouldNotContain("\u202E");
    }

    [Fact]
    public void The_body_is_the_documented_one()
    {
        var body = JsonElement.Parse(Message([SomeAlerts.Item(severity: 95, name: "half\ud800")]).ToJson());

        body.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["version", "delivery_id", "organization", "alert", "test", "created_at", "summary", "counts", "items", "omitted", "url"]);
        body.GetProperty("counts").GetProperty("kinds").GetProperty("opened").GetInt32().ShouldBe(1);
        body.GetProperty("items")[0].EnumerateObject().Select(p => p.Name).ShouldBe(
            [
                "kind", "at", "account_id", "account_name", "region", "arn", "policy", "policy_title", "severity", "detail", "scan_id", "finding_id",
                "tags_unknown", "url",
            ]);
    }

    [Fact]
    public void Printing_a_target_shows_no_secret()
    {
        $"{SomeAlerts.Rule()}".ShouldNotContain("secret-path");
        $"{SomeAlerts.Rule()}".ShouldNotContain("0123456789abcdef");
        SomeAlerts.Rule().Target.Destination.ShouldBe("https://hooks.example.com/…");
    }

    private static AlertMessage Message(IEnumerable<AlertItem> items, string name = "rule")
    {
        var delivery = SomeAlerts.Message();
        foreach (var item in items)
        {
            delivery.Content.Add(item);
        }

        return new AlertMessage(SomeAlerts.Rule() with { Name = name }, delivery, new AlertLinks("https://qrie.example.com"));
    }
}
