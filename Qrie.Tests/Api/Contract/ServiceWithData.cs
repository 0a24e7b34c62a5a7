using System.Text.Json;

namespace Qrie.Tests.Api.Contract;

/// <summary>A service for tests that only read: two accounts with three buckets each, one active and one suspended policy.</summary>
public sealed class ServiceWithData : IAsyncLifetime
{
    public const string Active = "S3BucketPublic";
    public const string Suspended = "S3BucketVersioningDisabled";
    public const string Available = "S3BucketEncryptionDisabled";

    public RunningQrie Qrie { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Qrie = await RunningQrie.StartAsync(new ScriptedCollector().With("""{"Name":"x","Versioning":{}}""", "a", "b", "c"));
        await Qrie.PostAsync("/accounts", new { account_id = "210987654321", ou = "/Production/Shop" });
        await Qrie.ScanAsync(new { kind = "inventory" });
        await Qrie.LaunchAsync(Active);
        await Qrie.LaunchAsync(Suspended);
        await Qrie.PutAsync($"/policies/{Suspended}", new { status = "suspended" });
    }

    public async ValueTask DisposeAsync() => await Qrie.DisposeAsync();

    public async Task<List<JsonElement>> PoliciesAsync(string query) => [.. (await Qrie.GetAsync($"/policies{query}")).Body.EnumerateArray()];

    public static string IdOf(JsonElement policy) => policy.GetProperty("policy_id").GetString()!;
}
