using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Qrie.Tests.Api.Accounts;

/// <summary>Many accounts at once, from CSV and JSON.</summary>
public sealed class AccountImportTests : IAsyncLifetime
{
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await RunningQrie.StartAsync();

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Fact]
    public async Task Every_line_of_a_file_is_reported()
    {
        await _qrie.PostAsync("/accounts", new { account_id = "111111111111", name = "as it was", external_id = "kept" });
        await _qrie.PostAsync("/accounts", new { account_id = "222222222222", name = "Ünchanged, quoted" });

        var (status, report) = await ImportAsync(
            "\uFEFFaccount_id, ou,name,tags,regions,role_arn,services\r\n"
            + "333333333333,/Prod,\"Shop \"\"one\"\"\",team=web; cost = 7,eu-west-1 us-east-1,arn:aws:iam::{account}:role/Qrie,s3 iam\r\n"
            + "\r\n"
            + "111111111111,\"/Prod\",,\"{\"\"a;b\"\": \"\"=\"\"}\",,,\r\n"
            + "222222222222,,\"Ünchanged, quoted\",,,,");

        status.ShouldBe(HttpStatusCode.OK, report.ToString());
        Lines(report).ShouldBe(["2 333333333333 created", "4 111111111111 updated", "5 222222222222 unchanged"]);
        (report.GetProperty("created").GetInt32(), report.GetProperty("updated").GetInt32(),
            report.GetProperty("unchanged").GetInt32(), report.GetProperty("applied").GetBoolean())
            .ShouldBe((1, 1, 1, true));
        var made = (await _qrie.GetAsync("/accounts/333333333333")).Body;
        (made.GetProperty("name").GetString(), made.GetProperty("role_arn").GetString()).ShouldBe(("Shop \"one\"", "arn:aws:iam::333333333333:role/Qrie"));
        made.GetProperty("tags").ToString().ShouldBe("""{"team":"web","cost":"7"}""");
        made.GetProperty("regions").ToString().ShouldBe("""["eu-west-1","us-east-1"]""");
        made.GetProperty("services").ToString().ShouldBe("""["s3","iam"]""");
        var updated = (await _qrie.GetAsync("/accounts/111111111111")).Body;
        (updated.GetProperty("name").GetString(), updated.GetProperty("ou").GetString(), updated.GetProperty("has_external_id").GetBoolean())
            .ShouldBe(("as it was", "/Prod", true));
        updated.GetProperty("tags").ToString().ShouldBe("""{"a;b":"="}""");
        (await AuditedAsync("account.import")).ShouldBe(["111111111111: null /Prod", "333333333333: - /Prod"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_restored_account_is_audited_with_its_earlier_settings()
    {
        await _qrie.PostAsync("/accounts", new { account_id = "111111111111", ou = "/Old" });
        await _qrie.DeleteAsync("/accounts/111111111111");

        await _qrie.PostAsync("/accounts", new { account_id = "111111111111", ou = "/New" });

        (await AuditedAsync("account.add")).ShouldBe(["111111111111: /Old /New", "111111111111: - /Old"]);
    }

    /// <summary>The OU before and after, newest first; <c>-</c> if there was no account.</summary>
    private async Task<List<string>> AuditedAsync(string action)
    {
        var entries = await _qrie.AllAsync($"/audit?action={action}", "audit");
        return [.. entries.Select(e => $"{e.GetProperty("subject").GetString()}: {Ou(e, "before")} {Ou(e, "after")}")];

        static string Ou(JsonElement entry, string state) =>
            entry.GetProperty(state) is { ValueKind: JsonValueKind.Object } account ? account.GetProperty("ou").GetString() ?? "null" : "-";
    }

    [Fact]
    public async Task An_invalid_line_prevents_the_import_unless_invalid_lines_are_skipped()
    {
        const string File = """
            account_id,ou,tags,regions
            333333333333,/Prod,,
            01234567890,/Prod,,
            444444444444,,team,Ireland
            333333333333,/Other,,
            555555555555,/Prod,,,one,two
            """;

        var (status, refused) = await ImportAsync(File);

        status.ShouldBe(HttpStatusCode.BadRequest);
        Lines(refused).ShouldBe(["2 333333333333 created", "3 01234567890 error", "4 444444444444 error", "5 333333333333 error", "6 555555555555 error"]);
        refused.GetProperty("applied").GetBoolean().ShouldBeFalse();
        var lines = refused.GetProperty("lines");
        lines[1].GetProperty("errors").GetProperty("account_id")[0].GetString()!.ShouldContain("spreadsheets drop leading zeros");
        lines[2].GetProperty("errors").EnumerateObject().Select(e => e.Name).Order().ShouldBe(["regions", "tags"]);
        lines[3].GetProperty("errors").GetProperty("account_id")[0].GetString()!.ShouldContain("line 2");
        lines[4].GetProperty("errors").GetProperty("line")[0].GetString()!.ShouldContain("6 cells");
        (await _qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);

        Lines((await ImportAsync(File, "?dry_run=true")).Report).ShouldBe(Lines(refused));
        (await _qrie.GetAsync("/accounts")).Body.GetArrayLength().ShouldBe(1);
        var (_, applied) = await ImportAsync(File, "?on_error=skip");

        Lines(applied).ShouldBe(Lines(refused));
        (await _qrie.GetAsync("/accounts")).Body.EnumerateArray().Select(a => a.GetProperty("account_id").GetString())
            .ShouldBe(["123456789012", "333333333333"]);
    }

    [Theory]
    [InlineData("account_id;name\n1;2", "There are account_id")]
    [InlineData("name\nx", "must name the column account_id")]
    [InlineData("account_id,name,Name\nx", "twice")]
    [InlineData("account_id\n", "no account")]
    [InlineData("", "column account_id")]
    [InlineData("account_id,name\n111111111111,\"open", "not CSV")]
    [InlineData("account_id\n111111111111\n\"1\"x\n", "not CSV")]
    public async Task A_malformed_file_is_refused_with_the_reason(string file, string says)
    {
        var (status, problem) = await ImportAsync(file);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("message").GetString()!.ShouldContain(says);
    }

    [Fact]
    public async Task JSON_may_be_an_array_or_an_object_with_accounts()
    {
        var (status, report) = await _qrie.PostTextAsync(
            "/accounts/import?on_error=skip",
            """{"accounts": [{"account_id": "333333333333", "tags": {"a": "b"}}, """
            + """{"account_id": "444444444444", "tags": []}, 7, {"account_id": 555555555555}]}""");

        status.ShouldBe(HttpStatusCode.OK, report.ToString());
        Lines(report).ShouldBe(["1 333333333333 created", "2 444444444444 error", "3  error", "4  error"]);
        report.GetProperty("lines")[1].GetProperty("errors").EnumerateObject().Single().Name.ShouldBe("tags");
        (await _qrie.PostTextAsync("/accounts/import", """[{"account_id": "333333333333", "tags": {"a": "b"}}]""")).Body
            .GetProperty("unchanged").GetInt32().ShouldBe(1);
        (await _qrie.PostTextAsync("/accounts/import", "{}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await _qrie.PostTextAsync("/accounts/import", "account_id")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task New_accounts_can_be_scanned_at_once()
    {
        var (_, report) = await ImportAsync("account_id\n333333333333\n123456789012\n", "?scan=true");

        var scan = await _qrie.FinishedAsync(report.GetProperty("scan_ids").EnumerateArray().Single().GetString()!);
        (scan.GetProperty("account_id").GetString(), scan.GetProperty("kind").GetString()).ShouldBe(("333333333333", "inventory"));
    }

    private static List<string> Lines(JsonElement report) =>
        [.. report.GetProperty("lines").EnumerateArray().Select(l => $"{l.GetProperty("line")} {l.GetProperty("account_id")} {l.GetProperty("outcome")}")];

    private async Task<(HttpStatusCode Status, JsonElement Report)> ImportAsync(string csv, string query = "")
    {
        using var content = new StringContent(csv, Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));
        using var answer = await _qrie.Http.PostAsync($"/accounts/import{query}", content);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
