using System.Net;
using System.Net.Sockets;
using Qrie.Api.Alerts;
using Qrie.Domain.Alerts;

namespace Qrie.Tests.Alerts;

/// <summary>What a chosen address can reach, and what is shown of its response.</summary>
public sealed class TargetClientTests
{
    [Theory]
    [InlineData("https://127.0.0.1:9/x")]
    [InlineData("https://[::1]:9/x")]
    [InlineData("https://[::ffff:127.0.0.1]:9/x")]
    [InlineData("https://2130706433:9/x")]
    [InlineData("https://0x7f000001:9/x")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("http://example.com/x")]
    [InlineData("ftp://example.com/x")]
    public async Task Local_addresses_and_other_schemes_are_not_connected_to(string url)
    {
        using var client = new TargetClient(AllowedTargets.Parse(null), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        (await PostAsync(client, url)).ShouldBe(SendResult.Blocked);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("127.0.0.1")]
    public async Task A_name_that_resolves_to_a_local_address_is_not_connected_to(string address)
    {
        using var client = new TargetClient(AllowedTargets.Parse(null), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]));

        (await PostAsync(client, "https://rebound.example.com:9/x")).ShouldBe(SendResult.Blocked);
    }

    [Fact]
    public async Task The_connection_is_made_to_the_address_that_was_checked()
    {
        await using var sink = await WebhookSink.StartAsync();
        using var client = new TargetClient(AllowedTargets.Parse("hooks.test"), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        (await PostAsync(client, $"http://hooks.test:{sink.Url.Port}/x")).Outcome.ShouldBe(SendOutcome.Delivered);

        sink.Requests.Single().Headers["Host"].ShouldBe($"hooks.test:{sink.Url.Port}");
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var sink = await WebhookSink.StartAsync();
        using var client = Allowed();
        sink.Answer(302, "", ("Location", new Uri(sink.Url, "/elsewhere").ToString()));

        var result = await PostAsync(client, new Uri(sink.Url, "/x").ToString());

        (result.Outcome, result.Status).ShouldBe((SendOutcome.Rejected, 302));
        sink.Requests.Select(r => r.Path).ShouldBe(["/x"]);
    }

    [Fact]
    public async Task Of_a_response_the_status_and_a_short_clean_text_are_shown()
    {
        await using var sink = await WebhookSink.StartAsync();
        using var client = Allowed();
        sink.Answer(500, "\u001b[31m" + new string('x', 1_000_000), ("Retry-After", "120"));

        var result = await PostAsync(client, sink.Url.ToString());

        (result.Outcome, result.Status, result.RetryAfter).ShouldBe((SendOutcome.Rejected, 500, TimeSpan.FromMinutes(2)));
        result.Detail!.Length.ShouldBe(200);
        result.Detail.ShouldStartWith("\uFFFD[31mxxx");
    }

    [Fact]
    public async Task A_closed_port_and_an_unknown_host_look_the_same()
    {
        using var client = new TargetClient(
            AllowedTargets.Parse("127.0.0.1,unknown.test"), (_, _) => throw new SocketException((int)SocketError.HostNotFound));

        (await PostAsync(client, "https://127.0.0.1:9/x")).ShouldBe(SendResult.Unreachable);
        (await PostAsync(client, "https://unknown.test/x")).ShouldBe(SendResult.Unreachable);
    }

    private static TargetClient Allowed() => new(AllowedTargets.Parse("127.0.0.1"), (_, _) => throw new InvalidOperationException("It is an address."));

    private static Task<SendResult> PostAsync(TargetClient client, string url) => client.PostAsync(url, [1], _ => { }, CancellationToken.None);
}
