using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Tests.Cli;

/// <summary>Errors of <c>qrie qop</c>: invalid usage, and no reachable service.</summary>
public sealed class QopUsageTests
{
    [Theory]
    [InlineData("", "Name exactly one of --generate-inventory, --scan-account, --add-account, --remove-account, --list, --info, --test-api.")]
    [InlineData(
        "--list --info",
        "Name exactly one of --generate-inventory, --scan-account, --add-account, --remove-account, --list, --info, --test-api, not --list and --info.")]
    [InlineData("--scan-account", "An account must be named: --scan-account and its 12 digits.")]
    [InlineData("--scan-account 12345", "'12345' is not an account; it must be 12 digits.")]
    [InlineData("--generate-inventory --account-id", "An account must be named: --account-id and its 12 digits.")]
    [InlineData("--scan-account 111111111111 --account-id 222222222222", "Two accounts are named: 111111111111 and 222222222222. Leave one out.")]
    [InlineData("--scan-account 111111111111 --scan-type weekly", "--scan-type 'weekly' is not valid; write bootstrap or anti-entropy.")]
    [InlineData(
        "--generate-inventory --scan-type anti-entropy", "--scan-type has no meaning with --generate-inventory; it belongs to --scan-account. Leave it out.")]
    [InlineData("--generate-inventory --service", "--service needs a value: as in s3; by default all.")]
    [InlineData("--list --url nowhere", "--url 'nowhere' is not the address of a service; write it as in http://localhost:5080.")]
    [InlineData("--list --api-key", "--api-key is not an API key; it begins with qrie_ and has no spaces.")]
    [InlineData("--test-api --params {}", "--params needs --endpoint.")]
    [InlineData("--test-api --endpoint findings", "--endpoint 'findings' is not a path; write it as in /findings.")]
    [InlineData("--test-api --endpoint /findings --params [1]", "--params is not a JSON object; write it as in '{\"state\": \"ACTIVE\"}'.")]
    [InlineData("--list --colour", "There is no option '--colour'.")]
    public async Task Invalid_usage_is_explained_with_exit_code_2(string arguments, string explanation)
    {
        var run = await RunCommand.AsTypedAsync($"qop {arguments}".TrimEnd());

        (run.Code, run.Output).ShouldBe((2, ""), run.ToString());
        run.Errors.Split('\n').ShouldContain($"[ERROR] {explanation}");
        run.Errors.ShouldContain("See qrie qop --help.");
    }

    [Fact]
    public async Task All_errors_of_the_command_line_are_reported_at_once()
    {
        var run = await RunCommand.AsTypedAsync("qop --scan-account 1 --scan-type x --ou / --url y --colour");

        run.Code.ShouldBe(2);
        run.Errors.Split('\n').Count(l => l.StartsWith("[ERROR]", StringComparison.Ordinal)).ShouldBe(5, run.Errors);
    }

    [Fact]
    public async Task Without_a_service_the_exit_code_is_3()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        var run = await RunCommand.AsTypedAsync($"qop --list --url http://127.0.0.1:{port}");
        var json = await RunCommand.AsTypedAsync($"qop --list --json --url http://127.0.0.1:{port}");

        (run.Code, run.Output).ShouldBe((3, ""), run.ToString());
        run.Errors.ShouldStartWith($"[ERROR] No Qrie responds at http://127.0.0.1:{port}/: ");
        run.Errors.ShouldContain("--url");
        json.Code.ShouldBe(3);
        JsonElement.Parse(json.Output).GetProperty("exit_code").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task A_response_of_another_service_is_recognized()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var run = await RunCommand.AsTypedAsync($"qop --list --url {qrie.Http.BaseAddress}swagger/index.html");
        var page = await RunCommand.AsTypedAsync($"qop --test-api --endpoint /swagger/index.html --url {qrie.Http.BaseAddress}");

        run.Code.ShouldBe(1, "the service does not know a path below its address");
        page.Code.ShouldBe(3, page.ToString());
        page.Errors.ShouldContain("is not a Qrie: its response is not JSON");
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var run = await RunCommand.AsTypedAsync("qop --help");

        run.Code.ShouldBe(0);
    }
}
