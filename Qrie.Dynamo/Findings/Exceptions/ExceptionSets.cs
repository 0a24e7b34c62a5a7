using System.Collections.Concurrent;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings.Exceptions;

/// <summary>The exceptions in force. They are read again only after a change: otherwise a batch of verdicts costs one read.</summary>
internal sealed class ExceptionSets(DynamoStore store)
{
    internal const string Revision = "Revision";

    private readonly ConcurrentDictionary<string, (long Revision, ExceptionSet Set)> _known = new(StringComparer.Ordinal);

    public static string PartitionOf(string organization) => KeyText.Join("exceptions", organization);

    public static ItemKey KeyOf(string organization, string exceptionId) => Documents.Key(PartitionOf(organization), exceptionId);

    /// <summary>The number of changes so far of what is in force, and what is.</summary>
    public async Task<(long Revision, ExceptionSet Set)> ReadAsync(string organization, CancellationToken cancel)
    {
        var revision = await RevisionAsync(organization, cancel);
        if (revision == 0)
        {
            return (0, ExceptionSet.None);
        }

        if (_known.TryGetValue(organization, out var known) && known.Revision == revision)
        {
            return known;
        }

        var all = await store.ListAsync<FindingException>(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true }, cancel);
        var read = (revision, new ExceptionSet(all.Where(e => e.Status == ExceptionStatus.Active)));
        _known[organization] = read;
        return read;
    }

    public async Task<long> RevisionAsync(string organization, CancellationToken cancel) =>
        (await store.GetAsync(RevisionKey(organization), cancel))?.Number(Revision) ?? 0;

    /// <summary>Must be called in every transaction that changes what is in force.</summary>
    public static async Task AdvanceAsync(WriteSession session, string organization)
    {
        var key = RevisionKey(organization);
        var stored = await session.GetAsync(key);
        session.Put(key, new Item().Set(Revision, (stored?.Number(Revision) ?? 0) + 1));
    }

    internal static ItemKey RevisionKey(string organization) => Documents.Key(KeyText.Join("exception-revision", organization), "revision");
}
