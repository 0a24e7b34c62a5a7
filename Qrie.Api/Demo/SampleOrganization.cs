using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Api.Hosting;

namespace Qrie.Api.Demo;

/// <summary>The accounts whose answers were recorded, when and in which regions; <c>tools/demo/record.py</c> writes it beside the recordings.</summary>
/// <param name="RecordedAt">The time that the newest layer is of.</param>
/// <param name="Services">Those that the catalog had then: of services that came later there are no answers.</param>
/// <param name="Layers">By layer, oldest first, how many weeks earlier the organization was so; the newest: 0.</param>
internal sealed record SampleOrganization(
    DateTimeOffset RecordedAt, IReadOnlyList<int> Layers, IReadOnlyList<string> Regions, IReadOnlyList<string> Services, IReadOnlyList<SampleAccount> Accounts)
{
    /// <summary>How many weeks of the past there are.</summary>
    public int Weeks => Layers[0];

    /// <summary>The layer that shows how it was so many weeks ago.</summary>
    public int LayerOf(int weeksAgo) => Layers.TakeWhile(of => of >= weeksAgo).Count() - 1;

    /// <summary>The services that accounts must be limited to, so that no call goes unanswered; null: everything that the catalog has was recorded.</summary>
    public IReadOnlyList<string>? WatchedOf(IEnumerable<string> catalog)
    {
        var all = catalog.ToList();
        return all.TrueForAll(Services.Contains) ? null : [.. all.Where(Services.Contains)];
    }

    /// <exception cref="StartRefusedException">The samples are not there.</exception>
    public static SampleOrganization Read(string samples)
    {
        try
        {
            using var file = File.OpenRead(Path.Combine(samples, "organization.json"));
            return JsonSerializer.Deserialize<SampleOrganization>(file, ApiJson.Options)!;
        }
        catch (IOException e)
        {
            throw new StartRefusedException($"The samples for --demo are not there: {e.Message}");
        }
    }
}

internal sealed record SampleAccount(string AccountId, string Name, string Ou);
