using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Tests.Cli;

/// <summary><c>qrie qop</c>: accounts, information and the test of the API.</summary>
public sealed class QopAccountTests
{
    private const string Account = "210987654321";

    [Fact]
    public async Task Accounts_are_added_listed_and_removed()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var added = await RunCommand.QopAsync(
            qrie, $"--add-account {Account} --account-name shop --environment prod --ou /Production/Shop --external-id secret-one --skip-confirm");
        var listed = await RunCommand.QopAsync(qrie, "--list");
        var removed = await RunCommand.QopAsync(qrie, $"--remove-account --account-id {Account} --skip-confirm");
        var after = await RunCommand.QopAsync(qrie, "--list --json");
        var again = await RunCommand.QopAsync(qrie, "--remove-account 999999999999 --skip-confirm");

        (added.Code, added.Output).ShouldBe((0, $"Account {Account} added.\n"), added.ToString());
        added.Errors.ShouldContain($"accounts/{Account}/check");
        added.Errors.ShouldNotContain("secret-one");
        listed.Code.ShouldBe(0);
        listed.Lines[0].ShouldBe("Account ID    Name  Environment  Status  Created");
        listed.Lines[1].ShouldStartWith("123456789012  -     -            active  20");
        listed.Lines[2].ShouldStartWith($"{Account}  shop  prod         active  20");
        listed.Lines[3].ShouldBe("2 accounts");
        (removed.Code, removed.Output).ShouldBe((0, $"Account {Account} removed; its data is kept.\n"));
        JsonElement.Parse(after.Output).EnumerateArray().Select(a => a.GetProperty("status").GetString()).ShouldBe(["active", "removed"]);
        again.Code.ShouldBe(1);
        again.Errors.ShouldContain("[ERROR] ");
        again.Errors.ShouldContain("999999999999");
    }

    [Fact]
    public async Task Adding_an_account_with_a_scan_waits_for_the_scan()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"b","Versioning":{}}""", "one"));
        await qrie.LaunchAsync("S3BucketVersioningDisabled");

        var run = await RunCommand.QopAsync(qrie, $"--add-account {Account} --scan", input: "y");

        run.Code.ShouldBe(0, run.ToString());
        run.Lines[0].ShouldBe($"Account {Account} added.");
        run.Lines.ShouldContain("Inventory generation completed:");
        run.Lines.ShouldContain("Policy scan completed:");
        run.Lines.ShouldContain("  Findings created: 1");
    }

    [Fact]
    public async Task Info_shows_the_state_of_the_service()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var run = await RunCommand.QopAsync(qrie, "--info");
        var json = JsonElement.Parse((await RunCommand.QopAsync(qrie, "--info --json")).Output);

        run.Code.ShouldBe(0, run.ToString());
        run.Lines[0].ShouldMatch($"^API URL: +{qrie.Http.BaseAddress}$");
        run.Output.ShouldMatch("Status: +ok\n");
        run.Output.ShouldMatch("Store: +sqlite [0-9.]+, schema [0-9]+\n");
        run.Output.ShouldMatch("Accounts: +1 active\n");
        run.Output.ShouldMatch("Queue: +none ");
        run.Output.ShouldContain($"curl '{qrie.Http.BaseAddress}summary/dashboard'");
        json.GetProperty("health").GetProperty("status").GetString().ShouldBe("ok");
        json.GetProperty("accounts").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Every_route_that_clients_use_is_requested()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var all = await RunCommand.QopAsync(qrie, "--test-api");
        var one = await RunCommand.QopAsync(qrie, """--test-api --endpoint /findings --params {"state":"ACTIVE","page_size":3}""");
        var bad = await RunCommand.QopAsync(qrie, """--test-api --endpoint /findings --params {"state":"OPEN"} --json""");

        all.Code.ShouldBe(0, all.ToString());
        all.Lines[^3..].ShouldBe(["Passed: 32", "Failed: 0", "Success rate: 100.0%"]);
        all.Output.ShouldContain("GET /policies?policy_id=NonExistentPolicy");
        one.Code.ShouldBe(0, one.ToString());
        one.Output.ShouldContain("GET /findings?state=ACTIVE&page_size=3");
        bad.Code.ShouldBe(1);
        JsonElement.Parse(bad.Output).GetProperty("requests")[0].GetProperty("status").GetInt32().ShouldBe(400);
    }
}
