using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Access;

/// <summary>
/// Two organizations with equal names in one service. Nothing that one does changes any response to the other, so that no response contains or counts data of
/// another organization. For one organization, objects of the other do not exist.
/// </summary>
public sealed class TenantTests
{
    private const string ReadRole = "arn:aws:iam::{account}:role/QrieReadOnly";
    private const string Configuration = """{"Name":"x","Versioning":{}}""";
    private static readonly string[] s_policies = ["S3BucketPublic", "S3BucketVersioningDisabled", "S3BucketEncryptionDisabled"];

    /// <summary>All reads: lists, counts and exports.</summary>
    private static readonly string[] s_reads =
    [
        "/accounts", "/accounts?status=all", "/permissions", "/services", "/resources", "/resources?page_size=2",
        "/resources?tag=Team:web", "/resources?deleted=true&include_removed=true", "/resources?region=global",
        "/findings", "/findings?page_size=2", "/findings?state=ACTIVE", "/findings?severity=critical", "/findings?policy=S3BucketPublic&include_removed=true",
        "/policies", "/policies?status=active", "/policies?status=suspended", "/policies/active", "/policies/available", "/policy?id=S3BucketPublic",
        "/scans", "/scans?page_size=1", "/scans/trends?kind=inventory", "/scans/trends?kind=policy",
        "/schedules", "/coverage", "/drift", "/summary/findings", "/summary/resources",
        "/summary/dashboard", "/exceptions", "/events/health", "/events/dead", "/keys", "/audit", "/audit?page_size=1", "/audit?action=scan.start",
        "/health", "/whoami", "/alerts", "/archive",
    ];

    private static readonly string[] s_exports = ["/findings", "/resources?deleted=true", "/audit"];

    /// <summary>Values that change by themselves: ages, and the last use of a key, which is stored once a minute.</summary>
    private static readonly string[] s_ofTime = ["age_hours", "last_used_at", "request_id", "evaluated_at"];

    private enum Act
    {
        AddAccount,
        Launch,
        Update,
        Suspend,
        Delete,
        Inventory,
        Evaluate,
        Write,
        Forget,
        DeadLetter,
        MakeKey,
        Redrive,
    }

    [Fact]
    public void No_action_of_one_organization_changes_a_response_to_another()
    {
        var steps =
            from actor in Gen.Choose(0, 1)
            from act in Gen.Elements(Enum.GetValues<Act>())
            from number in Gen.Choose(0, 2)
            select (Actor: actor, Act: act, Number: number);
        Sequences.Check(steps, length: 10, samples: 4, async sequence =>
        {
            await using var world = await TenantWorld.StartAsync();
            foreach (var (actor, act, number) in sequence)
            {
                var (own, other) = (world.Tenants[actor], world.Tenants[1 - actor]);
                var before = await SnapshotAsync(other);
                await world.DoAsync(own, act, number);
                var after = await SnapshotAsync(other);
                foreach (var (path, text) in before)
                {
                    after[path].ShouldBe(text, $"{path} of {other.Organization}, after {act} {number} in {own.Organization}");
                }
            }
        });
    }

    [Fact]
    public async Task Objects_of_another_organization_have_the_response_of_unknown_objects()
    {
        await using var world = await TenantWorld.StartAsync();
        foreach (var tenant in world.Tenants)
        {
            foreach (var act in (Act[])[Act.AddAccount, Act.Launch, Act.Launch, Act.Inventory, Act.Evaluate, Act.Write, Act.DeadLetter, Act.MakeKey])
            {
                await world.DoAsync(tenant, act, act == Act.Launch ? 1 : 0);
            }
        }

        foreach (var (asking, owner) in ((Tenant, Tenant)[])[(world.Tenants[0], world.Tenants[1]), (world.Tenants[1], world.Tenants[0])])
        {
            var finding = (await owner.Client.JsonAsync("GET", "/findings?state=ACTIVE")).GetProperty("findings")[0];
            var scan = (await owner.Client.JsonAsync("GET", "/scans")).GetProperty("scans")[0].GetProperty("scan_id").GetString()!;
            var key = (await owner.Client.JsonAsync("GET", "/keys")).GetProperty("keys")[0].GetProperty("key_id").GetString()!;
            var dead = (await owner.Client.JsonAsync("GET", "/events/dead")).GetProperty("dead")[0].GetProperty("message_id").GetString()!;
            var arn = $"arn:aws:s3:::only-{owner.Organization}";
            var theirs = new Ids(owner.Account, scan, finding.GetProperty("finding_id").GetString()!, key, dead, arn);
            var nobodys = new Ids(
                "999999999999", Guid.NewGuid().ToString(), FindingId(finding, owner.Account), "0123456789abcdef", "message-of-nobody", "arn:aws:s3:::nobodys");
            (await owner.Client.CallAsync("GET", $"/resources/{Uri.EscapeDataString(arn)}")).Status
                .ShouldBe(HttpStatusCode.OK, "it exists for its owner");
            (await owner.Client.CallAsync("GET", $"/findings/{theirs.Finding}")).Status.ShouldBe(HttpStatusCode.OK);

            foreach (var (method, path, body) in Questions())
            {
                var answer = await AskAsync(asking, method, path, body, theirs);
                answer.ShouldBe(
                    await AskAsync(asking, method, path, body, nobodys), $"{method} {path} {body} of {owner.Organization} by {asking.Organization}");
                answer.Text.ShouldNotContain(owner.Account);
            }

            (await owner.Client.CallAsync("GET", $"/scans/{scan}")).Status.ShouldBe(HttpStatusCode.OK, "nothing was changed");
            (await owner.Client.JsonAsync("GET", "/keys")).GetProperty("keys").EnumerateArray()
                .ShouldAllBe(k => k.GetProperty("status").GetString() == "active");
        }
    }

    [Theory]
    [InlineData("/findings?page_size=1")]
    [InlineData("/resources?page_size=1")]
    [InlineData("/scans?page_size=1")]
    [InlineData("/events/dead?page_size=1")]
    [InlineData("/keys?page_size=1")]
    [InlineData("/audit?page_size=1")]
    public async Task A_page_token_of_one_organization_is_invalid_for_another(string list)
    {
        await using var world = await TenantWorld.StartAsync();
        foreach (var tenant in world.Tenants)
        {
            foreach (var act in (Act[])[Act.Inventory, Act.Launch, Act.Evaluate, Act.DeadLetter, Act.DeadLetter, Act.MakeKey])
            {
                await world.DoAsync(tenant, act, 1);
            }
        }

        var token = (await world.Tenants[0].Client.JsonAsync("GET", list)).GetProperty("next_token").GetString();

        (await world.Tenants[0].Client.CallAsync("GET", $"{list}&next_token={token}")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, text) = await world.Tenants[1].Client.CallAsync("GET", $"{list}&next_token={token}");
        status.ShouldBe(HttpStatusCode.BadRequest, text);
        text.ShouldContain("next_token is not valid for this list and filter");
    }

    [Fact]
    public async Task The_account_of_an_event_determines_its_organization()
    {
        await using var world = await TenantWorld.StartAsync();
        var intake = world.Qrie.Services.GetRequiredService<EventIntake>();
        foreach (var name in (string[])["PutBucketVersioning", "GetBucketVersioning", "NobodyKnows"])
        {
            foreach (var tenant in world.Tenants)
            {
                var message = new EventMessage("m", "r", Events.EventWorld.Record(name, "a", Some.Noon, tenant.Account), 1);
                (await intake.ReadAsync(message, default)).Organization.ShouldBe(tenant.Organization, name);
            }
        }
    }

    [Fact]
    public async Task An_account_is_active_in_one_organization_only()
    {
        await using var world = await TenantWorld.StartAsync();

        var claimed = await world.Tenants[1].Client.CallAsync("POST", "/accounts", new { account_id = world.Tenants[0].Account, role_arn = ReadRole });

        claimed.Status.ShouldBe(HttpStatusCode.Conflict);

        (await world.Tenants[1].Client.JsonAsync("GET", "/accounts")).EnumerateArray().Single()
            .GetProperty("account_id").GetString().ShouldBe(world.Tenants[1].Account);
    }

    /// <summary>Every route with an id in its path, filters or fields.</summary>
    private static IEnumerable<(string Method, string Path, string? Body)> Questions()
    {
        foreach (var path in (string[])
        [
            "/resources/{arn}", "/findings/{finding}", "/findings/{finding}/triage", "/findings/{finding}/comments", "/scans/{scan}", "/scans/{scan}/units",
            "/drift?scan_id={scan}", "/drift?account={account}", "/coverage?account={account}",
            "/findings?account={account}", "/resources?account={account}", "/resources?arn_prefix={arn}",
            "/findings?arn_prefix={arn}", "/summary/findings?account={account}",
            "/summary/resources?account={account}", "/audit?subject={key}", "/audit?subject={scan}",
            "/audit?actor={key}", "/accounts/{account}", "/permissions?scan_id={scan}",
        ])
        {
            yield return ("GET", path, null);
        }

        yield return ("DELETE", "/scans/{scan}", null);
        yield return ("DELETE", "/keys/{key}", null);
        yield return ("DELETE", "/accounts/{account}", null);
        yield return ("DELETE", "/accounts/{account}?purge=true&confirm={account}", null);
        yield return ("PATCH", "/accounts/{account}", """{"name":"mine"}""");
        yield return ("POST", "/accounts/{account}/check", null);
        yield return ("PATCH", "/findings/{finding}/triage", """{"workflow":"NOTIFIED"}""");
        yield return ("POST", "/findings/{finding}/comments", """{"text":"mine"}""");
        yield return ("POST", "/scans", """{"kind":"inventory","account_id":"{account}"}""");
        yield return ("POST", "/policies/evaluate", """{"expression":"Name","resource":"{arn}"}""");
        yield return ("POST", "/policies/S3BucketPublic/preview", """{"scope":{"include_accounts":["{account}"]}}""");
        yield return ("POST", "/events/dead/redrive", """{"message_ids":["{dead}"]}""");
    }

    private static async Task<(HttpStatusCode Status, string Text)> AskAsync(Tenant asking, string method, string path, string? body, Ids ids)
    {
        var (status, text) = await asking.Client.CallAsync(method, ids.In(path, Uri.EscapeDataString), body is null ? null : ids.In(body, id => id));
        return (status, ids.Hidden(Timeless(path, text)));
    }

    /// <summary>The same finding in an unknown account.</summary>
    private static string FindingId(JsonElement finding, string account) => new Domain.Findings.FindingIdentity(
        finding.GetProperty("account_service").GetString()!.Replace(account, "999999999999", StringComparison.Ordinal), finding.GetProperty("arn").GetString()!,
        finding.GetProperty("policy").GetString()!).ToId();

    private static async Task<Dictionary<string, string>> SnapshotAsync(Tenant tenant)
    {
        var answers = new Dictionary<string, string>();
        foreach (var path in s_reads)
        {
            var (status, text) = await tenant.Client.CallAsync("GET", path);
            status.ShouldBe(HttpStatusCode.OK, $"{path}: {text}");
            answers[path] = Timeless(path, text);
        }

        foreach (var path in s_exports)
        {
            answers[$"{path} as CSV"] = (await tenant.Client.CallAsync("GET", path, accept: "text/csv")).Text;
        }

        return answers;
    }

    private static string Timeless(string path, string text)
    {
        var node = JsonNode.Parse(text);
        Remove(node);
        if (path == "/health")
        {
            ((JsonObject)node!).Remove("replicas"); // when each was last alive
        }

        return node?.ToJsonString() ?? "";

        static void Remove(JsonNode? node)
        {
            foreach (var child in node switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] })
            {
                Remove(child);
            }

            foreach (var name in node is JsonObject ? s_ofTime : [])
            {
                ((JsonObject)node!).Remove(name);
            }
        }
    }

    private sealed record Ids(string Account, string Scan, string Finding, string Key, string Dead, string Arn)
    {
        private (string Name, string Id)[] All =>
            [("{account}", Account), ("{scan}", Scan), ("{finding}", Finding), ("{key}", Key), ("{dead}", Dead), ("{arn}", Arn)];

        public string In(string text, Func<string, string> encode) =>
            All.Aggregate(text, (t, id) => t.Replace(id.Name, encode(id.Id), StringComparison.Ordinal));

        public string Hidden(string text) => All.Aggregate(text, (t, id) => t.Replace(id.Id, id.Name, StringComparison.Ordinal));
    }

    private sealed record Tenant(string Organization, string Account, HttpClient Client);

    private sealed class TenantWorld(RunningQrie qrie, IReadOnlyList<Tenant> tenants) : IAsyncDisposable
    {
        private int _number;

        public RunningQrie Qrie => qrie;

        public IReadOnlyList<Tenant> Tenants => tenants;

        public static async Task<TenantWorld> StartAsync()
        {
            var qrie = await KeyClients.StartAsync(new ScriptedCollector().With(Configuration, "a", "b", "c"), "--Limits:RequestsPerMinute=0");
            await qrie.MakeOrganizationAsync("south");
            var tenants = new List<Tenant>();
            foreach (var (organization, account) in ((string, string)[])[(Organizations.Default, "111111111111"), ("south", "222222222222")])
            {
                var client = await qrie.ClientAsync(Role.Admin, organization);
                await client.JsonAsync(
                    "POST", "/accounts", new { account_id = account, name = "Production", ou = "/Production", role_arn = ReadRole }, HttpStatusCode.Created);
                tenants.Add(new Tenant(organization, account, client));
            }

            return new TenantWorld(qrie, tenants);
        }

        /// <summary>Success or refusal does not matter: neither may be visible.</summary>
        public async Task DoAsync(Tenant tenant, Act act, int number)
        {
            var (policy, id) = (s_policies[number], Interlocked.Increment(ref _number));
            switch (act)
            {
                case Act.AddAccount:
                    var added = new { account_id = $"{tenant.Account[..9]}{id:000}", name = "Production", ou = "/Production", role_arn = ReadRole };
                    await tenant.Client.CallAsync("POST", "/accounts", added);
                    break;
                case Act.Launch:
                    await FinishAsync(
                        tenant,
                        await tenant.Client.CallAsync("POST", "/policies/launch", new { policy_id = policy, severity = tenant == tenants[0] ? 95 : 30 }));
                    break;
                case Act.Update:
                    await FinishAsync(tenant, await tenant.Client.CallAsync("PUT", $"/policies/{policy}", new { severity = 10 + id }));
                    break;
                case Act.Suspend:
                    await tenant.Client.CallAsync("PUT", $"/policies/{policy}", new { status = "suspended" });
                    break;
                case Act.Delete:
                    await tenant.Client.CallAsync("DELETE", $"/policies/{policy}");
                    break;
                case Act.Inventory:
                    await FinishAsync(
                        tenant, await tenant.Client.CallAsync(
                            "POST", "/scans", new { kind = "inventory", service = "s3", scan_type = number == 0 ? "anti-entropy" : "bootstrap" }));
                    break;
                case Act.Evaluate:
                    await FinishAsync(
                        tenant,
                        await tenant.Client.CallAsync("POST", "/scans", new { kind = "policy", scan_type = number == 0 ? "anti-entropy" : "bootstrap" }));
                    break;
                case Act.Write:
                    await qrie.Services.GetRequiredService<IResourceStore>().WriteAsync(
                        tenant.Organization,
                        [
                            Some.Bucket("a", id, $$"""{"Name":"a","Only":"{{tenant.Organization}}"}""", account: tenant.Account)
                                with { Tags = new Dictionary<string, string> { ["Team"] = "web" } },
                            Some.Bucket($"only-{tenant.Organization}", id, account: tenant.Account),
                        ],
                        Some.At(id), default);
                    break;
                case Act.Forget:
                    await qrie.Services.GetRequiredService<IResourceStore>()
                        .DeleteAsync(tenant.Organization, [Some.Deletion("b", 1e9, tenant.Account)], Some.At(1e9), default);
                    break;
                case Act.DeadLetter:
                    var dead = new DeadEvent(
                        $"message-{id}", tenant.Organization, tenant.Account, "us-east-1", "s3/Put", "It failed.", 3, Some.At(id), false, "{}");
                    await qrie.Services.GetRequiredService<IEventStore>().SaveBatchAsync(
                        new EventBatch(
                            [], [], [(dead, new MessageResult(tenant.Organization, tenant.Account, "us-east-1", MessageOutcome.Failed, Some.At(id), null,
                                null))],
                            TimeProvider.System.GetUtcNow()),
                        default);
                    break;
                case Act.MakeKey:
                    await tenant.Client.CallAsync("POST", "/keys", new { role = "reader", name = "CI" });
                    break;
                default:
                    await tenant.Client.CallAsync("POST", "/events/dead/redrive", "{}");
                    break;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var tenant in tenants)
            {
                tenant.Client.Dispose();
            }

            await qrie.DisposeAsync();
        }

        private static async Task FinishAsync(Tenant tenant, (HttpStatusCode Status, string Text) started)
        {
            if (!JsonElement.Parse(started.Text).TryGetProperty("scan_id", out var scanId))
            {
                return;
            }

            while ((await tenant.Client.JsonAsync("GET", $"/scans/{scanId.GetString()}")).GetProperty("finished_at").ValueKind == JsonValueKind.Null)
            {
                await Task.Delay(20);
            }
        }
    }
}
