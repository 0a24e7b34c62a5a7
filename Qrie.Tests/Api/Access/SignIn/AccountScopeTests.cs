using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Qrie.Api.Access;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.Access.SignIn;

/// <summary>
/// A reader that is limited to an account, beside another account in the same organization. Every route either refuses, or says nothing that changes with
/// the other account: neither rows nor totals nor error texts.
/// </summary>
public sealed partial class AccountScopeTests : IAsyncLifetime
{
    private const string Own = "111111111111";
    private const string Other = "222222222222";
    private const string Shared = "arn:aws:s3:::shared";

    /// <summary>Parameters of the routes that answer: what widens a list, or asks for the other account.</summary>
    private static readonly string[] s_queries =
    [
        "", "include_removed=true", "deleted=true", "page_size=1", "state=ALL", "by=account", "by=policy", "by=resource", "format=csv", "format=jsonl",
        "format=html", "format=ocsf", "format=asff", "format=sarif", "format=junit", "format=markdown", "format=jsonl&include_unknown=true", "text=bucket",
        "arn_prefix=arn:aws:s3", "sort=account", "verdict=fail", "status=all", "account=" + Own, "account_id=" + Own,
    ];

    private static readonly string[] s_foreign =
    [
        "account=" + Other, "account_id=" + Other, "account=" + Own + "&account_id=" + Other, "account_id=" + Own + "&account=" + Other,
        "account=" + Own + "&account=" + Other, "ACCOUNT=" + Other, "account=" + Own + "&Account=" + Other, "account=", "account=%20",
        "account=" + Own + "," + Other,
    ];

    private OidcProvider _provider = null!;
    private RunningQrie _qrie = null!;
    private HttpClient _limited = null!;
    private HttpClient _both = null!;
    private HttpClient _all = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _qrie = await RunningQrie.StartAsync(ambient: null, settings: _provider.Settings(
            ("one", "reader", null, Own), ("both", "reader", null, $"{Own},{Other}"), ("all", "admin", null, null)));
        (_limited, _both, _all) = (ClientOf("one"), ClientOf("both"), ClientOf("all"));
        foreach (var account in new[] { Own, Other })
        {
            (await _all.CallAsync("POST", "/accounts", new { account_id = account, name = $"name of {account}" })).Status.ShouldBe(HttpStatusCode.Created);
        }

        await _qrie.LaunchQuietlyAsync(Some.Public, new PolicyScope { ExcludeAccounts = ["333333333333"] });
        await WriteAsync(Own, 0, "own-bucket", "shared");
        await WriteAsync(Other, 0, "other-bucket-1", "shared");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in new[] { _limited, _both, _all })
        {
            client.Dispose();
        }

        await _qrie.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Fact]
    public async Task Every_route_without_a_limit_refuses()
    {
        var refused = 0;
        foreach (var (method, path, endpoint) in Routes())
        {
            if (endpoint.Metadata.GetMetadata<LimitedTo>() is not null || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            {
                continue;
            }

            var (status, text) = await _limited.CallAsync(method, Filled(path, Own), method is "GET" or "DELETE" ? null : "{}");
            status.ShouldBe(HttpStatusCode.Forbidden, $"{method} {path}: {text}");
            refused++;
        }

        refused.ShouldBeGreaterThan(40);
    }

    [Fact]
    public async Task Nothing_that_happens_in_the_other_account_changes_an_answer()
    {
        var before = await SnapshotAsync();
        before.Values.Count(v => v.StartsWith("OK", StringComparison.Ordinal)).ShouldBeGreaterThan(60);
        before.Where(b => b.Key.StartsWith("GET /findings ", StringComparison.Ordinal)).ShouldContain(b => b.Value.Contains("own-bucket"));

        await WriteAsync(Other, 1, "other-bucket-2", "other-bucket-3");
        await _all.JsonAsync("PATCH", $"/accounts/{Other}", new { name = "another name", tags = new Dictionary<string, string> { ["Team"] = "secret" } });

        var after = await SnapshotAsync();
        foreach (var (call, text) in before)
        {
            (after[call] == text).ShouldBeTrue($"{call}\nbefore: {Short(text)}\nafter:  {Short(after[call])}");
            text.ShouldNotContain(Other, customMessage: call);
            text.ShouldNotContain("other-bucket", customMessage: call);
            text.ShouldNotContain("333333333333", customMessage: call);
        }
    }

    [Fact]
    public async Task The_other_account_cannot_be_asked_for()
    {
        foreach (var (method, path, endpoint) in Routes().Where(r => r.Endpoint.Metadata.GetMetadata<LimitedTo>()?.Limit == AccountLimit.ByParameter))
        {
            foreach (var query in s_foreign)
            {
                var (status, text) = await _limited.CallAsync(method, $"{Filled(path, Own)}?{query}");
                status.ShouldBe(HttpStatusCode.Forbidden, $"{path}?{query}: {text}");
            }
        }
    }

    [Fact]
    public async Task Objects_of_the_other_account_do_not_exist()
    {
        var theirs = new FindingIdentity($"{Other}_s3", Shared, Some.Public).ToId();
        var own = new FindingIdentity($"{Own}_s3", Shared, Some.Public).ToId();
        var arn = Uri.EscapeDataString(Shared);

        (await _all.CallAsync("GET", $"/findings/{theirs}")).Status.ShouldBe(HttpStatusCode.OK);
        (await _limited.CallAsync("GET", $"/findings/{own}")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, text) = await _limited.CallAsync("GET", $"/findings/{theirs}");
        (status, Plain(text)).ShouldBe((HttpStatusCode.NotFound, Plain((await _limited.CallAsync("GET", "/findings/nothing")).Text)));
        (await _limited.CallAsync("GET", $"/accounts/{Other}")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await _limited.CallAsync("GET", $"/accounts/{Own}")).Status.ShouldBe(HttpStatusCode.OK);
        (await _all.CallAsync("GET", $"/resources/{arn}")).Status.ShouldBe(HttpStatusCode.Conflict, "the ARN is in both accounts");
        (await _limited.CallAsync("GET", $"/resources/{arn}")).Status.ShouldBe(HttpStatusCode.OK, "only one of them is seen");
        (status, text) = await _limited.CallAsync("GET", $"/resources/{arn}?account={Other}");
        status.ShouldBe(HttpStatusCode.NotFound);
        text.ShouldNotContain(Other);
        (await _limited.CallAsync("GET", $"/resources/{Uri.EscapeDataString("arn:aws:s3:::other-bucket-1")}")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task With_several_accounts_one_is_named_at_a_time()
    {
        (await _both.CallAsync("GET", "/findings")).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await _both.JsonAsync("GET", $"/findings?account={Own}")).GetProperty("count").GetInt32().ShouldBe(2);
        (await _both.JsonAsync("GET", $"/findings?account={Other}")).GetProperty("count").GetInt32().ShouldBe(2);
        (await _both.JsonAsync("GET", "/accounts")).GetArrayLength().ShouldBe(2);
        var policy = (await _both.JsonAsync("GET", $"/policies?policy_id={Some.Public}"))[0];
        policy.GetProperty("open_findings").GetInt64().ShouldBe(4);
        (await _limited.JsonAsync("GET", $"/policies?policy_id={Some.Public}"))[0].GetProperty("open_findings").GetInt64().ShouldBe(2);
        (await _both.CallAsync("GET", "/findings?account=333333333333")).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static string Plain(string text) => OfTime().Replace(text, "");

    [GeneratedRegex(
        """("?(request_id|evaluated_at|created_at|at|time|logged_time|last_observed_at|modified_time)"?: ?"?[^",}]*"?|\d{4}-\d\d-\d\d[T ][\d:.]+(Z| UTC)?)""")]
    private static partial Regex OfTime();

    private static string Short(string text) => text.Length > 1500 ? text[..1500] : text;

    private static string Filled(string path, string account) => path
        .Replace("{frameworkId}", "cis-5.0", StringComparison.Ordinal)
        .Replace("{requirementId}", "2.1.4", StringComparison.Ordinal)
        .Replace("{accountId}", account, StringComparison.Ordinal)
        .Replace("{policyId}", Some.Public, StringComparison.Ordinal)
        .Replace("{findingId}", new FindingIdentity($"{account}_s3", Shared, Some.Public).ToId(), StringComparison.Ordinal)
        .Replace("{**arn}", Uri.EscapeDataString(Shared), StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal)
        .Replace("{scanId}", Guid.Empty.ToString(), StringComparison.Ordinal)
        .Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);

    private List<(string Method, string Path, RouteEndpoint Endpoint)> Routes() =>
    [
        .. from endpoint in _qrie.Routes
           from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
           let path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}"
           orderby path, method
           select (method, path, endpoint),
    ];

    private async Task<Dictionary<string, string>> SnapshotAsync()
    {
        var answers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (method, path, _) in Routes().Where(r => r.Method == "GET" && r.Path is not ("/" or "/swagger/key.js" or "/openapi/{documentName}.json")))
        {
            foreach (var query in s_queries)
            {
                var (status, text) = await _limited.CallAsync(method, $"{Filled(path, Own)}?{query}");
                answers[$"{method} {path} {query}"] = $"{status} {Plain(text)}";
            }
        }

        return answers;
    }

    private async Task WriteAsync(string account, double at, params string[] buckets)
    {
        List<CollectedResource> resources = [.. buckets.Select(b => Some.Bucket(b, at, """{"Name":"bucket"}""", account: account))];
        await _qrie.WriteAsync([.. resources]);
        await _qrie.EvaluateAsync(resources, Some.Fails(Some.Public));
    }

    private HttpClient ClientOf(string group)
    {
        var client = new HttpClient { BaseAddress = _qrie.Http.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _provider.Token([group]));
        return client;
    }
}
