using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>A row of a list, with the send time of the oldest call behind it and its errors.</summary>
internal sealed record ListedRow(JmesValue Value, DateTimeOffset SentAt, IReadOnlyList<(string Attribute, CollectionError Error)> Errors);

/// <summary>The end of a list.</summary>
/// <param name="Began">When its first call was sent; null if there was none.</param>
/// <param name="Error">The first error; null if it is complete.</param>
internal sealed record ListResult(DateTimeOffset? Began, CollectionError? Error);

/// <summary>
/// Runs a source page by page, so that an account with a million rows needs the memory of one page. An error of a page or parent ends its own branch only: the
/// rows of other branches are still returned, and the end reports that something is missing.
/// </summary>
internal sealed class ListRunner(
    UnitContext unit, StepCaller caller, SourceRunner runner, ExpressionEvaluator evaluator, string? askedId, CancellationToken cancel)
    : IDisposable
{
    private const int ParallelParents = 8;
    private const int MaxLevels = 10;

    private readonly SemaphoreSlim _sinkDoor = new(1);
    private readonly Lock _lock = new();
    private Func<IReadOnlyList<ListedRow>, Task> _sink = _ => Task.CompletedTask;
    private DateTimeOffset? _began;
    private CollectionError? _problem;

    public void Dispose() => _sinkDoor.Dispose();

    /// <param name="source">The list, or a source that gives one resource.</param>
    /// <param name="from">The row to start from; null for none.</param>
    /// <param name="sink">Receives the rows as they arrive, one call at a time.</param>
    public async Task<ListResult> RunAsync(CatalogSource source, JmesPathExpression? from, Func<IReadOnlyList<ListedRow>, Task> sink)
    {
        _sink = sink;
        var start = from is null ? new Outcome(JmesValue.Null) : evaluator.Evaluate(from, JmesValue.Null, Scope());
        Note(start.Error);
        IReadOnlyList<CatalogSource> links = source is SourceChain chain ? chain.Links : [source];
        var first = links[0] is SourceStep { Batch: not null } ? JmesValue.FromArray(Rows.Of(start.Value)) : start.Value;
        await RunLinkAsync(links, 0, new ListedRow(first, DateTimeOffset.MaxValue, []));
        return new ListResult(_began, _problem);
    }

    private Scope Scope(string? region = null, JmesValue outer = default) => new(region ?? unit.CallRegion, Outer: outer, AskedId: askedId);

    private async Task RunLinkAsync(IReadOnlyList<CatalogSource> links, int link, ListedRow parent)
    {
        switch (links[link])
        {
            case ExpressionSource expression:
                var outcome = evaluator.Evaluate(expression.Expression, parent.Value, Scope());
                Note(outcome.Error);
                await PassOnAsync(links, link, [.. Rows.Of(outcome.Value).Select(row => parent with { Value = row })]);
                break;
            case SourceStep step:
                await RunStepAsync(links, link, step, parent, 1);
                break;
            default:
                throw new InvalidOperationException($"{links[link].GetType().Name} is no link.");
        }
    }

    private async Task RunStepAsync(IReadOnlyList<CatalogSource> links, int link, SourceStep step, ListedRow parent, int level)
    {
        if (step.When is { } when)
        {
            var outcome = evaluator.Evaluate(when, parent.Value, Scope());
            Note(outcome.Error);
            if (outcome.Value.IsFalsy)
            {
                return;
            }
        }

        var owner = new ResourceContext(parent.Value, unit.CallRegion) { AskedId = askedId };
        var (region, problem) = caller.Region(step, StepInput.Of(owner));
        Note(problem);
        if (region is null)
        {
            return;
        }

        var taken = 0;
        await foreach (var answer in AnswersAsync(step, owner, region, isLast: link == links.Count - 1))
        {
            if (answer.SentAt is { } sentAt)
            {
                NoteBegan(sentAt);
            }

            if (askedId is not null && unit.Calls.IsWithoutSelected(step, answer.Content))
            {
                Note(CollectionError.Unreadable(step.Call!, answer.SentAt));
                return;
            }

            var selected = Select(step, answer, region, parent.Value);
            Note(selected.Error);
            var rows = Rows.Of(selected.Value);
            if (step.Limit is { } limit && taken + rows.Count > limit)
            {
                rows = [.. rows.Take(limit - taken)];
                Note(new CollectionError(CollectionError.Truncated, $"{step.Call} gave more than {limit} rows."));
            }

            taken += rows.Count;
            var listed = await DescribeAsync(step, region, [.. rows.Select(row => parent with { Value = row, SentAt = Older(parent.SentAt, answer.SentAt) })]);
            await PassOnAsync(links, link, listed);
            if (step.Repeat)
            {
                await GoDownAsync(links, link, step, listed, level);
            }

            if (taken == step.Limit)
            {
                return;
            }
        }
    }

    /// <summary>Pages, or one response if the step needs all of it.</summary>
    private async IAsyncEnumerable<(JmesValue Content, DateTimeOffset? SentAt)> AnswersAsync(SourceStep step, ResourceContext owner, string region, bool isLast)
    {
        if (step.Call is null)
        {
            yield return (owner.Row, null);
            yield break;
        }

        var (parameters, problem) = caller.Parameters(step, owner.Row, Scope(region));
        if (problem is not null)
        {
            Note(problem);
            yield break;
        }

        // The input of a later link is often the same for several types (clusters, functions), so the response is shared.
        if (step.Until is not null || (!isLast && step.ReadsNoRow))
        {
            var whole = await caller.SendAsync(step, region, parameters, StepInput.Of(owner));
            NoteBegan(whole.SentAt);
            if (!NoteError(step, whole.Error, whole.SentAt))
            {
                yield return (whole.Content, whole.SentAt);
            }

            yield break;
        }

        await foreach (var page in unit.Calls.PagesAsync(step.Call, region, parameters, cancel))
        {
            NoteBegan(page.SentAt);
            if (NoteError(step, page.Error, page.SentAt))
            {
                yield break;
            }

            yield return (page.Content, page.SentAt);
        }
    }

    private Outcome Select(SourceStep step, (JmesValue Content, DateTimeOffset? SentAt) answer, string region, JmesValue row) =>
        step.Select is null ? new Outcome(answer.Content) : evaluator.Evaluate(step.Select, answer.Content, Scope(region, row));

    private async Task<IReadOnlyList<ListedRow>> DescribeAsync(SourceStep step, string region, IReadOnlyList<ListedRow> rows)
    {
        if (step.DescribePlan is not { } plan || rows.Count == 0)
        {
            return rows;
        }

        var contexts = rows.Select(row => new ResourceContext(row.Value, region) { AskedId = askedId }).ToList();
        await runner.DescribeAsync(plan, contexts);
        return [.. rows.Zip(contexts, (row, context) => new ListedRow(
            context.Value, Older(row.SentAt, context.OldestSentAt), [.. row.Errors, .. context.Failures]))];
    }

    private async Task GoDownAsync(IReadOnlyList<CatalogSource> links, int link, SourceStep step, IReadOnlyList<ListedRow> rows, int level)
    {
        if (rows.Count > 0 && level >= MaxLevels)
        {
            Note(new CollectionError(CollectionError.Truncated, $"{step.Call} goes deeper than {MaxLevels} levels."));
            return;
        }

        foreach (var row in rows)
        {
            await RunStepAsync(links, link, step, row, level + 1);
        }
    }

    private async Task PassOnAsync(IReadOnlyList<CatalogSource> links, int link, IReadOnlyList<ListedRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        if (link == links.Count - 1)
        {
            await _sinkDoor.WaitAsync(cancel);
            try
            {
                await _sink(rows);
            }
            finally
            {
                _sinkDoor.Release();
            }

            return;
        }

        var parents = rows;
        if (links[link + 1] is SourceStep { Batch: { } size })
        {
            parents = [.. rows.Chunk(size).Select(chunk => chunk[0] with { Value = JmesValue.FromArray(chunk.Select(row => row.Value)) })];
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelParents, CancellationToken = cancel };
        await Parallel.ForEachAsync(parents, parallel, async (parent, _) => await RunLinkAsync(links, link + 1, parent));
    }

    /// <summary>Returns true if there is no response.</summary>
    private bool NoteError(SourceStep step, AwsError? error, DateTimeOffset sentAt)
    {
        if (error is null)
        {
            return false;
        }

        if (!StepCaller.IsAbsent(step, error))
        {
            Note(CollectionError.Of(error, sentAt));
        }

        return true;
    }

    private void Note(CollectionError? problem)
    {
        lock (_lock)
        {
            _problem ??= problem;
        }
    }

    private void NoteBegan(DateTimeOffset sentAt)
    {
        lock (_lock)
        {
            _began = _began is { } began ? Older(began, sentAt) : sentAt;
        }
    }

    private static DateTimeOffset Older(DateTimeOffset a, DateTimeOffset? b) => b < a ? b.Value : a;
}
