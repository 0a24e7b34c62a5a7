using Qrie.Domain.Catalog;

namespace Qrie.Domain.Alerts;

/// <summary>The events of a message: all of them as counts, the most severe ones by name. Its size is bounded, however many events there are.</summary>
public sealed class AlertContent
{
    /// <summary>Counts what is beyond <see cref="AlertLimits.Names"/> different names.</summary>
    public const string Others = "others";

    public long Events { get; set; }

    public DateTimeOffset FirstAt { get; set; }

    public DateTimeOffset LastAt { get; set; }

    /// <summary>Events by kind.</summary>
    public Dictionary<AlertKind, long> Kinds { get; init; } = [];

    /// <summary>Opened and reopened findings by severity band.</summary>
    public Dictionary<SeverityBand, long> Severities { get; init; } = [];

    /// <summary>Events of findings by policy.</summary>
    public Dictionary<string, long> Policies { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Events by account; those of no single account are missing.</summary>
    public Dictionary<string, long> Accounts { get; init; } = new(StringComparer.Ordinal);

    /// <summary>At most <see cref="AlertLimits.Items"/>: the most severe ones, the first ones of those.</summary>
    public List<AlertItem> Items { get; init; } = [];

    public void Add(AlertItem item)
    {
        FirstAt = Events == 0 || item.At < FirstAt ? item.At : FirstAt;
        LastAt = item.At > LastAt ? item.At : LastAt;
        Events++;
        Kinds[item.Kind] = Kinds.GetValueOrDefault(item.Kind) + 1;
        if (item is { Severity: { } severity, Kind: AlertKind.Opened or AlertKind.Reopened })
        {
            var band = Catalog.Severities.BandOf(severity);
            Severities[band] = Severities.GetValueOrDefault(band) + 1;
        }

        Count(Policies, item.PolicyId);
        Count(Accounts, item.AccountId);
        if (Items.Count < AlertLimits.Items || Rank(item) > Rank(Items[^1]))
        {
            var at = Items.FindIndex(other => Rank(other) < Rank(item));
            Items.Insert(at < 0 ? Items.Count : at, item);
            if (Items.Count > AlertLimits.Items)
            {
                Items.RemoveAt(AlertLimits.Items);
            }
        }
    }

    /// <summary>What is kept of a message that was sent: counts, without names.</summary>
    public AlertContent WithoutNames() => new()
    {
        Events = Events,
        FirstAt = FirstAt,
        LastAt = LastAt,
        Kinds = Kinds,
        Severities = Severities,
    };

    /// <summary>What is no finding comes first: it may explain the findings. What is not open any more comes last.</summary>
    private static int Rank(AlertItem item) =>
        item.Severity is not { } severity ? 1000 : item.Kind is AlertKind.Resolved or AlertKind.Suppressed ? severity - 1000 : severity;

    private static void Count(Dictionary<string, long> counts, string? name)
    {
        if (name is not null)
        {
            var key = counts.Count < AlertLimits.Names || counts.ContainsKey(name) ? name : Others;
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
    }
}

/// <summary>An event as a message shows it; members are null as in <see cref="AlertEvent"/>.</summary>
/// <param name="AccountName">Null if it has none.</param>
/// <param name="PolicyTitle">Null if the catalog does not have the policy any more.</param>
/// <param name="TagsUnknown">The rule selects by tags, and those of the resource could not be read.</param>
public sealed record AlertItem(
    AlertKind Kind, DateTimeOffset At, string? AccountId, string? AccountName, string? Arn, string? Region, string? PolicyId, string? PolicyTitle,
    int? Severity, string? Detail, string? ScanId, string? FindingId, bool TagsUnknown);
