using System.Text.Json;
using Qrie.Aws.Api.Limits;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.Inventory;

/// <summary>The calls of scans, and how fast they could have been made.</summary>
internal sealed class ScannedCalls
{
    private const int Shown = 25;

    private readonly List<(string Account, string Region, string Service, string Operation, long Calls, long Ms)> _calls = [];

    public long Total => _calls.Sum(c => c.Calls);

    /// <summary>The end of the last unit of each account.</summary>
    public Dictionary<string, DateTimeOffset> Ends { get; } = [];

    public static async Task<ScannedCalls> ReadAsync(QrieProcess qrie, IEnumerable<JsonElement> scans, CancellationToken cancel)
    {
        var calls = new ScannedCalls();
        foreach (var scan in scans)
        {
            foreach (var unit in await qrie.AllAsync($"/scans/{scan.GetProperty("scan_id").GetString()}/units", "units", cancel))
            {
                calls.Add(unit);
            }
        }

        return calls;
    }

    /// <summary>The time for the published rates, in the account, region and bucket where it takes longest.</summary>
    public TimeSpan AtPublishedRates() => _calls
        .Select(c => (c.Account, c.Region, c.Service, Published: PublishedRates.Find(c.Service, c.Operation), c.Calls))
        .Where(c => c.Published is not null)
        .GroupBy(c => (c.Account, c.Region, c.Service, c.Published!.Value.Bucket), c => (c.Calls, c.Published!.Value.Rate))
        .Select(g => TimeSpan.FromSeconds(Math.Max(0, (g.Sum(c => c.Calls) - g.First().Rate.Burst) / g.First().Rate.PerSecond)))
        .DefaultIfEmpty().Max();

    /// <summary>The operations that are called most, to standard error.</summary>
    public async Task ShowAsync()
    {
        foreach (var operation in _calls.GroupBy(c => $"{c.Service}:{c.Operation}").OrderByDescending(g => g.Sum(c => c.Calls)).Take(Shown))
        {
            var (calls, ms) = (operation.Sum(c => c.Calls), operation.Sum(c => c.Ms));
            await Console.Error.WriteLineAsync($"{calls,7} {ms / Math.Max(1, calls),5} ms {operation.Key}");
        }
    }

    private void Add(JsonElement unit)
    {
        var account = unit.GetProperty("account_id").GetString()!;
        var ended = unit.GetProperty("finished_at").GetDateTimeOffset();
        Ends[account] = Ends.TryGetValue(account, out var known) && known > ended ? known : ended;
        foreach (var call in unit.GetProperty("calls").EnumerateArray())
        {
            var name = call.GetProperty("operation").GetString()!.Split(':');
            _calls.Add((
                account, unit.GetProperty("region").GetString()!, name[0], name[1], call.GetProperty("calls").GetInt64(),
                call.GetProperty("duration_ms").GetInt64()));
        }
    }
}
