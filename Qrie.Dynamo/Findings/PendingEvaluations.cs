using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Counts;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

/// <summary>Finds the resources of an account_service to evaluate, with strong reads: what is missed here would be missed for good.</summary>
internal sealed class PendingEvaluations(DynamoStore store, ResourceReader reader, CounterItems counters)
{
    /// <summary>The minimum number of state rows per read: most may need no evaluation.</summary>
    private const int LookAtLeast = 500;

    /// <summary>The maximum size of configurations held before parsing: some are 400 KB, most are 2.</summary>
    private const long BytesAtOnce = 8_000_000;

    /// <summary>How far policies and types of an account_service were evaluated: one item, so that an unchanged scan is one write.</summary>
    public static ItemKey EvaluatedKey(string organization, string accountService) =>
        Documents.Key(KeyText.Join("evaluated", ResourceItem.HashKey(organization, accountService)), "evaluated");

    public async Task<EvaluationProgress> ProgressAsync(string organization, string accountService, CancellationToken cancel)
    {
        var (accountId, service) = AccountService.Split(accountService);
        var sequence = (await store.GetAsync(ResourceWriter.SequenceKey(organization, accountService), cancel))?.Number(ResourceItem.ChangeSeq) ?? 0;
        var due = (await store.Calls.QueryAsync(Due(organization, accountService) with { Limit = 1 }, cancel)).Items;
        var evaluated = await store.FindAsync<EvaluatedRecord>(EvaluatedKey(organization, accountService), cancel) ?? EvaluatedRecord.None;
        var types = new Dictionary<string, TypeState>();
        foreach (var type in await TypesAsync(organization, accountService, cancel))
        {
            types[type] = new TypeState(0, null, 0);
        }

        foreach (var counter in (await counters.ReadAsync(organization, accountId, CounterGroups.Type, cancel)).Where(c => c.Name == CounterGroups.Resources))
        {
            var (type, of) = CounterGroups.PartsOf(counter.Group);
            if (of == service)
            {
                types[type] = new TypeState(counter.N, null, 0);
            }
        }

        foreach (var type in types.Keys.Where(evaluated.Types.ContainsKey).ToList())
        {
            types[type] = types[type] with { Fingerprint = evaluated.Types[type].Fingerprint, Sequence = evaluated.Types[type].Sequence };
        }

        return new EvaluationProgress(sequence, due.Count == 0 ? null : due[0].RequiredTime(ResourceItem.NextDue), types);
    }

    public Task RecordAsync(string organization, string accountService, EvaluatedUnit evaluated, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var key = EvaluatedKey(organization, accountService);
                var stored = await session.FindAsync<EvaluatedRecord>(key) ?? EvaluatedRecord.None;
                await session.PutAsync(key, stored.With(evaluated));
            },
            cancel);

    public async Task<EvaluationChunk> ReadAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel)
    {
        var lookAt = Math.Max(limit, LookAtLeast);
        var rows = await RowsAsync(organization, accountService, query, after, lookAt, cancel);
        var needed = rows.Where(r => r.Row.IsAlive && query.Fingerprints.ContainsKey(r.Row.TypeText) && NeedsEvaluating(r.Row, query)).ToList();
        var (due, complete) = WhatFits(needed, limit);
        // Rows that did not fit are read again in the next chunk.
        var last = complete ? (rows.Count == lookAt ? rows[^1] : default) : due[^1];
        var resources = await reader.WithConfigurationsAsync([.. due.Select(d => d.Row)], cancel);
        return new EvaluationChunk(resources, last.Row is null ? null : new EvaluationCursor(last.Number, last.Row.ArnText));
    }

    /// <summary>The rows in the order of the query, with their numbers.</summary>
    private async Task<List<(ResourceItem Row, long Number)>> RowsAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel)
    {
        var hash = ResourceItem.HashKey(organization, accountService);
        var found = new List<(ResourceItem Row, long Number)>();
        if (query.Walk == EvaluationSelection.All)
        {
            await foreach (var item in store.Calls.QueryAllAsync(
                new ItemQuery(StoreTables.Resources, hash)
                {
                    Strong = true,
                    Limit = limit,
                    After = string.IsNullOrEmpty(after?.Arn) ? null : ResourceItem.KeyOf(organization, accountService, after.Arn).ToAttributes(),
                },
                cancel))
            {
                found.Add((new ResourceItem(organization, item), 0));
                if (found.Count == limit)
                {
                    break;
                }
            }

            return found;
        }

        var (index, number) = query.Walk == EvaluationSelection.Changed
            ? (Changed(organization, accountService, query.ChangedSince), ResourceItem.ChangeSeq)
            : (Due(organization, accountService) with { To = Text(query.Now.ToUnixTimeMilliseconds()) }, ResourceItem.NextDue);
        var keys = new List<(ItemKey Key, long Number)>();
        var next = index with { Limit = limit, After = StartOf(organization, accountService, after, number) };
        await foreach (var item in store.Calls.QueryAllAsync(next, cancel))
        {
            keys.Add((ItemKey.Of(StoreTables.Resources, item), item.RequiredNumber(number)));
            if (keys.Count == limit)
            {
                break;
            }
        }

        var items = keys.Count == 0 ? [] : await store.Calls.BatchGetAsync([.. keys.Select(k => k.Key)], strong: true, cancel);
        foreach (var (key, n) in keys)
        {
            if (items.TryGetValue(key, out var item))
            {
                found.Add((new ResourceItem(organization, item), n));
            }
        }

        return found;
    }

    /// <summary>The position of an index after the last chunk.</summary>
    private static Dictionary<string, Amazon.DynamoDBv2.Model.AttributeValue>? StartOf(
        string organization, string accountService, EvaluationCursor? after, string number)
    {
        if (after is null)
        {
            return null;
        }

        var start = ResourceItem.KeyOf(organization, accountService, after.Arn).ToAttributes();
        start[number] = Item.Value(after.Number);
        return start;
    }

    private async Task<IEnumerable<string>> TypesAsync(string organization, string accountService, CancellationToken cancel) =>
        (await store.ListAsync(
            new ItemQuery(StoreTables.State, ResourceWriter.PlacesOf(organization)) { Prefix = KeyText.Join(accountService, ""), Strong = true }, cancel))
        .Select(item => item.RequiredText(StoreTables.State.Range!)[(accountService.Length + 1)..]);

    private static ItemQuery Changed(string organization, string accountService, long since) =>
        new(StoreTables.Resources, ResourceItem.HashKey(organization, accountService))
        {
            Index = StoreTables.Resources.Index("ByChange"),
            From = Text(since + 1),
            Strong = true,
        };

    private static ItemQuery Due(string organization, string accountService) =>
        new(StoreTables.Resources, ResourceItem.HashKey(organization, accountService)) { Index = StoreTables.Resources.Index("ByDue"), Strong = true };

    /// <summary>Whether verdicts are missing, due, or based on another configuration or other policies.</summary>
    private static bool NeedsEvaluating(ResourceItem row, EvaluationQuery query)
    {
        if (row.Item.Text(ResourceItem.Evaluation) is not { } json)
        {
            return true;
        }

        var evaluation = Json.To<StoredEvaluation>(json);
        return evaluation.Hash != row.HashText
            || (evaluation.Fingerprint != query.Fingerprints[row.TypeText] && evaluation.Fingerprint != query.OrFingerprints?.GetValueOrDefault(row.TypeText))
            || row.Item.Number(ResourceItem.NextDue) <= query.Now.ToUnixTimeMilliseconds();
    }

    /// <summary>At least one, however large it is.</summary>
    private static (List<(ResourceItem Row, long Number)> Rows, bool All) WhatFits(List<(ResourceItem Row, long Number)> rows, int limit)
    {
        var fits = new List<(ResourceItem Row, long Number)>();
        var bytes = 0L;
        foreach (var row in rows)
        {
            bytes += row.Row.Size;
            if (fits.Count == limit || (fits.Count > 0 && bytes > BytesAtOnce))
            {
                return (fits, false);
            }

            fits.Add(row);
        }

        return (fits, true);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How far an account_service was evaluated.</summary>
/// <param name="Policies">When each was last evaluated over all of it.</param>
/// <param name="Types">The policies of the last complete evaluation of a type, and the last change that it included.</param>
internal sealed record EvaluatedRecord(IReadOnlyDictionary<string, DateTimeOffset> Policies, IReadOnlyDictionary<string, EvaluatedType> Types)
{
    public static readonly EvaluatedRecord None = new(new Dictionary<string, DateTimeOffset>(), new Dictionary<string, EvaluatedType>());

    public EvaluatedRecord With(EvaluatedUnit unit)
    {
        var (policies, types) = (new Dictionary<string, DateTimeOffset>(Policies), new Dictionary<string, EvaluatedType>(Types));
        foreach (var policyId in unit.PolicyIds)
        {
            policies[policyId] = policies.TryGetValue(policyId, out var at) && at > unit.At ? at : unit.At;
        }

        foreach (var (type, fingerprint) in unit.Fingerprints)
        {
            types[type] = new EvaluatedType(fingerprint, unit.Sequence);
        }

        return new EvaluatedRecord(policies, types);
    }
}

internal sealed record EvaluatedType(string Fingerprint, long Sequence);
