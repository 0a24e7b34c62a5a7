using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <content>
/// Lists. An error of a page or parent ends its own branch only: the rows of other branches are still returned, and the end reports that something is missing.
/// </content>
internal sealed partial class SourceRunner
{
    private const int ParallelParents = 16;

    /// <param name="source">The list, or a source that gives one resource.</param>
    /// <param name="from">The row to start from; null for none.</param>
    /// <param name="requestedId">The requested id; null in a scan.</param>
    /// <param name="sink">Receives the rows as they arrive, one call at a time.</param>
    public async Task<ListResult> ListAsync(
        CatalogSource source, JmesPathExpression? from, string? requestedId, Func<IReadOnlyList<ListedRow>, Task> sink)
    {
        using var run = new ListRun(requestedId, sink);
        var start = from is null ? Outcome.None : evaluator.Evaluate(from, JmesValue.Null, new Scope(unit.CallRegion, RequestedId: requestedId));
        run.Note(start.Error);
        IReadOnlyList<CatalogSource> links = source is SourceChain chain ? chain.Links : [source];
        var first = BatchSize(links[0]) is null ? start.Value : JmesValue.FromArray(Rows.Of(start.Value));
        await ListLinkAsync(links, 0, new ListedRow(first, DateTimeOffset.MaxValue, []), run);
        return run.Result;
    }

    private async Task ListLinkAsync(IReadOnlyList<CatalogSource> links, int link, ListedRow parent, ListRun run)
    {
        var isLast = link == links.Count - 1;
        await foreach (var page in LinkPagesAsync(links[link], Input(parent, run.RequestedId), isLast))
        {
            run.Note(page.Error, page.SentAt);
            var rows = await RowsAsync(links[link], page, parent, run.RequestedId);
            if (rows.Count == 0)
            {
                continue;
            }

            if (isLast)
            {
                await run.DeliverAsync(rows, cancel);
                continue;
            }

            var parents = BatchSize(links[link + 1]) is { } size
                ? rows.Chunk(size).Select(chunk => chunk[0] with { Value = JmesValue.FromArray(chunk.Select(row => row.Value)) })
                : rows;
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelParents, CancellationToken = cancel };
            await Parallel.ForEachAsync(parents, parallel, async (row, _) => await ListLinkAsync(links, link + 1, row, run));
        }
    }

    /// <summary>A row as the input of a step. Attributes of it that could not be read are unknown to the step's expressions.</summary>
    private StepInput Input(ListedRow row, string? requestedId)
    {
        var owner = new ResourceContext(row.Value, unit.CallRegion) { RequestedId = requestedId };
        foreach (var (attribute, error) in row.Errors)
        {
            owner.Fail(attribute, error);
        }

        return StepInput.Of(owner) with { IsWhole = requestedId is not null };
    }

    private IAsyncEnumerable<StepPage> LinkPagesAsync(CatalogSource link, StepInput input, bool isLast)
    {
        if (link is ExpressionSource expression)
        {
            var (value, error) = Evaluate(expression, input);
            return new[] { new StepPage(value, error) }.ToAsyncEnumerable();
        }

        // The input of a later link is often the same for several types (clusters, functions), so its response is shared, not paged.
        return link is SourceStep step
            ? PagesAsync(step, input, step.Limit, paged: isLast || !step.ReadsNoRow)
            : throw new InvalidOperationException($"{link.GetType().Name} is not a link.");
    }

    /// <summary>The rows of a page, described if the step says so.</summary>
    private async Task<IReadOnlyList<ListedRow>> RowsAsync(CatalogSource link, StepPage page, ListedRow parent, string? requestedId)
    {
        var sentAt = Older(parent.SentAt, page.SentAt);
        var rows = Rows.Of(page.Value);
        if (rows.Count == 0 || (link as SourceStep)?.DescribePlan is not { } plan)
        {
            return [.. rows.Select(row => parent with { Value = row, SentAt = sentAt })];
        }

        var contexts = rows.Select(row => new ResourceContext(row, page.Region!) { RequestedId = requestedId }).ToList();
        await DescribeAsync(plan, contexts);
        return [.. contexts.Select(context =>
            new ListedRow(context.Value, Older(sentAt, context.OldestSentAt), [.. parent.Errors, .. context.Failures]))];
    }

    private static DateTimeOffset Older(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;
}
