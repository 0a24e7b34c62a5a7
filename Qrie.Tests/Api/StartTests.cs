using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Hosting;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;

namespace Qrie.Tests.Api;

/// <summary>Start, refusal to start, stop and restart.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Without_credentials_and_accounts_it_runs_and_reports_the_remedy()
    {
        await using var qrie = await RunningQrie.StartAsync(ambient: null);
        var (status, health) = await qrie.GetAsync("/health");
        var warnings = health.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()).ToList();
        var scan = await qrie.ScanAsync(new { kind = "inventory" });

        status.ShouldBe(HttpStatusCode.OK);
        warnings.ShouldContain("There are no AWS credentials. Set AWS_PROFILE.");
        warnings.ShouldContain(w => w!.Contains("POST /accounts"));
        scan.GetProperty("status").GetString().ShouldBe("completed");
        scan.GetProperty("errors")[0].GetProperty("code").GetString().ShouldBe("NothingToScan");
    }

    [Fact]
    public async Task The_account_of_the_credentials_registers_itself_and_no_scan_starts()
    {
        await using var qrie = await RunningQrie.StartAsync(ambient: "210987654321");

        (await qrie.GetAsync("/accounts")).Body[0].GetProperty("account_id").GetString().ShouldBe("210987654321");
        (await qrie.GetAsync("/scans")).Body.GetProperty("scans").GetArrayLength().ShouldBe(0);
        (await qrie.GetAsync("/coverage")).Body.GetProperty("never_scanned_accounts")[0].GetString().ShouldBe("210987654321");
    }

    [Fact]
    public async Task Health_is_503_when_the_store_cannot_be_used()
    {
        await using var qrie = await RunningQrie.StartAsync(
            ambient: null, adjust: builder => builder.Services.AddSingleton<IAccountStore>(new LostAccountStore()));

        (await qrie.GetAsync("/health")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await qrie.GetAsync("/health/live")).Status.ShouldBe(HttpStatusCode.OK);
        var (status, body) = await qrie.GetAsync("/accounts");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        body.GetProperty("message").GetString().ShouldBe("The disk is full; free some space.");
    }

    [Theory]
    [InlineData("http://0.0.0.0:5080")]
    [InlineData("http://+:5080")]
    [InlineData("http://*:5080")]
    [InlineData("http://[::]:5080")]
    [InlineData("http://qrie.example.com:5080")]
    [InlineData("http://localhost:5080;http://10.0.0.1:5080")]
    public void Beyond_loopback_the_start_is_refused_with_the_remedy(string urls)
    {
        var refusal = Should.Throw<StartRefusedException>(() => QrieHost.Build([$"--urls={urls}"]));

        refusal.Message.ShouldContain("Auth:AnonymousRole");
        refusal.Message.ShouldContain("ASPNETCORE_URLS");
    }

    [Theory]
    [InlineData("http://localhost:5080")]
    [InlineData("http://127.0.0.1:5080;http://[::1]:5080")]
    public void On_loopback_it_may_start(string urls) => QrieHost.Build([$"--urls={urls}"]).ShouldNotBeNull();

    [Theory]
    [InlineData("reader")]
    [InlineData("operator")]
    public void With_an_anonymous_role_it_may_start_on_any_address(string role) =>
        QrieHost.Build(["--urls=http://0.0.0.0:5080", $"--Auth:AnonymousRole={role}"]).ShouldNotBeNull();

    [Fact]
    public void With_keys_it_may_start_on_any_address() => QrieHost.Build(["--urls=http://0.0.0.0:5080", "--Auth:Mode=apikey"]).ShouldNotBeNull();

    [Fact]
    public void Keys_and_an_anonymous_role_exclude_each_other() =>
        Should.Throw<StartRefusedException>(() => QrieHost.Build(["--Auth:Mode=apikey", "--Auth:AnonymousRole=reader"])).Message
            .ShouldStartWith("Auth:AnonymousRole");

    [Theory]
    [InlineData("--Auth:AnonymousRole=admin", "Auth:AnonymousRole")]
    [InlineData("--Auth:Mode=password", "Auth:Mode")]
    [InlineData("--Auth:FailuresPerMinute=0", "Auth:FailuresPerMinute")]
    [InlineData("--Limits:RequestsPerMinute=many", "Limits:RequestsPerMinute")]
    [InlineData("--Limits:BodyBytes=-1", "Limits:BodyBytes")]
    [InlineData("--Auth:TrustedProxies=10.0.0.1,proxy", "Auth:TrustedProxies")]
    [InlineData("--Hosts:Allowed=*", "Hosts:Allowed")]
    [InlineData("--Hosts:Allowed=https://qrie.example.com", "Hosts:Allowed")]
    [InlineData("--Hosts:Allowed=qrie.example.com:8443", "Hosts:Allowed")]
    [InlineData("--Hosts:Allowed=0.0.0.0", "Hosts:Allowed")]
    [InlineData("--Cors:Origins=null", "Cors:Origins")]
    [InlineData("--Cors:Origins=qrie.example.com", "Cors:Origins")]
    [InlineData("--Cors:Origins=https://*.example.com", "Cors:Origins")]
    [InlineData("--Cors:Origins=https://qrie.example.com/ui", "Cors:Origins")]
    [InlineData("--Limits:WaitingEvaluations=0", "Limits:WaitingEvaluations")]
    [InlineData("--Store:Kind=oracle", "Store:Kind")]
    [InlineData("--Store:Kind=postgres", "Store:ConnectionString")]
    [InlineData("--Store:ConnectionString=Host=localhost;Database=qrie", "Store:ConnectionString")]
    [InlineData("--Schedules:Inventory=every day", "Schedules:Inventory")]
    [InlineData("--Drift:InventoryMaxAge=a week", "Drift:InventoryMaxAge")]
    [InlineData("--Drift:InventoryMaxAge=-1.00:00:00", "Drift:InventoryMaxAge")]
    [InlineData("--Drift:PolicyScanMaxAge=26:00:00", "Drift:PolicyScanMaxAge")]
    [InlineData("--Logging:Format=xml", "Logging:Format")]
    [InlineData("--Retention:History=89.00:00:00", "Retention:History")]
    [InlineData("--Retention:Audit=never", "Retention:Audit")]
    [InlineData("--Retention:Scans=735 days", "Retention:Scans")]
    public void An_invalid_setting_prevents_the_start_and_is_named(string setting, string name) =>
        Should.Throw<StartRefusedException>(() => QrieHost.Build([setting])).Message.ShouldStartWith(name);

    [Theory]
    [InlineData("reader", "GET", "/findings", true)]
    [InlineData("reader", "POST", "/scans", false)]
    [InlineData("reader", "POST", "/policies/launch", false)]
    [InlineData("operator", "POST", "/scans", true)]
    [InlineData("operator", "POST", "/policies/launch", true)]
    [InlineData("operator", "POST", "/accounts", false)]
    [InlineData("operator", "GET", "/accounts", true)]
    [InlineData(null, "POST", "/accounts", true)]
    public async Task Anonymous_callers_have_the_configured_role(string? role, string method, string path, bool allowed)
    {
        await using var qrie = await RunningQrie.StartAsync(settings: role is null ? [] : [$"--Auth:AnonymousRole={role}"]);
        using var answer = await qrie.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        (answer.StatusCode != HttpStatusCode.Forbidden).ShouldBe(allowed);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "127.0.0.1", HttpStatusCode.OK)] // the address that the request was sent to
    [InlineData("http://0.0.0.0:0", "localhost", HttpStatusCode.OK)]
    [InlineData("http://0.0.0.0:0", "10.1.2.3", HttpStatusCode.Forbidden)]
    [InlineData("http://0.0.0.0:0", "evil.example.com", HttpStatusCode.Forbidden)]
    [InlineData("http://127.0.0.1:0", "evil.example.com", HttpStatusCode.Forbidden)]
    public async Task Hosts_are_checked_with_an_anonymous_role_too(string url, string host, HttpStatusCode expected)
    {
        await using var qrie = await RunningQrie.StartAsync(settings: ["--Auth:AnonymousRole=operator", $"--urls={url}"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{qrie.Http.BaseAddress!.Port}/accounts") { Headers = { Host = host } };

        (await qrie.Http.SendAsync(request)).StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task An_interrupted_scan_continues_after_the_restart()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-test-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        var entered = new TaskCompletionSource();
        var collector = new ScriptedCollector().With("""{"Name":"b"}""", "b");
        collector.Gate = async cancel =>
        {
            entered.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        };

        string scanId;
        await using (var first = await RunningQrie.StartAsync(collector, store: store))
        {
            scanId = (await first.PostAsync("/scans", new { kind = "inventory" })).Body.GetProperty("scan_id").GetString()!;
            await entered.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }

        collector.Gate = null;
        await using (var second = await RunningQrie.StartAsync(collector, store: store))
        {
            var scan = await second.FinishedAsync(scanId);
            scan.GetProperty("status").GetString().ShouldBe("completed");
            scan.GetProperty("unit_list")[0].GetProperty("attempts").GetInt32().ShouldBe(1); // it was released, not lost
            (await second.GetAsync("/resources")).Body.GetProperty("resources").GetArrayLength().ShouldBe(1);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_store_opened_by_another_process_prevents_the_start()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-test-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        await using (var first = await RunningQrie.StartAsync(store: store))
        {
            var refusal = await Should.ThrowAsync<StoreUnavailableException>(() => RunningQrie.StartAsync(store: store));
            refusal.Message.ShouldContain("another Qrie");
            (await first.GetAsync("/health")).Status.ShouldBe(HttpStatusCode.OK);
        }

        folder.Delete(recursive: true);
    }

    private sealed class LostAccountStore : IAccountStore
    {
        public Task<AddAccountOutcome> AddAsync(Account account, CancellationToken cancel) => throw Lost();

        public Task<Account?> FindAsync(string organization, string accountId, CancellationToken cancel) => throw Lost();

        public Task<Account?> FindAnywhereAsync(string accountId, CancellationToken cancel) => throw Lost();

        public Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
            string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing, CancellationToken cancel) =>
            throw Lost();

        public Task<bool> HasAnyInAsync(string organization, string ou, CancellationToken cancel) => throw Lost();

        public Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel) => throw Lost();

        public Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel) => throw Lost();

        public Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) => throw Lost();

        public Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel) =>
            throw Lost();

        public Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel) => throw Lost();

        private static StoreUnavailableException Lost() => new("The disk is full; free some space.");
    }
}
