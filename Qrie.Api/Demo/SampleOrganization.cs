using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;

namespace Qrie.Api.Demo;

/// <summary>The recorded accounts, times and regions; <c>tools/demo/record.py</c> writes this file with the recordings.</summary>
/// <param name="RecordedAt">The time of the newest layer.</param>
/// <param name="Services">The services of the catalog at that time; later ones have no recorded responses.</param>
/// <param name="Layers">By layer, oldest first, its age in weeks relative to the newest, which is 0.</param>
internal sealed record SampleOrganization(
    DateTimeOffset RecordedAt, IReadOnlyList<int> Layers, IReadOnlyList<string> Regions, IReadOnlyList<string> Services, IReadOnlyList<SampleAccount> Accounts)
{
    /// <summary>The number of weeks of history.</summary>
    public int Weeks => Layers[0];

    /// <summary>The layer for the given number of weeks ago.</summary>
    public int LayerOf(int weeksAgo) => Layers.TakeWhile(of => of >= weeksAgo).Count() - 1;

    /// <summary>The services to which accounts are limited because they were recorded; null: all services of the catalog were.</summary>
    public IReadOnlyList<string>? WatchedOf(IEnumerable<string> catalog)
    {
        var all = catalog.ToList();
        return all.TrueForAll(Services.Contains) ? null : [.. all.Where(Services.Contains)];
    }

    /// <exception cref="StartRefusedException">The samples are missing.</exception>
    public static SampleOrganization Read(string samples)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(samples, "organization.json"));
            return JsonSerializer.Deserialize<SampleOrganization>(file, ApiJson.Options)!;
        }
        catch (IOException e)
        {
            throw new StartRefusedException($"The samples for --demo are missing: {e.Message}");
        }
    }
}

internal sealed record SampleAccount(string AccountId, string Name, string Ou);
