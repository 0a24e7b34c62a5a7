using System.Runtime.CompilerServices;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Findings;

/// <summary>The partitions of an index that hold the findings of a filter, merged into one list, newest first.</summary>
internal sealed class FindingSources(DynamoCalls calls, string organization, FindingFilter filter)
{
    private const int ReadAtOnce = 100;

    /// <summary>The findings that may match, in order.</summary>
    /// <param name="after">The <see cref="FindingItems.Order"/> after which they begin; null for all.</param>
    public async IAsyncEnumerable<(Finding Finding, string Order)> ReadAsync(string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sources = new List<IAsyncEnumerator<Item>>();
        var heads = new PriorityQueue<(IAsyncEnumerator<Item> Source, Item Item), string>(CodePoints.Order);
        try
        {
            foreach (var query in Queries(after))
            {
                var source = calls.QueryAllAsync(query, cancel).GetAsyncEnumerator(cancel);
                sources.Add(source);
                await PushAsync(source);
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

        async Task PushAsync(IAsyncEnumerator<Item> source)
        {
            if (await source.MoveNextAsync())
            {
                heads.Enqueue((source, source.Current), source.Current.RequiredText(FindingItems.Order));
            }
        }
    }

    private IEnumerable<ItemQuery> Queries(string? after)
    {
        var (from, to) = Range(after);
        return Partitions().Select(partition => new ItemQuery(StoreTables.Findings, partition.Hash)
        {
            Index = StoreTables.Findings.Index(partition.Index),
            From = from,
            To = to,
            Limit = ReadAtOnce,
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
