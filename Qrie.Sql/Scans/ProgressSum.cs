using Qrie.Domain.Scans;
using Qrie.Sql.Database;

namespace Qrie.Sql.Scans;

/// <summary>Adds up the units of a scan by account and service, one at a time: there may be a hundred thousand.</summary>
internal sealed class ProgressSum
{
    private readonly SortedDictionary<(string AccountId, string Service), Sum> _sums = [];

    public void Add(UnitRow row)
    {
        if (!_sums.TryGetValue((row.AccountId, row.Service), out var sum))
        {
            _sums[(row.AccountId, row.Service)] = sum = new Sum();
        }

        var status = Columns.Parse<UnitStatus>(row.Status);
        sum.Units[status] = sum.Units.GetValueOrDefault(status) + 1;
        if (status != UnitStatus.Pending)
        {
            sum.Counters.Add(new ScanCounters(Columns.FromJson<Dictionary<string, long>>(row.Counters)));
            sum.Errors += Columns.FromJson<List<UnitError>>(row.Errors).Count;
        }
    }

    public IReadOnlyList<ScanProgress> Read() =>
        [.. _sums.Select(s => new ScanProgress(s.Key.AccountId, s.Key.Service, s.Value.Units, s.Value.Counters, s.Value.Errors))];

    private sealed class Sum
    {
        public Dictionary<UnitStatus, int> Units { get; } = [];

        public ScanCounters Counters { get; } = new();

        public int Errors { get; set; }
    }
}
