using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Support;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Aws.Api.Models;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Cli;

/// <summary><c>qrie support</c>: what is in the file, and above all what is not.</summary>
public sealed class SupportTests : IDisposable
{
    private const string Planted = "planted-value";

    /// <summary>Settings that have, or may have, a secret; each gets one of its own.</summary>
    private static readonly string[] _secrets =
    [
        "Auth:Oidc:ClientSecret", "Alerts:Smtp:Password", "Alerts:Smtp:User", "Alerts:Smtp:From", "Aws:ExternalId", "Discovery:ExternalId",
        "Aws:RecordRewrite:123456789012", "Auth:Oidc:Grants:0:Group", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "QRIE_API_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "Serilog:WriteTo:0:Args:apiKey", "Serilog:WriteTo:0:Args:serverUrl",
        "Kestrel:Certificates:Default:Password", "Store:Password", "Telemetry:Token", "Events:Secret", "UNRELATED_PASSWORD", "UNRELATED",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-support-");

    private string Store => Path.Combine(_folder.FullName, "qrie.db");

    private string Bundle => Path.Combine(_folder.FullName, "bundle.zip");

    public void Dispose() => _folder.Delete(recursive: true);

    [EmulatorFact]
    public async Task The_bundle_of_a_running_service_says_what_it_does_and_has_no_secret()
    {
        var estate = Estate.Create();
        await using var proxy = await FaultProxy.StartAsync();
        proxy.On("s3:ListBuckets").ForAccount(estate.AccountId).AccessDenied();
        Lacking.AnswerEmpty(proxy);
        await using var qrie = await RunningQrie.StartAtAsync(proxy.Url, Store, "--Aws:Regions=us-east-1");
        (await qrie.PostAsync("/accounts", new { account_id = estate.AccountId, name = $"{Planted}-name", external_id = $"{Planted}-external-id" })).Status
            .ShouldBe(HttpStatusCode.Created);
        await qrie.ScanAsync(new { kind = "inventory", account_id = estate.AccountId, service = "s3" });
        var settings = Settings(proxy);

        var run = await RunAsync(settings, "--url", qrie.Http.BaseAddress!.ToString());

        run.Code.ShouldBe(0, run.ToString());
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Bundle).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var files = await ReadAsync();
        files.Keys.ShouldBe(
            ["versions.json", "catalog.json", "configuration.json", "health.json", "doctor.json", "store.json", "scans.json", "coverage.json"],
            ignoreOrder: true);
        foreach (var (name, content) in files)
        {
            content.ShouldNotContain(Planted, Case.Insensitive, name);
            Path.GetExtension(name).ShouldBe(".json");
        }

        var configuration = JsonElement.Parse(files["configuration.json"]);
        string? Shown(string key) => configuration.TryGetProperty(key, out var value) ? value.GetString() : null;
        Shown("Auth:Oidc:ClientSecret").ShouldBe("(set)");
        Shown("Serilog:WriteTo:0:Args:serverUrl").ShouldBe("(set)");
        Shown("Scans:Concurrency").ShouldBe("7");
        Shown("Store:Path").ShouldBe(Store);
        Shown("Telemetry:Otlp").ShouldBe("http://(hidden)@collector:4318/v1?(hidden)");
        Shown("UNRELATED").ShouldBeNull();
        JsonElement.Parse(files["versions.json"]).GetProperty("qrie").GetString().ShouldNotBeNullOrEmpty();
        JsonElement.Parse(files["doctor.json"]).GetProperty("diagnostics").GetArrayLength().ShouldBeGreaterThan(3);
        var scan = JsonElement.Parse(files["scans.json"]).GetProperty("organizations")[0].GetProperty("scans")[0];
        (scan.GetProperty("status").GetString(), scan.GetProperty("errors")[0].GetProperty("code").GetString()).ShouldBe(("Completed", "AccessDenied"));
        JsonElement.Parse(files["coverage.json"]).GetProperty("organizations")[0].GetProperty("failed_lists").ToString().ShouldContain("AccessDenied");
        var store = JsonElement.Parse(files["store.json"]);
        store.GetProperty("files").GetProperty("qrie.db").GetInt64().ShouldBeGreaterThan(0);
        store.GetProperty("tables").EnumerateArray().Single(t => t.GetProperty("table").GetString() == "accounts").GetProperty("rows").GetInt64().ShouldBe(2);
        JsonElement.Parse(files["health.json"]).GetProperty("/health/ready").GetProperty("status").GetInt32().ShouldBe(200);
        files.Values.ShouldContain(content => content.Contains(estate.AccountId, StringComparison.Ordinal));

        (await RunAsync(settings, "--hide-accounts", "--without-doctor", "--url", qrie.Http.BaseAddress!.ToString())).Code.ShouldBe(0);
        var hidden = await ReadAsync();
        hidden.Keys.ShouldNotContain("doctor.json");
        hidden.Values.ShouldAllBe(content => !content.Contains(estate.AccountId));
        hidden["scans.json"].ShouldMatch("\"account_id\": \"account-[0-9]\"");
    }

    [Fact]
    public async Task Without_a_store_and_a_service_the_reasons_are_in_the_bundle()
    {
        var run = await RunAsync(new() { ["Store:Path"] = Store, ["Catalog:Path"] = "/no/such/folder" }, "--without-doctor", "--url", "http://127.0.0.1:1");

        run.Code.ShouldBe(0, run.ToString());
        var files = await ReadAsync();
        files["store.json"].ShouldContain("There is no store yet.");
        files["health.json"].ShouldContain("No Qrie responds");
        File.Exists(Store).ShouldBeFalse();
    }

    [Fact]
    public async Task A_connection_string_is_reduced_and_a_server_that_is_away_is_named()
    {
        var run = await RunAsync(
            new()
            {
                ["Store:Kind"] = "postgres",
                ["Store:ConnectionString"] =
                    $"Host=127.0.0.1;Port=1;Database=posture;Username={Planted};Password={Planted}-2;SSL Key={Planted}-3;SSL Mode=Disable",
            },
            "--without-doctor", "--url", "http://127.0.0.1:1");

        run.Code.ShouldBe(0, run.ToString());
        var files = await ReadAsync();
        files.Values.ShouldAllBe(content => !content.Contains(Planted));
        files["configuration.json"].ShouldContain("host=127.0.0.1;port=1;database=posture;username=(set);password=(set);ssl key=(set);ssl mode=Disable");
        files["store.json"].ShouldContain("posture at 127.0.0.1:1");
    }

    [Theory]
    [InlineData("one.zip", "two.zip")]
    [InlineData("--no-such-option")]
    public async Task Wrong_arguments_are_refused(params string[] args)
    {
        var run = await RunCommand.OfAsync(console => SupportCommand.Build(console, () => new ConfigurationBuilder().Build()), args);

        (run.Code, run.Errors.Contains("is not an option", StringComparison.Ordinal)).ShouldBe((2, true));
    }

    /// <summary>A configuration with a secret wherever one may be.</summary>
    private Dictionary<string, string?> Settings(FaultProxy proxy)
    {
        var settings = _secrets.Select((key, i) => (key, i)).ToDictionary(s => s.key, string? (s) => $"{Planted}-{s.i}");
        settings["Auth:Oidc:Grants:0:Role"] = "reader";
        settings["Aws:Endpoint"] = proxy.Url.ToString();
        settings["Aws:Region"] = "us-east-1";
        settings["Aws:RetryDelay"] = "00:00:00.020";
        settings["Scans:Concurrency"] = "7";
        settings["Store:Path"] = Store;
        settings["Telemetry:Otlp"] = $"http://user:{Planted}-in-url@collector:4318/v1?key={Planted}";
        return settings;
    }

    private Task<CommandRun> RunAsync(Dictionary<string, string?> settings, params string[] args)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return RunCommand.OfAsync(
            console => SupportCommand.Build(console, () => configuration, services => services.AddSingleton(p => new AwsEngine(
                p.GetRequiredService<ModelCatalog>(), p.GetRequiredService<IOptions<AwsApiOptions>>().Value, p.GetRequiredService<AwsRegion>(),
                p.GetRequiredService<CallMeter>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<AwsApi>>(),
                EmulatedAws.TestCredentials))),
            [Bundle, .. args]);
    }

    private async Task<Dictionary<string, string>> ReadAsync()
    {
        var files = new Dictionary<string, string>();
        await using var zip = await ZipFile.OpenReadAsync(Bundle);
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync());
            files[entry.FullName] = await reader.ReadToEndAsync();
        }

        return files;
    }
}
