using Qrie.Domain.Catalog;

namespace Qrie.Domain.Dashboard;

/// <summary>
/// Attributes drift to the events that could have reported it. Computed on read, because the catalog may have gained rules since.
/// </summary>
public sealed class DriftAttribution(IDriftStore drift, ICatalog catalog)
{
    /// <summary>How many accounts, those with most changes, are considered: a systematic cause shows in these.</summary>
    private const int AccountsLookedAt = 20;

    private const int RulesShown = 20;

    /// <summary>The events that could have reported a change.</summary>
    public IReadOnlyList<string> Of(DriftSample sample) => Names(sample.Type, sample.Change, sample.Attributes);

    /// <summary>The events that could have reported the changes of one list.</summary>
    /// <param name="samples">Of the same account: known changed attributes.</param>
    public IReadOnlyList<string> Of(TypeDrift list, IReadOnlyList<DriftSample> samples) =>
    [
        .. (list.Created > 0 ? Names(list.Type, DriftChange.Created, []) : [])
            .Concat(list.Changed > 0 ? Changed(list, samples) : [])
            .Concat(list.Deleted > 0 ? Names(list.Type, DriftChange.Deleted, []) : []).Distinct(),
    ];

    /// <summary>The events that most likely have no effective rule: those that could have reported most of the changes. Largest first.</summary>
    /// <param name="accounts">Largest first.</param>
    public async Task<IReadOnlyList<MissingEvent>> FindMissingAsync(
        string organization, string scanId, IReadOnlyList<AccountDrift> accounts, CancellationToken cancel)
    {
        var missing = new List<MissingEvent>();
        var samples = accounts.Count == 0 ? [] : await drift.ListSamplesAsync(organization, scanId, null, cancel);
        foreach (var account in accounts.Take(AccountsLookedAt))
        {
            var own = samples.Where(s => AccountService.Split(s.AccountService).AccountId == account.AccountId).ToList();
            foreach (var list in await drift.CountByTypeAsync(organization, scanId, account.AccountId, cancel))
            {
                (DriftChange Change, long N)[] changes =
                    [(DriftChange.Created, list.Created), (DriftChange.Changed, list.Changed), (DriftChange.Deleted, list.Deleted)];
                missing.AddRange(
                    from change in changes
                    where change.N > 0
                    from name in change.Change == DriftChange.Changed ? Changed(list, own) : Names(list.Type, change.Change, [])
                    select new MissingEvent(account.AccountId, list.Region, name, change.N));
            }
        }

        return
        [
            .. missing.GroupBy(m => (m.AccountId, m.Region, m.EventName)).Select(g => g.First() with { Changes = g.Sum(m => m.Changes) })
                .OrderByDescending(m => m.Changes).ThenBy(m => m.AccountId, StringComparer.Ordinal).ThenBy(m => m.Region, StringComparer.Ordinal)
                .ThenBy(m => m.EventName, StringComparer.Ordinal).Take(RulesShown),
        ];
    }

    /// <summary>If the samples do not say what changed, any attribute may have.</summary>
    private List<string> Changed(TypeDrift list, IReadOnlyList<DriftSample> samples)
    {
        var same = samples.Where(
            s => s.Change == DriftChange.Changed && s.Type == list.Type && (list.Region == Inventory.Regions.Global || s.Region == list.Region)).ToList();
        return same.Count == 0 ? Names(list.Type, DriftChange.Changed, []) : [.. same.SelectMany(Of).Distinct()];
    }

    private List<string> Names(string type, DriftChange change, IReadOnlyList<string> attributes) =>
        catalog.Current.FindType(type) is { } definition && catalog.Current.FindService(definition.Service) is { } service
            ? [.. LikelyEvents.Of(definition, service.EventSource, change, attributes).Select(e => e.ToString())]
            : []; // the catalog no longer has the type
}

/// <summary>An event that could have reported unreported changes.</summary>
/// <param name="Region">The region of the list: <c>global</c> for account-wide resources.</param>
/// <param name="EventName"><c>s3.amazonaws.com/PutBucketPolicy</c>; may contain a <c>*</c>.</param>
/// <param name="Changes">The number of changes that it could have reported; other events may have reported the same.</param>
public sealed record MissingEvent(string AccountId, string Region, string EventName, long Changes);
