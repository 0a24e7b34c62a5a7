using Qrie.Domain;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Inventory;
using Qrie.Dynamo.Outbox;

namespace Qrie.Dynamo.Inventory;

/// <summary>
/// Which writes of an anti-entropy scan are drift. Excluded are lists without an earlier complete list, which are a baseline, and changes only of which
/// attributes can be read.
/// </summary>
internal sealed class DriftFinder(ICoverageStore coverage, ResourceReader reader)
{
    private const int MaxAttributes = 20;

    /// <summary>A created or changed resource.</summary>
    public async Task AddAsync(
        OutboxBatch batch, string organization, ResourceItem? before, CollectedResource after, WriteOutcome outcome, DateTimeOffset now,
        CancellationToken cancel)
    {
        var accountService = AccountService.Of(after.AccountId, after.Service);
        if (!await IsKnownAsync(organization, after.AccountId, after.ListedIn, after.Type, cancel))
        {
            return;
        }

        if (outcome == WriteOutcome.Created)
        {
            batch.Drift(new DriftSample(after.Arn, accountService, DriftChange.Created, after.Type, after.Region, now, []), after.ListedIn);
        }
        else if (await AttributesAsync(before!, after, cancel) is { Count: > 0 } attributes)
        {
            batch.Drift(
                new DriftSample(after.Arn, accountService, DriftChange.Changed, after.Type, after.Region, now, [.. attributes.Take(MaxAttributes)]),
                after.ListedIn);
        }
    }

    /// <summary>A deleted resource.</summary>
    public async Task AddAsync(OutboxBatch batch, string organization, ResourceDeletion gone, DateTimeOffset now, CancellationToken cancel)
    {
        if (await IsKnownAsync(organization, AccountService.Split(gone.AccountService).AccountId, gone.ListedIn, gone.Type, cancel))
        {
            batch.Drift(new DriftSample(gone.Arn, gone.AccountService, DriftChange.Deleted, gone.Type, gone.Region, now, []), gone.ListedIn);
        }
    }

    private async Task<bool> IsKnownAsync(string organization, string accountId, string listedIn, string type, CancellationToken cancel) =>
        (await coverage.FindAsync(organization, accountId, listedIn, type, cancel))?.LastSuccessAt is not null;

    private async Task<IReadOnlyList<string>> AttributesAsync(ResourceItem before, CollectedResource after, CancellationToken cancel)
    {
        var attributes = await reader.ConfigurationAsync(before, cancel) is { } stored
            ? ConfigurationDifference.Of(stored, after.Configuration, before.UnknownAttributes.Keys.Concat(after.Unknown.Keys), after.Volatile)
            : [];
        return attributes.Count == 0 && HasOtherTags(before.TagsOrNull, after.Tags) ? ["Tags"] : attributes;
    }

    /// <summary>Tags of many types are not in the configuration. Tags that could not be read before or now may be the same.</summary>
    private static bool HasOtherTags(IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? after) =>
        before is not null && after is not null
        && (before.Count != after.Count || before.Any(tag => after.GetValueOrDefault(tag.Key) != tag.Value));
}
