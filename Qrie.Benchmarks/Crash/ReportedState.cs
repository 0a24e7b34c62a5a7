using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Crash;

/// <summary>The responses of the API, without times and scan ids, which differ between runs.</summary>
internal static class ReportedState
{
    private static readonly HashSet<string> LeftOut =
    [
        "scan_id", "last_seen_at", "describe_time", "first_seen", "last_evaluated", "resolved_at", "checked_at", "last_success_at", "last_inventory_at",
    ];

    public static async Task<SortedSet<string>> ReadAsync(QrieProcess qrie, CancellationToken cancel)
    {
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var list in (string[])["resources", "findings"])
        {
            lines.UnionWith((await qrie.AllAsync($"/{list}", list, cancel)).Select(row => $"GET /{list}: {Normalised(row)}"));
        }

        var (status, coverage) = await qrie.GetAsync("/coverage", cancel);
        lines.Add($"GET /coverage: {status} {(status == HttpStatusCode.OK ? Normalised(coverage) : "")}");
        return lines;
    }

    /// <summary>Sorts keys and lists, because AWS does not guarantee their order.</summary>
    private static string Normalised(JsonElement json) => Normalise(JsonNode.Parse(json.GetRawText()))?.ToJsonString() ?? "null";

    private static JsonNode? Normalise(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.Where(p => !LeftOut.Contains(p.Key)).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => KeyValuePair.Create(p.Key, Normalise(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Normalise).OrderBy(item => item?.ToJsonString(), StringComparer.Ordinal)]),
        null => null,
        _ => node.DeepClone(),
    };
}
