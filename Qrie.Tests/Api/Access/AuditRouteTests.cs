using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Validation;
using Qrie.Sql.Access;
using Qrie.Sql.Database;

namespace Qrie.Tests.Api.Access;

/// <summary>Every write has an audit entry: who, what, before and after.</summary>
public sealed class AuditRouteTests : IAsyncLifetime
{
    private const string Policy = "S3BucketPublic";

    private RunningQrie _qrie = null!;
    private HttpClient _admin = null!;
    private HttpClient _operator = null!;

    public async ValueTask InitializeAsync()
    {
        _qrie = await KeyClients.StartAsync();
        (_admin, _operator) = (await _qrie.ClientAsync(Role.Admin), await _qrie.ClientAsync(Role.Operator));
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Fact]
    public async Task A_policy_change_is_audited_with_its_author_and_content()
    {
        await _operator.JsonAsync("POST", "/policies/launch", new { policy_id = Policy, severity = 50 }, HttpStatusCode.Created);
        await _operator.JsonAsync("PUT", $"/policies/{Policy}", new { severity = 90 });
        await _operator.JsonAsync("DELETE", $"/policies/{Policy}");

        var entries = await EntriesAsync($"?subject={Policy}");

        entries.Select(e => e.GetProperty("action").GetString()).ShouldBe(["policy.delete", "policy.update", "policy.launch"]);
        entries.ShouldAllBe(e => e.GetProperty("status").GetString() == "done" && e.GetProperty("role").GetString() == "operator"
            && e.GetProperty("actor_name").GetString() == "Operator of default" && e.GetProperty("address").GetString() == "127.0.0.1");
        (Severity(entries[2], "before"), Severity(entries[2], "after")).ShouldBe((null, 50));
        (Severity(entries[1], "before"), Severity(entries[1], "after")).ShouldBe((50, 90));
        (Severity(entries[0], "before"), entries[0].GetProperty("after").ValueKind).ShouldBe((90, JsonValueKind.Null));
    }

    [Fact]
    public async Task Each_policy_of_a_bulk_launch_has_an_entry()
    {
        await _operator.JsonAsync(
            "POST", "/policies/launch", new { policy_ids = new[] { Policy, "S3BucketVersioningDisabled", "Nonsense" } }, HttpStatusCode.Created);

        (await EntriesAsync("?action=policy.launch")).Select(e => e.GetProperty("subject").GetString())
            .ShouldBe([Policy, "S3BucketVersioningDisabled"], ignoreOrder: true);
    }

    [Fact]
    public async Task Scans_accounts_organizations_and_keys_have_entries()
    {
        await _admin.JsonAsync(
            "POST", "/accounts", new { account_id = "111111111111", name = "shop", external_id = "s3cr3t-external-id" }, HttpStatusCode.Created);
        var scan = (await _operator.JsonAsync("POST", "/scans", new { kind = "inventory" }, HttpStatusCode.Accepted)).GetProperty("scan_id").GetString();
        await _admin.JsonAsync("POST", "/organizations", new { organization = "shop" }, HttpStatusCode.Created);
        var key = await _admin.JsonAsync("POST", "/keys", new { role = "reader" }, HttpStatusCode.Created);
        await _admin.JsonAsync("DELETE", $"/keys/{key.GetProperty("key_id").GetString()}");

        var (_, text) = await _admin.CallAsync("GET", "/audit");
        var entries = await EntriesAsync("");

        entries.Select(e => (e.GetProperty("action").GetString(), e.GetProperty("subject").GetString())).ShouldBe(
            [
                ("key.revoke", key.GetProperty("key_id").GetString()), ("key.create", key.GetProperty("key_id").GetString()), ("organization.create", "shop"),
                ("scan.start", scan), ("account.add", "111111111111"),
            ]);
        text.ShouldNotContain("s3cr3t-external-id");
        text.ShouldNotContain(ApiKeyText.Parse(key.GetProperty("key").GetString()!)!.Secret);
        entries[4].GetProperty("after").GetProperty("has_external_id").GetBoolean().ShouldBeTrue();
        entries[0].GetProperty("before").GetProperty("revoked_at").ValueKind.ShouldBe(JsonValueKind.Null);
        entries[0].GetProperty("after").GetProperty("revoked_at").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Fact]
    public async Task Refused_writes_have_no_entry()
    {
        await _admin.CallAsync("POST", "/accounts", new { account_id = "12" });
        await _operator.CallAsync("PUT", $"/policies/{Policy}", new { severity = 5 });
        await _operator.CallAsync("POST", "/policies/launch", new { policy_id = "Nonsense" });
        await _operator.CallAsync("DELETE", $"/scans/{Guid.Empty}");
        await _operator.CallAsync("POST", "/events/dead/redrive", "{}");
        await _operator.CallAsync("POST", "/accounts", new { account_id = "111111111111" });

        (await EntriesAsync("")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Entries_are_found_by_the_request_id_of_the_caller()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/scans") { Content = new StringContent("""{"kind":"policy"}""") };
        request.Headers.Add("x-request-id", "deployment-4711");
        (await _operator.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await EntriesAsync("")).Single().GetProperty("request_id").GetString().ShouldBe("deployment-4711");
    }

    [Fact]
    public async Task Filters_pages_and_csv_show_the_same()
    {
        for (var i = 0; i < 5; i++)
        {
            await _operator.JsonAsync("POST", "/scans", new { kind = "policy" }, HttpStatusCode.Accepted);
        }

        await _admin.JsonAsync("POST", "/accounts", new { account_id = "111111111111", name = "=cmd" }, HttpStatusCode.Created);
        var actor = (await _operator.JsonAsync("GET", "/whoami")).GetProperty("key_id").GetString();

        var pages = new List<string?>();
        string? token = null;
        do
        {
            var page = await _admin.JsonAsync("GET", $"/audit?actor={actor}&page_size=2{(token is null ? "" : $"&next_token={token}")}");
            pages.AddRange(page.GetProperty("audit").EnumerateArray().Select(e => e.GetProperty("audit_id").GetString()));
            token = page.TryGetProperty("next_token", out var next) ? next.GetString() : null;
        }
        while (token is not null);

        var (_, csv) = await _admin.CallAsync("GET", $"/audit?actor={actor}", accept: "text/csv");
        var lines = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("audit_id,at,actor,actor_name,role,address,request_id,action,subject,status,before,after");
        lines.Skip(1).Select(l => l.Split(',')[0]).ShouldBe(pages);
        pages.Count.ShouldBe(5);
        (await EntriesAsync("?from=2199-01-01")).ShouldBeEmpty();
        (await EntriesAsync("?to=2199-01-01&action=account.add")).Count.ShouldBe(1);
        (await _admin.CallAsync("GET", "/audit?from=yesterday")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_crash_leaves_a_started_audit_entry()
    {
        await using var qrie = await RunningQrie.StartAsync(adjust: builder => builder.Services.Replace(
            ServiceDescriptor.Singleton<IAuditStore>(p => new DyingStore(new SqlAuditStore(p.GetRequiredService<SqlDatabase>())))));

        await qrie.PostAsync("/accounts", new { account_id = "111111111111" });

        var entry = (await qrie.GetAsync("/audit")).Body.GetProperty("audit")[0];
        (entry.GetProperty("status").GetString(), entry.GetProperty("subject").GetString(), entry.GetProperty("actor").GetString())
            .ShouldBe(("begun", "111111111111", "anonymous"));
    }

    private static int? Severity(JsonElement entry, string member) =>
        entry.GetProperty(member) is { ValueKind: JsonValueKind.Object } state ? state.GetProperty("severity").GetInt32() : null;

    private async Task<List<JsonElement>> EntriesAsync(string query) =>
        [.. (await _admin.JsonAsync("GET", $"/audit{query}")).GetProperty("audit").EnumerateArray()];

    /// <summary>Cannot store the end of an entry.</summary>
    private sealed class DyingStore(IAuditStore store) : IAuditStore
    {
        public Task BeginAsync(AuditEntry entry, CancellationToken cancel) => store.BeginAsync(entry, cancel);

        public Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel) => throw new StoreUnavailableException("gone");

        public Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel) =>
            store.ListAsync(organization, filter, page, cancel);
    }
}
