using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Qrie.Tests.Api.Accounts;

/// <summary>Registering, changing and removing accounts over HTTP.</summary>
public sealed class AccountRouteTests
{
    private const string Own = "123456789012";
    private const string Other = "210987654321";

    [Fact]
    public async Task An_account_is_returned_as_registered_except_for_its_external_id()
    {
        await using var qrie = await RunningQrie.StartAsync();

        var (status, created) = await qrie.PostAsync("/accounts", new
        {
            account_id = Other,
            name = "shop",
            ou = "/Production/Shop",
            tags = new Dictionary<string, string> { ["team"] = "web" },
            role_arn = "arn:aws:iam::{account}:role/Qrie-{account}",
            external_id = "ext-1",
            regions = new[] { "eu-west-1" },
        });

        status.ShouldBe(HttpStatusCode.Created, created.ToString());
        var account = (await qrie.GetAsync($"/api/accounts/{Other}")).Body;
        (Text(account, "name"), Text(account, "ou"), Text(account, "role_arn"), Text(account, "status"))
            .ShouldBe(("shop", "/Production/Shop", $"arn:aws:iam::{Other}:role/Qrie-{Other}", "active"));
        account.GetProperty("tags").GetProperty("team").GetString().ShouldBe("web");
        account.GetProperty("has_external_id").GetBoolean().ShouldBeTrue();
        account.ToString().ShouldNotContain("ext-1");
        account.GetProperty("health").GetProperty("coverage_percent").ValueKind.ShouldBe(JsonValueKind.Null);
        (await qrie.GetAsync("/accounts/999999999999")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await qrie.GetAsync("/accounts/import")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task PUT_replaces_all_settings_and_PATCH_only_the_given_ones()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await qrie.PostAsync("/accounts", new { account_id = Other, name = "shop", ou = "/A", external_id = "ext-1", regions = new[] { "eu-west-1" } });

        var patched = (await PatchAsync(qrie, Other, """{"ou": "/B", "regions": null}""")).Body;
        (Text(patched, "name"), Text(patched, "ou"), patched.GetProperty("regions").ValueKind, patched.GetProperty("changed").GetBoolean())
            .ShouldBe(("shop", "/B", JsonValueKind.Null, true));
        (await PatchAsync(qrie, Other, """{"ou": "/B"}""")).Body.GetProperty("changed").GetBoolean().ShouldBeFalse();

        var put = (await qrie.PutAsync($"/accounts/{Other}", new { ou = "/C" })).Body;
        (Text(put, "name"), Text(put, "ou"), put.GetProperty("has_external_id").GetBoolean()).ShouldBe((null, "/C", true));
        using var form = new StringContent("""{"name": "as curl -d sends it"}""", Encoding.UTF8, "application/x-www-form-urlencoded");
        (await qrie.Http.PatchAsync($"/accounts/{Other}", form)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PatchAsync(qrie, Other, """{"external_id": null}""")).Body.GetProperty("has_external_id").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"nmae": "x"}""", "nmae")]
    [InlineData("{}", "body")]
    [InlineData("""{"tags": ["a"]}""", "tags")]
    [InlineData("""{"role_arn": "arn:aws:iam::999999999999:role/x"}""", "role_arn")]
    public async Task An_invalid_change_names_the_field_and_changes_nothing(string body, string field)
    {
        await using var qrie = await RunningQrie.StartAsync();
        var before = (await qrie.GetAsync($"/accounts/{Own}")).Body.ToString();

        var (status, problem) = await PatchAsync(qrie, Own, body);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).ShouldBe([field]);
        (await qrie.GetAsync($"/accounts/{Own}")).Body.ToString().ShouldBe(before);
    }

    [Fact]
    public async Task With_scan_only_the_account_is_read_and_then_evaluated()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"PolicyStatus":{"IsPublic":true},"Versioning":{}}""", "b"));
        await qrie.LaunchAsync("S3BucketVersioningDisabled");

        var (_, created) = await qrie.PostAsync("/accounts", new { account_id = Other, scan = true });

        var inventory = await qrie.FinishedAsync(Text(created, "inventory_scan_id")!);
        var evaluating = await qrie.FinishedAsync(Text(created, "policy_scan_id")!);
        (Text(inventory, "account_id"), Text(inventory, "trigger"), Text(inventory, "scan_type")).ShouldBe((Other, "account", "bootstrap"));
        evaluating.GetProperty("started_at").GetDateTimeOffset().ShouldBeGreaterThanOrEqualTo(inventory.GetProperty("finished_at").GetDateTimeOffset());
        (await qrie.AllAsync("/findings", "findings")).Select(f => Text(f, "account_service")).ShouldBe([$"{Other}_s3"]);
        var health = (await qrie.GetAsync($"/accounts/{Other}")).Body.GetProperty("health");
        health.GetProperty("coverage_percent").GetDouble().ShouldBe(100);
        health.GetProperty("last_inventories").GetProperty("s3").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task A_removed_account_is_hidden_unless_it_is_requested_or_restored()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Versioning":{}}""", "b"));
        await qrie.LaunchAsync("S3BucketVersioningDisabled");
        var (_, created) = await qrie.PostAsync("/accounts", new { account_id = Other, name = "shop", scan = true });
        await qrie.FinishedAsync(Text(created, "policy_scan_id")!);

        var (status, removed) = await qrie.DeleteAsync($"/accounts/{Other}");

        (status, Text(removed, "status")).ShouldBe((HttpStatusCode.OK, "removed"));
        (await qrie.GetAsync("/accounts")).Body.EnumerateArray().Select(a => Text(a, "account_id")).ShouldBe([Own]);
        (await qrie.GetAsync("/accounts?include_removed=true")).Body.EnumerateArray().Select(a => Text(a, "account_id")).ShouldBe([Own, Other]);
        (await qrie.GetAsync("/accounts?status=removed")).Body[0].GetProperty("removed_because").GetString().ShouldBe("requested");
        (await qrie.AllAsync("/findings", "findings")).ShouldBeEmpty();
        (await qrie.AllAsync("/findings?include_removed=true", "findings")).Count.ShouldBe(1);
        (await qrie.GetAsync("/summary/findings")).Body.GetProperty("total_findings").GetInt32().ShouldBe(0);
        (await qrie.DeleteAsync($"/accounts/{Other}")).Status.ShouldBe(HttpStatusCode.OK);
        (await PatchAsync(qrie, Other, """{"ou": "/B"}""")).Status.ShouldBe(HttpStatusCode.Conflict);
        (await qrie.PostAsync("/scans", new { kind = "inventory", account_id = Other })).Status.ShouldBe(HttpStatusCode.BadRequest);

        var (again, back) = await qrie.PostAsync("/accounts", new { account_id = Other });

        (again, Text(back, "name"), back.GetProperty("removed_at").ValueKind).ShouldBe((HttpStatusCode.Created, "shop", JsonValueKind.Null));
        (await qrie.AllAsync("/findings", "findings")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Removing_an_account_ends_its_running_and_pending_units()
    {
        var began = new TaskCompletionSource();
        var collector = new ScriptedCollector
        {
            GatedAccount = Other,
            Gate = async cancel =>
            {
                began.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            },
        };
        await using var qrie = await RunningQrie.StartAsync(collector);
        var (_, created) = await qrie.PostAsync("/accounts", new { account_id = Other, scan = true });
        var everything = (await qrie.PostAsync("/scans", new { kind = "inventory" })).Body;
        await began.Task;

        (await qrie.DeleteAsync($"/accounts/{Other}")).Body.GetProperty("cancelled_units").GetInt32().ShouldBeGreaterThan(1);

        (await qrie.FinishedAsync(Text(created, "inventory_scan_id")!)).GetProperty("status").GetString().ShouldBe("cancelled");
        var scan = await qrie.FinishedAsync(Text(everything, "scan_id")!);
        scan.GetProperty("status").GetString().ShouldBe("completed");
        scan.GetProperty("progress").EnumerateArray().Where(p => Text(p, "account_id") == Other)
            .ShouldAllBe(p => p.GetProperty("units").EnumerateObject().All(u => u.Name == "cancelled"));
    }

    [Fact]
    public async Task A_moved_account_is_evaluated_by_the_scopes_of_its_new_OU()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Versioning":{}}""", "b"));
        await PatchAsync(qrie, Own, """{"ou": "/Production"}""");
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync("S3BucketVersioningDisabled", new { include_ou_paths = new[] { "/Production" } });
        (await qrie.AllAsync("/findings?state=ACTIVE", "findings")).Count.ShouldBe(1);

        var moved = (await PatchAsync(qrie, Own, """{"ou": "/Sandbox"}""")).Body;
        await qrie.FinishedAsync(Text(moved, "scan_id")!);

        (await qrie.AllAsync("/findings", "findings")).Single().GetProperty("resolved_reason").GetString().ShouldBe("SCOPE_EXCLUDED");
        (await PatchAsync(qrie, Own, """{"name": "x"}""")).Body.GetProperty("scan_id").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task An_unwatched_service_is_neither_read_nor_evaluated_and_its_data_returns_unchanged()
    {
        await using var qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Versioning":{}}""", "b"));
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.LaunchAsync("S3BucketVersioningDisabled");
        var first = (await qrie.AllAsync("/findings", "findings")).Single();

        var left = (await PatchAsync(qrie, Own, """{"services": ["iam"]}""")).Body;
        await qrie.FinishedAsync(Text(left, "scan_id")!);

        (await qrie.AllAsync("/findings", "findings")).Single().GetProperty("resolved_reason").GetString().ShouldBe("SCOPE_EXCLUDED");
        var nothing = await qrie.ScanAsync(new { kind = "inventory", service = "s3", account_id = Own });
        (nothing.GetProperty("units").GetProperty("total").GetInt32(), nothing.GetProperty("errors")[0].GetProperty("message").GetString()!).ShouldBe(
            (0, "No account watches this service; see services in GET /accounts."));
        var inventory = await qrie.ScanAsync(new { kind = "inventory" });
        inventory.GetProperty("progress").EnumerateArray().Select(p => Text(p, "service")).ShouldBe(["iam"]);
        (await qrie.GetAsync("/coverage")).Body.GetProperty("lists").EnumerateArray().Select(l => Text(l, "service")).ShouldAllBe(s => s == "iam");
        var health = (await qrie.GetAsync($"/accounts/{Own}")).Body.GetProperty("health");
        health.GetProperty("last_inventories").EnumerateObject().Select(s => s.Name).ShouldBe(["iam"]);

        var back = (await PatchAsync(qrie, Own, """{"services": null}""")).Body;
        await qrie.FinishedAsync(Text(back, "scan_id")!);

        back.GetProperty("services").ValueKind.ShouldBe(JsonValueKind.Null);
        var again = (await qrie.AllAsync("/findings", "findings")).Single();
        (again.GetProperty("state").GetString(), again.GetProperty("first_seen").GetString()).ShouldBe(("ACTIVE", first.GetProperty("first_seen").GetString()));
    }

    [Theory]
    [InlineData("""{"services": ["s3", "lambada"]}""", "services: 'lambada' is not known; it must be one of {known}.")]
    [InlineData("""{"services": []}""", "services must name at least one service; leave it out to watch all.")]
    public async Task Unknown_services_are_refused_with_the_list_of_known_ones(string body, string message)
    {
        await using var qrie = await RunningQrie.StartAsync();

        var (status, problem) = await PatchAsync(qrie, Own, body);

        var known = string.Join(", ", Catalog.ShippedCatalog.Instance.Services.Select(s => s.Key).Order(StringComparer.Ordinal));
        (status, problem.GetProperty("errors").GetProperty("services")[0].GetString())
            .ShouldBe((HttpStatusCode.BadRequest, message.Replace("{known}", known, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_purge_must_be_confirmed_and_leaves_only_its_receipt()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-purge-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        await using (var qrie = await RunningQrie.StartAsync(
            new ScriptedCollector().With("""{"Versioning":{}}""", [.. Enumerable.Range(0, 1500).Select(i => $"b{i}")]), store: store))
        {
            foreach (var account in (string[])[Own, Other])
            {
                await qrie.PostAsync("/accounts", new { account_id = account });
            }

            await qrie.ScanAsync(new { kind = "inventory", scan_type = "anti-entropy" });
            await qrie.ScanAsync(new { kind = "inventory", account_id = Other });
            await qrie.LaunchAsync("S3BucketVersioningDisabled");
            var summary = (await qrie.GetAsync($"/summary/findings?account={Own}")).Body.ToString();
            (await qrie.DeleteAsync($"/accounts/{Other}?purge=true")).Body.GetProperty("errors").GetProperty("confirm")[0].GetString()!.ShouldContain(Other);
            (await qrie.DeleteAsync($"/accounts/{Other}?purge=true&confirm={Own}")).Status.ShouldBe(HttpStatusCode.BadRequest);
            (await qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(2);

            var purged = await PurgedAsync(qrie, Other);
            (purged.GetProperty("deleted").GetProperty("resources").GetInt32(), purged.GetProperty("deleted").GetProperty("findings").GetInt32())
                .ShouldBe((1500, 1500));
            (await qrie.GetAsync($"/accounts/{Other}")).Status.ShouldBe(HttpStatusCode.NotFound);
            (await qrie.GetAsync("/summary/findings")).Body.ToString().ShouldBe(summary);
            (await qrie.GetAsync($"/summary/findings?account={Own}")).Body.ToString().ShouldBe(summary);
        }

        (await RowsThatMentionAsync(store, Other)).ShouldBe(["account_purges", "audit"]);
        (await RowsThatMentionAsync(store, Own)).ShouldContain("findings");

        // A purged account is not registered at startup with its credentials, but it can be registered by request.
        await using (var again = await RunningQrie.StartAsync(ambient: Other, store: store))
        {
            (await again.GetAsync($"/accounts/{Other}")).Status.ShouldBe(HttpStatusCode.NotFound);
            (await again.PostAsync("/accounts", new { account_id = Other })).Status.ShouldBe(HttpStatusCode.Created);
            (await again.GetAsync($"/accounts/{Other}")).Body.GetProperty("purge").ValueKind.ShouldBe(JsonValueKind.Null);
            (await again.DeleteAsync("/accounts/999999999999?purge=true&confirm=999999999999")).Status.ShouldBe(HttpStatusCode.NotFound);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_account_that_cannot_be_purged_stops_neither_the_others_nor_the_service()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-purge-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        await using (var qrie = await RunningQrie.StartAsync(store: store))
        {
            foreach (var account in (string[])["000000000001", Other])
            {
                await qrie.PostAsync("/accounts", new { account_id = account });
            }

            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
            await connection.ExecuteAsync(
                "CREATE TRIGGER broken BEFORE DELETE ON accounts WHEN old.account_id = '000000000001' BEGIN SELECT RAISE(ABORT, 'broken'); END");
            await qrie.DeleteAsync("/accounts/000000000001?purge=true&confirm=000000000001");

            await PurgedAsync(qrie, Other);

            (await qrie.GetAsync("/accounts/000000000001")).Body.GetProperty("purge").GetProperty("status").GetString().ShouldBe("purging");
            await connection.ExecuteAsync("DROP TRIGGER broken");
            (await qrie.PostAsync("/accounts", new { account_id = "000000000003" })).Status.ShouldBe(HttpStatusCode.Created);
            await qrie.DeleteAsync("/accounts/000000000003?purge=true&confirm=000000000003"); // wakes the purger
            await PurgedAsync(qrie, "000000000001");
        }

        folder.Delete(recursive: true);
    }

    private static async Task<JsonElement> PurgedAsync(RunningQrie qrie, string account)
    {
        var path = $"/accounts/{account}?purge=true&confirm={account}";
        var (status, purge) = await qrie.DeleteAsync(path);
        for (var waits = 0; waits < 1000 && Text(purge, "status") == "purging"; waits++)
        {
            await Task.Delay(10);
            (status, purge) = await qrie.DeleteAsync(path);
        }

        (status, Text(purge, "status")).ShouldBe((HttpStatusCode.OK, "purged"), purge.ToString());
        return purge;
    }

    private static async Task<List<string>> RowsThatMentionAsync(string store, string text)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
        var found = new List<string>();
        foreach (var table in await connection.QueryAsync<string>(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        {
            var columns = await connection.QueryAsync<string>($"SELECT name FROM pragma_table_info('{table}')");
            if (await connection.ExecuteScalarAsync<long>(
                $"SELECT count(*) FROM {table} WHERE {string.Join(" OR ", columns.Select(c => $"CAST({c} AS TEXT) LIKE '%{text}%'"))}") > 0)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PatchAsync(RunningQrie qrie, string accountId, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await qrie.Http.PatchAsync($"/accounts/{accountId}", content);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
