using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api.OldDefects;

/// <summary>
/// The numbered defects of the old system (contract.md section 7), tested with the real service and its store. The clock stands still unless a test moves it.
/// </summary>
public abstract class OldDefectTest : IAsyncLifetime
{
    protected const string Account = "123456789012";
    protected const string Versioning = "S3BucketVersioningDisabled";
    protected const string Public = "S3BucketPublic";
    protected const string Bad = """{"Name":"x","Versioning":{}}""";
    protected const string Good = """{"Name":"x","Versioning":{"Status":"Enabled"}}""";

    protected OldDefectTest()
    {
        Clock = new OffsetClock(TimeSpan.Zero);
        Aws = new ScriptedCollector { Clock = Clock };
    }

    protected OffsetClock Clock { get; }

    protected ScriptedCollector Aws { get; }

    protected RunningQrie Qrie { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Qrie = await RunningQrie.StartAsync(Aws, adjust: Adjust);

    public async ValueTask DisposeAsync() => await Qrie.DisposeAsync();

    protected virtual void Adjust(WebApplicationBuilder builder) => builder.Services.AddSingleton<TimeProvider>(Clock);

    protected static string[] Names(int count, string prefix = "bucket-") =>
        [.. Enumerable.Range(0, count).Select(i => prefix + i.ToString("00000", CultureInfo.InvariantCulture))];

    protected Task<JsonElement> InventoryAsync() => Qrie.ScanAsync(new { kind = "inventory", service = "s3" });

    protected Task<JsonElement> PolicyScanAsync() => Qrie.ScanAsync(new { kind = "policy" });

    protected async Task<JsonElement> ChangeAsync(object change, string policyId = Versioning)
    {
        var (_, body) = await Qrie.PutAsync($"/policies/{policyId}", change);
        return body.TryGetProperty("scan_id", out var scan) ? await Qrie.FinishedAsync(scan.GetString()!) : body;
    }

    protected Task<List<JsonElement>> FindingsAsync(string query = "") => Qrie.AllAsync($"/findings{query}", "findings");

    protected async Task<JsonElement> PolicyAsync(string policyId = Versioning) => (await Qrie.GetAsync($"/policies?policy_id={policyId}")).Body[0];

    protected static string? Text(JsonElement row, string member) => row.GetProperty(member).ToString();
}
