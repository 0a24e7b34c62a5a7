using System.Collections.Concurrent;

namespace Qrie.Domain.Work;

/// <summary>Named counts of the work of a unit or a scan. Thread-safe.</summary>
public sealed class ScanCounters
{
    public const string ResourcesFound = "resources_found";
    public const string ResourcesCreated = "resources_created";
    public const string ResourcesChanged = "resources_changed";
    public const string ResourcesUnchanged = "resources_unchanged";
    public const string ResourcesDeleted = "resources_deleted";

    /// <summary>Absent from the list; the deletion is not confirmed.</summary>
    public const string ResourcesSuspected = "resources_suspected";

    /// <summary>A newer state was already stored.</summary>
    public const string ResourcesRefused = "resources_refused";

    /// <summary>With at least one unknown attribute.</summary>
    public const string ResourcesIncomplete = "resources_incomplete";

    public const string PoliciesEvaluated = "policies_evaluated";

    /// <summary>Resources whose verdicts are current, whether evaluated in this scan or before.</summary>
    public const string ProcessedResources = "processed_resources";

    /// <summary>Resources that had to be evaluated.</summary>
    public const string ResourcesEvaluated = "resources_evaluated";
    public const string SkippedResources = "skipped_resources";
    public const string FindingsCreated = "findings_created";
    public const string FindingsClosed = "findings_closed";

    /// <summary>Completed calls to AWS, successful or not.</summary>
    public const string Calls = "calls";
    public const string CallErrors = "call_errors";
    public const string CallThrottles = "call_throttles";
    public const string CallRetries = "call_retries";

    /// <summary>
    /// What the unit's work cost in a store that charges for requests. With the operation's name behind it, the requests of each:
    /// <c>store_requests_query</c>. The claim and the end of the unit are not included.
    /// </summary>
    public const string StoreRequests = "store_requests";
    public const string StoreReadUnits = "store_read_units";
    public const string StoreWriteUnits = "store_write_units";

    private readonly ConcurrentDictionary<string, long> _values;

    public ScanCounters()
        : this([])
    {
    }

    public ScanCounters(IEnumerable<KeyValuePair<string, long>> values) => _values = new(values, StringComparer.Ordinal);

    public long this[string name] => _values.GetValueOrDefault(name);

    public IReadOnlyDictionary<string, long> Values => new SortedDictionary<string, long>(_values, StringComparer.Ordinal);

    public void Add(string name, long by = 1)
    {
        if (by != 0)
        {
            _values.AddOrUpdate(name, by, (_, value) => value + by);
        }
    }

    public void Add(ScanCounters other)
    {
        foreach (var (name, value) in other._values)
        {
            Add(name, value);
        }
    }
}
