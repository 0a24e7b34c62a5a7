using Qrie.Domain;
using Qrie.Domain.Access.Audit;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Access;

/// <summary>Entries in the order of time, with rows by actor, action and subject that name them.</summary>
internal sealed class DynamoAuditStore(DynamoStore store) : IAuditStore
{
    /// <summary>An entry and its three rows; a begun one is deleted with its own.</summary>
    private const int ItemsOfEntry = 4;

    internal const int EntriesAtOnce = (Limits.Transaction - ItemsOfEntry) / ItemsOfEntry;
    private const int ReadAtOnce = 100;

    /// <summary>The filters beyond the first are applied to what the index of the first gives.</summary>
    private const int LookedAt = 5000;

    public Task BeginAsync(AuditEntry entry, CancellationToken cancel) => store.WriteAsync(session => AddAsync(session, entry), cancel);

    public async Task EndAsync(AuditEntry begun, IReadOnlyList<AuditEntry> done, CancellationToken cancel)
    {
        // The last ones replace the begun entry: if this is interrupted, it says that the write may have happened.
        var last = done.TakeLast(EntriesAtOnce).ToList();
        foreach (var some in done.SkipLast(EntriesAtOnce).Chunk(EntriesAtOnce))
        {
            await store.WriteAsync(session => AddAllAsync(session, some), cancel);
        }

        await store.WriteAsync(
            async session =>
            {
                var key = KeyOf(begun);
                if (await session.FindAsync<AuditEntry>(key) is { Status: AuditStatus.Begun })
                {
                    await DeleteAsync(session, begun);
                }

                await AddAllAsync(session, last);
            },
            cancel);
    }

    public async Task<Page<AuditEntry>> ListAsync(string organization, AuditFilter filter, PageRequest page, CancellationToken cancel)
    {
        var query = new ItemQuery(StoreTables.State, PartitionOf(organization, filter)) { Descending = true, Strong = true };
        query = query with
        {
            From = filter.From is { } from ? KeyText.Of(from) : "0",
            To = filter.To is { } to ? KeyText.Of(to.AddMilliseconds(-1)) + "~" : "~",
        };
        if (page.After is { } after)
        {
            query = query with { After = ItemKey.Of(query.Table, query.Hash, SortOf(Documents.Time(after[0]), after[1])).ToAttributes() };
        }

        var (found, looked) = (new List<AuditEntry>(), 0);
        for (var next = query with { Limit = Math.Min(ReadAtOnce, page.Size + 1) }; found.Count <= page.Size;)
        {
            var rows = await store.Calls.QueryAsync(next, cancel);
            found.AddRange((await ReadAsync(organization, rows.Items, cancel)).Where(entry => Matches(entry, filter)));
            looked += rows.Items.Count;
            if (rows.Next is null || found.Count > page.Size)
            {
                break;
            }

            if (looked > LookedAt)
            {
                throw Domain.Validation.InvalidInputException.Of("from", "Too many entries match one filter but not the others. Add from and to.");
            }

            next = next with { After = rows.Next };
        }

        return new Page<AuditEntry>(
            [.. found.Take(page.Size)], found.Count > page.Size ? [Documents.Ms(found[page.Size - 1].At), found[page.Size - 1].AuditId] : null);
    }

    /// <summary>With the rows that name it.</summary>
    internal static async Task DeleteAsync(WriteSession session, AuditEntry entry)
    {
        await session.DeleteAsync(KeyOf(entry));
        foreach (var row in RowsOf(entry))
        {
            session.Remove(row);
        }
    }

    private async Task<List<AuditEntry>> ReadAsync(string organization, IReadOnlyList<Item> rows, CancellationToken cancel)
    {
        var keys = rows.Select(row => Documents.Key(LogOf(organization), row.RequiredText(StoreTables.State.Range!))).ToList();
        var items = await store.Calls.BatchGetAsync(keys, strong: true, cancel);
        var entries = new List<AuditEntry>();
        foreach (var key in keys.Where(items.ContainsKey))
        {
            if (await Documents.ReadAsync<AuditEntry>(store.Calls, key, items[key], cancel) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    private static async Task AddAllAsync(WriteSession session, IReadOnlyList<AuditEntry> entries)
    {
        await session.LoadAsync(entries.Select(KeyOf));
        foreach (var entry in entries)
        {
            await AddAsync(session, entry);
        }
    }

    internal static async Task AddAsync(WriteSession session, AuditEntry entry)
    {
        await session.PutAsync(KeyOf(entry), entry);
        foreach (var row in RowsOf(entry))
        {
            session.Overwrite(row, new Item());
        }
    }

    private static bool Matches(AuditEntry entry, AuditFilter filter) =>
        (filter.Actor is null || entry.Actor.Id == filter.Actor) && (filter.Action is null || entry.Action == filter.Action)
        && (filter.Subject is null || entry.Subject == filter.Subject);

    private static string PartitionOf(string organization, AuditFilter filter) =>
        filter.Subject is { } subject ? By(organization, "subject", subject)
        : filter.Actor is { } actor ? By(organization, "actor", actor)
        : filter.Action is { } action ? By(organization, "action", action)
        : LogOf(organization);

    private static ItemKey KeyOf(AuditEntry entry) => Documents.Key(LogOf(entry.Organization), SortOf(entry.At, entry.AuditId));

    private static ItemKey[] RowsOf(AuditEntry entry)
    {
        var sort = SortOf(entry.At, entry.AuditId);
        return
        [
            Documents.Key(By(entry.Organization, "actor", entry.Actor.Id), sort), Documents.Key(By(entry.Organization, "action", entry.Action), sort),
            Documents.Key(By(entry.Organization, "subject", entry.Subject), sort),
        ];
    }

    internal static string LogOf(string organization) => KeyText.Join("audit", organization);

    private static string By(string organization, string what, string value) => KeyText.Join("audit-by", organization, what, value);

    private static string SortOf(DateTimeOffset at, string auditId) => KeyText.Join(KeyText.Of(at), auditId);
}
