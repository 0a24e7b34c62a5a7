using System.Runtime.CompilerServices;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Findings;

/// <summary>The partitions of an index that hold the findings of a filter, merged into one list, newest first.</summary>
/// <param name="pageSize">How many are wanted at first; null for all.</param>
internal sealed class FindingSources(DynamoCalls calls, string organization, FindingFilter filter, int? pageSize = null)
{
    private const int ReadAtOnce = 100;
    private const int ReadAtLeast = 10;

    /// <summary>The findings that may match, in order.</summary>
    /// <param name="after">The <see cref="FindingItems.Order"/> after which they begin; null for all.</param>
    public async IAsyncEnumerable<(Finding Finding, string Order)> ReadAsync(string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sources = new List<IAsyncEnumerator<Item>>();
        var heads = new PriorityQueue<(IAsyncEnumerator<Item> Source, Item Item), string>(CodePoints.Order);
        try
        {
            sources.AddRange(Queries(after).Select(query => calls.QueryAllAsync(query, cancel).GetAsyncEnumerator(cancel)));
            foreach (var (source, hasAny) in sources.Zip(await Task.WhenAll(sources.Select(source => source.MoveNextAsync().AsTask()))))
            {
                Push(source, hasAny);
            }

            while (heads.TryDequeue(out var head, out var order))
            {
                await PushAsync(head.Source);
                if (order != after)
                {
                    yield return (FindingItems.ToFinding(organization, head.Item), order);
                }
            }
        }
        finally
        {
            foreach (var source in sources)
            {
                await source.DisposeAsync();
            }
        }

        async Task PushAsync(IAsyncEnumerator<Item> source) => Push(source, await source.MoveNextAsync());

        void Push(IAsyncEnumerator<Item> source, bool hasNext)
        {
            if (hasNext)
            {
                heads.Enqueue((source, source.Current), source.Current.RequiredText(FindingItems.Order));
            }
        }
    }

    private IEnumerable<ItemQuery> Queries(string? after)
    {
        var (from, to) = Range(after);
        var partitions = Partitions().ToList();
        // Those of a page are spread over the partitions: each needs to give about its part, and twice that rarely is too little.
        var atOnce = pageSize is { } size ? Math.Clamp(2 * (size + 1) / Math.Max(1, partitions.Count), ReadAtLeast, ReadAtOnce) : ReadAtOnce;
        return partitions.Select(partition => new ItemQuery(StoreTables.Findings, partition.Hash)
        {
            Index = StoreTables.Findings.Index(partition.Index),
            From = from,
            To = to,
            Limit = atOnce,
        });
    }

    private IEnumerable<(string Index, string Hash)> Partitions()
    {
        var states = States().ToList();
        return filter.AccountId is { } accountId
                ? states.Select(state => ("ByAccount", FindingItems.OfAccount(organization, accountId, state)))
            : filter.PolicyId is { } policyId
                ? states.Select(state => ("ByPolicy", FindingItems.OfPolicy(organization, policyId, state)))
            : filter.PolicyIds is { } policyIds
                ? policyIds.Distinct().SelectMany(id => states.Select(state => ("ByPolicy", FindingItems.OfPolicy(organization, id, state))))
            : states.SelectMany(state => Enumerable.Range(0, FindingItems.Shards)
                .Select(shard => ("ByOrganization", FindingItems.OfOrganization(organization, state, shard))));
    }

    private IEnumerable<FindingState> States() => Enum.GetValues<FindingState>().Where(state =>
        (filter.State is null || filter.State == state) && !(filter.WithoutSuppressed && state == FindingState.Suppressed)
        && (filter.Workflow is null || (filter.Workflow == Workflow.Resolved) == (state == FindingState.Resolved))
        && (filter.Overdue is null || state == FindingState.Active));

    /// <summary>The limits of the order, both inclusive.</summary>
    private (string From, string To) Range(string? after)
    {
        var newest = filter.FirstSeenTo is { } to ? KeyText.Descending(to.AddMilliseconds(-1)) : "0";
        var oldest = filter.FirstSeenFrom is { } from ? KeyText.Descending(from) + "~" : "~";
        return (after is null || CodePoints.CompareTexts(after, newest) < 0 ? newest : after, oldest);
    }
}
