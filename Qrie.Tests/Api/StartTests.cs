using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Api.Hosting;
using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;

namespace Qrie.Tests.Api;

/// <summary>Starting, not starting, stopping and going on.</summary>
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
    public void With_a_role_for_strangers_it_may_start_anywhere(string role) =>
        QrieHost.Build(["--urls=http://0.0.0.0:5080", $"--Auth:AnonymousRole={role}"]).ShouldNotBeNull();

    [Fact]
    public void With_keys_it_may_start_anywhere() => QrieHost.Build(["--urls=http://0.0.0.0:5080", "--Auth:Mode=apikey"]).ShouldNotBeNull();

    [Fact]
    public void Keys_and_a_role_for_strangers_contradict_each_other() =>
        Should.Throw<StartRefusedException>(() => QrieHost.Build(["--Auth:Mode=apikey", "--Auth:AnonymousRole=reader"])).Message
            .ShouldStartWith("Auth:AnonymousRole");

    [Theory]
    [InlineData("--Auth:AnonymousRole=admin", "Auth:AnonymousRole")]
    [InlineData("--Auth:Mode=password", "Auth:Mode")]
    [InlineData("--Auth:FailuresPerMinute=0", "Auth:FailuresPerMinute")]
    [InlineData("--Limits:RequestsPerMinute=many", "Limits:RequestsPerMinute")]
    [InlineData("--Limits:BodyBytes=-1", "Limits:BodyBytes")]
    [InlineData("--Auth:TrustedProxies=10.0.0.1,proxy", "Auth:TrustedProxies")]
    [InlineData("--Store:Kind=oracle", "Store:Kind")]
    [InlineData("--Schedules:Inventory=every day", "Schedules:Inventory")]
    [InlineData("--Drift:InventoryMaxAge=a week", "Drift:InventoryMaxAge")]
    [InlineData("--Drift:InventoryMaxAge=-1.00:00:00", "Drift:InventoryMaxAge")]
    [InlineData("--Drift:PolicyScanMaxAge=26:00:00", "Drift:PolicyScanMaxAge")]
    public void A_setting_that_cannot_be_right_refuses_the_start_and_is_named(string setting, string name) =>
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
    public async Task Strangers_may_do_what_their_role_says(string? role, string method, string path, bool allowed)
    {
        await using var qrie = await RunningQrie.StartAsync(settings: role is null ? [] : [$"--Auth:AnonymousRole={role}"]);
        using var answer = await qrie.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        (answer.StatusCode != HttpStatusCode.Forbidden).ShouldBe(allowed);
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
            scan.GetProperty("unit_list")[0].GetProperty("attempts").GetInt32().ShouldBe(1); // it was given back, not lost
            (await second.GetAsync("/resources")).Body.GetProperty("resources").GetArrayLength().ShouldBe(1);
        }

        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_store_that_another_process_has_refuses_the_start()
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

        public Task<IReadOnlyList<AccountHealth>> ListHealthAsync(string organization, string? accountId, CancellationToken cancel) => throw Lost();

        public Task RecordErrorAsync(string organization, string accountId, string service, AccountError error, CancellationToken cancel) => throw Lost();

        public Task<IReadOnlyList<Account>> ListAsync(string organization, bool includeRemoved, CancellationToken cancel) => throw Lost();

        public Task RecordRegionsAsync(string organization, IReadOnlyDictionary<string, IReadOnlyList<string>> regionsByAccount, CancellationToken cancel) =>
            throw Lost();

        public Task RecordInventoryAsync(string organization, string accountId, string service, DateTimeOffset at, CancellationToken cancel) => throw Lost();

        private static StoreUnavailableException Lost() => new("The disk is full; free some space.");
    }
}
