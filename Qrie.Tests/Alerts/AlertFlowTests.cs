using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Domain.Alerts;
using Qrie.Sql.Alerts;
using Qrie.Sql.Database;
using Qrie.Tests.Api;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

/// <summary>From a transition to the target.</summary>
public sealed class AlertFlowTests
{
    [Fact]
    public async Task Many_findings_are_one_signed_message()
    {
        await using var world = await AlertWorld.StartAsync();
        var id = await world.RuleAsync();
        await world.OpenAsync([.. Enumerable.Range(0, 300).Select(i => $"bucket-{i}")]);
        await world.MatchAsync();
        await world.OpenAsync("later");

        await world.PassAsync();
        await world.PassAsync(3600);

        var request = world.Sink.Requests.Single();
        var body = JsonElement.Parse(request.Body);
        request.Path.ShouldBe("/hook");
        Signature(request, "0123456789abcdef").ShouldBe(request.Headers["Qrie-Signature"]);
        request.Headers["Qrie-Delivery"].ShouldBe(body.GetProperty("delivery_id").GetString());
        (body.GetProperty("counts").GetProperty("events").GetInt32(), body.GetProperty("omitted").GetInt32(), body.GetProperty("items").GetArrayLength())
            .ShouldBe((301, 281, 20));
        body.GetProperty("alert").GetProperty("alert_id").GetString().ShouldBe(id);
        var item = body.GetProperty("items")[0];
        (item.GetProperty("policy").GetString(), item.GetProperty("account_id").GetString(), item.GetProperty("scan_id").GetString())
            .ShouldBe((Some.Public, StoredWorld.Account, "scan-1"));
        item.GetProperty("policy_title").GetString()!.Length.ShouldBeGreaterThan(5);
        (await world.Qrie.GetAsync($"/findings/{item.GetProperty("finding_id").GetString()}")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        var logged = (await world.LogAsync(id)).Single();
        (logged.GetProperty("status").GetString(), logged.GetProperty("status_code").GetInt32(), logged.GetProperty("events").GetInt32())
            .ShouldBe(("delivered", 200, 301));
    }

    [Fact]
    public async Task A_failure_is_retried_with_the_same_id_and_given_up_after_all_attempts()
    {
        await using var world = await AlertWorld.StartAsync();
        var id = await world.RuleAsync();
        await world.OpenAsync("a");
        for (var i = 0; i < AlertLimits.Attempts; i++)
        {
            world.Sink.Answer(503, "down");
        }

        await world.PassAsync();
        (await world.LogAsync(id)).Single().GetProperty("status").GetString().ShouldBe("retrying");
        (await world.DeliverAsync()).ShouldBe(0, "it waits");
        for (var i = 1; i < AlertLimits.Attempts; i++)
        {
            await world.PassAsync(4500);
        }

        await world.PassAsync(4500);
        world.Sink.Requests.Count.ShouldBe(AlertLimits.Attempts);
        world.Sink.Requests.Select(r => (r.Body, r.Headers["Qrie-Delivery"])).Distinct().Count().ShouldBe(1);
        var failed = (await world.LogAsync(id)).Single();
        (failed.GetProperty("status").GetString(), failed.GetProperty("outcome").GetString(), failed.GetProperty("detail").GetString())
            .ShouldBe(("failed", "rejected", "down"));
        (await world.WarningsAsync()).ShouldContain(w => w.Contains("\"everything\"") && w.Contains($"/alerts/{id}/deliveries"));

        await world.OpenAsync("b");
        await world.PassAsync();
        (await world.WarningsAsync()).ShouldNotContain(w => w.Contains("everything"));
    }

    [Fact]
    public async Task A_crash_before_the_result_is_stored_repeats_the_message_with_its_id()
    {
        using var file = new SqliteFile();
        var clock = new FakeClock();
        await using var world = await AlertWorld.StartAsync(file.Path, clock, builder => builder.Services.Replace(
            ServiceDescriptor.Singleton<IAlertStore>(p => new CrashingStore(new SqlAlertStore(p.GetRequiredService<SqlDatabase>())))));
        var id = await world.RuleAsync();
        await world.OpenAsync("a");
        await world.PassAsync();
        (await world.LogAsync(id)).Single().GetProperty("status").GetString().ShouldBe("sending");
        var first = world.Sink.Requests.Single();

        await using var again = await RestartAsync(world, file.Path, clock);
        clock.Advance(TimeSpan.FromMinutes(3));
        await again.DeliverAsync();

        again.Sink.Requests.Single().Body.ShouldBe(first.Body);
        (await again.LogAsync(id)).Single().GetProperty("status").GetString().ShouldBe("delivered");
    }

    [Fact]
    public async Task A_crash_between_transition_and_matching_loses_nothing()
    {
        using var file = new SqliteFile();
        await using var world = await AlertWorld.StartAsync(file.Path);
        await world.RuleAsync();
        await world.OpenAsync("a", "b");

        await using var again = await RestartAsync(world, file.Path, world.Clock);
        await again.PassAsync();

        JsonElement.Parse(again.Sink.Requests.Single().Body).GetProperty("counts").GetProperty("events").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Quiet_hours_hold_messages_and_send_them_together_afterwards()
    {
        await using var world = await AlertWorld.StartAsync(); // it is noon
        var id = await world.RuleAsync(quiet_hours: new { from = "12:00", to = "14:00" });
        await world.OpenAsync("a");
        await world.PassAsync(120);
        (await world.LogAsync(id)).Single().GetProperty("status").GetString().ShouldBe("held");
        await world.OpenAsync("b");
        await world.PassAsync(3600);
        world.Sink.Requests.ShouldBeEmpty();

        await world.PassAsync(3600);

        JsonElement.Parse(world.Sink.Requests.Single().Body).GetProperty("counts").GetProperty("events").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Slack_gets_escaped_text()
    {
        await using var world = await AlertWorld.StartAsync();
        await world.RuleAsync(new { kind = "slack", url = world.Sink.Url.ToString() });
        await world.OpenAsync("<!channel>&*b*");

        await world.PassAsync();

        var text = JsonElement.Parse(world.Sink.Requests.Single().Body).GetProperty("text").GetString()!;
        text.ShouldContain("&lt;!channel&gt;&amp;");
        text.ShouldContain("<https://qrie.example.com/ui/findings?id=");
        text.ShouldNotContain("*b*");
        text.ShouldStartWith("*Qrie everything*: 1 opened; new: 1 high\n• opened · high 60 · ");
    }

    [Fact]
    public async Task E_mail_is_plain_text_and_refusals_are_retried()
    {
        await using var smtp = new SmtpSink();
        await using var world = await AlertWorld.StartAsync(
            settings:
            [
                "--Alerts:Smtp:Host=127.0.0.1", $"--Alerts:Smtp:Port={smtp.Port}", "--Alerts:Smtp:Security=none", "--Alerts:Smtp:From=qrie@example.com",
            ]);
        var id = await world.RuleAsync(new { kind = "email", recipients = new[] { "a@example.com", "b@example.com" } });
        await world.OpenAsync("x");
        smtp.Responses.Enqueue("451 later");
        await world.PassAsync();
        (await world.LogAsync(id)).Single().GetProperty("status_code").GetInt32().ShouldBe(451);

        await world.PassAsync();

        var (recipients, mail) = smtp.Mails.Single();
        recipients.ShouldBe(["a@example.com", "b@example.com"]);
        mail.Subject.ShouldBe("Qrie everything: 1 opened; new: 1 high");
        mail.TextBody!.ShouldContain("arn:aws:s3:::x");
        mail.HtmlBody.ShouldBeNull();
        mail.MessageId.ShouldBe($"{(await world.LogAsync(id)).Single().GetProperty("delivery_id").GetString()}@example.com");
    }

    [Fact]
    public async Task Rules_count_as_they_are_when_events_are_matched()
    {
        await using var world = await AlertWorld.StartAsync();
        var id = await world.RuleAsync();
        await world.OpenAsync("a");

        await world.Qrie.Http.JsonAsync("PATCH", $"/alerts/{id}", """{"kinds":["resolved"]}""");
        await world.PassAsync();

        world.Sink.Requests.ShouldBeEmpty();
        (await world.LogAsync(id)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slow_target_does_not_keep_others_from_their_messages()
    {
        await using var world = await AlertWorld.StartAsync();
        var gate = new TaskCompletionSource();
        await world.RuleAsync();
        await world.RuleAsync(new { kind = "slack", url = world.Sink.Url.ToString() });
        await world.OpenAsync("a");
        world.Sink.Responses.Enqueue(_ => gate.Task);

        var passing = world.PassAsync();
        for (var i = 0; world.Sink.Requests.Count < 2 && i < 2000; i++)
        {
            await Task.Delay(5);
        }

        world.Sink.Requests.Count.ShouldBe(2);
        gate.SetResult();
        await passing;
    }

    /// <summary>The same store with a new process.</summary>
    private static async Task<AlertWorld> RestartAsync(AlertWorld world, string store, FakeClock clock)
    {
        await world.DisposeAsync();
        var again = await AlertWorld.StartAsync(store, clock);
        var rules = await again.Qrie.AllAsync("/alerts", "alerts");
        foreach (var rule in rules)
        {
            await again.Qrie.Http.JsonAsync(
                "PATCH", $"/alerts/{rule.GetProperty("alert_id").GetString()}", new { target = new { url = new Uri(again.Sink.Url, "/hook").ToString() } });
        }

        return again;
    }

    /// <summary>As a receiver computes it (docs/alerts.md).</summary>
    private static string Signature(WebhookSink.Received request, string secret)
    {
        var time = request.Headers["Qrie-Signature"].Split(',')[0][2..];
        return $"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{request.Body}")))}";
    }

    /// <summary>Ends with the process before the result of an attempt is stored.</summary>
    private sealed class CrashingStore(IAlertStore store) : DelegatingAlertStore(store)
    {
        public override Task EndAsync(AlertDelivery message, CancellationToken cancel) => throw new InvalidOperationException("The process ended.");
    }
}
