using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Qrie.Api.Access;
using Qrie.Tests.Aws;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Access;

/// <summary>Limits of what one caller can make the service store, log or compute.</summary>
public sealed class BoundTests
{
    [Fact]
    public async Task Evaluations_beyond_the_queue_limit_get_429_with_Retry_After()
    {
        await using var qrie = await RunningQrie.StartAsync(settings: "--Limits:WaitingEvaluations=4");
        var held = new List<TcpClient>();
        for (var i = 0; i < 3 + 1; i++)
        {
            held.Add(await HoldAsync(qrie, "/policies/evaluate")); // three are admitted and wait for their bodies, one is queued
        }

        var statuses = new List<HttpStatusCode?>();
        HttpResponseMessage? last = null;
        foreach (var path in (string[])["/policies/evaluate", "/policies/S3BucketPublic/preview"])
        {
            // A request that was held may not have arrived yet, or not any more: then one more is held.
            for (var tries = 0; tries < 10 && (last = await TryAsync(qrie, path))?.StatusCode != HttpStatusCode.TooManyRequests; tries++)
            {
                held.Add(await HoldAsync(qrie, "/policies/evaluate"));
            }

            statuses.Add(last?.StatusCode);
        }

        statuses.ShouldAllBe(s => s == HttpStatusCode.TooManyRequests);
        last!.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        JsonElement.Parse(await last.Content.ReadAsStringAsync()).GetProperty("message").GetString()!.ShouldContain("Limits:WaitingEvaluations");
        (await qrie.GetAsync("/accounts")).Status.ShouldBe(HttpStatusCode.OK, "other requests are not affected");
        held.ForEach(h => h.Dispose());
        const string Small = """{"expression":"a","configuration":{"a":1}}""";
        await EventuallyAsync(async () => (await qrie.PostTextAsync("/policies/evaluate", Small)).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_import_stops_reading_at_the_limit()
    {
        await using var qrie = await RunningQrie.StartAsync();
        using var tcp = await ConnectAsync(qrie);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync("POST /accounts/import HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n["u8.ToArray());
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5001).Select(i => $$"""{"account_id":"{{i:000000000000}}"},"""))));

        var answer = await ReadHeadAsync(stream); // the array is not closed, and most of the body is never sent

        answer.ShouldStartWith("HTTP/1.1 400");
        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [InlineData("[{\"account_id\":\"222222222222\"}")]
    [InlineData("[{\"account_id\":\"222222222222\"},")]
    [InlineData("{\"x\":[[1]],\"accounts\":[{\"account_id\":")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"accounts\":{}}")]
    public async Task A_broken_import_changes_nothing(string body)
    {
        await using var qrie = await RunningQrie.StartAsync();

        (await qrie.PostTextAsync("/accounts/import", body)).Status.ShouldBe(HttpStatusCode.BadRequest);

        (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public void Refused_keys_are_logged_once_a_minute_per_address_with_their_number()
    {
        var (clock, collecting) = (new FakeClock(), new CollectingLogger());
        using var loggers = LoggerFactory.Create(b => b.AddProvider(collecting));
        var log = new RefusedKeyLog(clock, loggers.CreateLogger<RefusedKeyLog>());
        var (one, other) = (IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::1"));
        for (var second = 0; second < 180; second++)
        {
            for (var i = 0; i < 50; i++)
            {
                log.Note(one);
            }

            clock.Advance(TimeSpan.FromSeconds(1));
        }

        log.Note(other);
        clock.Advance(TimeSpan.FromMinutes(1));
        log.Flush();
        log.Flush();

        var lines = collecting.Text.Split('\n').Where(l => l.Contains("were refused", StringComparison.Ordinal)).ToLookup(
            l => l.Contains(one.ToString(), StringComparison.Ordinal), l => int.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture));
        (lines[true].Count(), lines[true].Sum()).ShouldBe((4, 180 * 50));
        lines[false].ShouldBe([1]);
    }

    public static TheoryData<string, string, string> Texts => new()
    {
        { "/accounts", """{"account_id":"222222222222","name":"TEXT"}""", "name" },
        { "/accounts", """{"account_id":"222222222222","ou":"/TEXT"}""", "ou" },
        { "/accounts", """{"account_id":"222222222222","tags":{"k":"TEXT"}}""", "tags" },
        { "/accounts", """{"account_id":"222222222222","tags":{"TEXT":"v"}}""", "tags" },
        { "/keys", """{"role":"reader","name":"TEXT"}""", "name" },
        { "/organizations", """{"organization":"shop","name":"TEXT"}""", "name" },
        { "/policies/launch", """{"policy_id":"S3BucketPublic","remediation":"TEXT"}""", "remediation" },
        { "/policies/launch", """{"policy_id":"S3BucketPublic","scope":{"include_ou_paths":["/TEXT"]}}""", "scope" },
        { "/policies/launch", """{"policy_id":"S3BucketPublic","scope":{"include_tags":{"k":["TEXT"]}}}""", "scope" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Names_and_texts_with_misleading_characters_are_refused(string path, string body, string field)
    {
        await using var qrie = await RunningQrie.StartAsync();
        foreach (var bad in (string[])["\\u001b[2J", "\\u0000", "\\u007f", "\\u0085", "\\u202e", "\\u2066", "\\u2028"])
        {
            var (status, problem) = await qrie.PostTextAsync(path, body.Replace("TEXT", $"a{bad}b", StringComparison.Ordinal));
            status.ShouldBe(HttpStatusCode.BadRequest, bad + problem);
            problem.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe(field, bad);
        }

        (await qrie.PostTextAsync(path, body.Replace("TEXT", "Büro/متجر/店", StringComparison.Ordinal))).Status.ShouldBe(HttpStatusCode.Created);
    }

    private static async Task<TcpClient> ConnectAsync(RunningQrie qrie)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(qrie.Http.BaseAddress!.Host, qrie.Http.BaseAddress.Port);
        return tcp;
    }

    /// <summary>A request whose body is never sent.</summary>
    private static async Task<TcpClient> HoldAsync(RunningQrie qrie, string path)
    {
        var tcp = await ConnectAsync(qrie);
        await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"));
        await Task.Delay(50); // in this order
        return tcp;
    }

    /// <summary>Null: it waits.</summary>
    private static async Task<HttpResponseMessage?> TryAsync(RunningQrie qrie, string path)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        using var content = new StringContent("{}");
        try
        {
            return await qrie.Http.PostAsync(path, content, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1024];
        return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, timeout.Token));
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        for (var i = 0; i < 600 && !await isSo(); i++)
        {
            await Task.Delay(50);
        }

        (await isSo()).ShouldBeTrue();
    }
}
