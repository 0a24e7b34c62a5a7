using System.Collections.Concurrent;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Interprets sources. Attributes are read for many rows at once, so that rows can share calls (<c>match</c>, <c>batch</c>); lists are read page by page, so
/// that an account with a million rows needs the memory of one page.
/// </summary>
internal sealed partial class SourceRunner(UnitContext unit, StepCaller caller, ExpressionEvaluator evaluator, CancellationToken cancel)
{
    /// <summary>The maximum number of rows of an attribute without <c>limit</c>.</summary>
    private const int DefaultLimit = 10_000;

    private const int MaxLevels = 10;

    /// <summary>From so many calls of one step on, the first is sent alone: if it is refused for good, the others are not sent.</summary>
    private const int ManyCalls = 16;

    private readonly ConcurrentDictionary<(SourceStep, string, string), Lazy<Task<MatchIndex>>> _indexes = new();

    /// <summary>Computes attributes of all contexts, each after those that it reads.</summary>
    /// <param name="plan">The order.</param>
    /// <param name="contexts">The resources or rows.</param>
    /// <param name="wanted">Selects attributes; null for all.</param>
    public async Task DescribeAsync(DescribePlan plan, IReadOnlyList<ResourceContext> contexts, Func<PlannedAttribute, bool>? wanted = null)
    {
        var tasks = new Task[plan.Attributes.Count];
        for (var i = 0; i < tasks.Length; i++)
        {
            var planned = plan.Attributes[i];
            tasks[i] = wanted?.Invoke(planned) == false
                ? Task.CompletedTask
                : DescribeAttributeAsync(planned.Attribute, contexts, Task.WhenAll(planned.After.Select(before => tasks[before])));
        }

        await Task.WhenAll(tasks);
    }

    public async Task<Outcome[]> RunAsync(CatalogSource source, IReadOnlyList<StepInput> inputs) => source switch
    {
        ExpressionSource expression => [.. inputs.Select(input => Evaluate(expression, input))],
        SourceStep step => await RunStepAsync(step, inputs),
        SourceChain chain => await Task.WhenAll(inputs.Select(input => RunChainAsync(chain.Links, 0, input))),
        _ => throw new InvalidOperationException($"{source.GetType().Name} is not a source."),
    };

    private Outcome Evaluate(ExpressionSource source, StepInput input) =>
        evaluator.Evaluate(source.Expression, input.Row, input.Scope() with { Outer = input.Row });

    private async Task DescribeAttributeAsync(AttributeDefinition attribute, IReadOnlyList<ResourceContext> contexts, Task before)
    {
        await before;
        var outcomes = await RunAsync(attribute.Source, [.. contexts.Select(context => StepInput.Of(context, attribute))]);
        for (var i = 0; i < contexts.Count; i++)
        {
            contexts[i].Accept(attribute, outcomes[i]);
        }
    }

    /// <summary>The rows of a list go through the next link one by one and the results are concatenated; any other value goes through as it is.</summary>
    private async Task<Outcome> RunChainAsync(IReadOnlyList<CatalogSource> links, int link, StepInput input)
    {
        var outcome = (await RunAsync(links[link], [input]))[0];
        if (link == links.Count - 1 || outcome.Value.IsNull)
        {
            return outcome;
        }

        if (outcome.Value.Kind is not JmesKind.Array)
        {
            var single = await RunChainAsync(links, link + 1, input.With(outcome.Value));
            return single with { Error = outcome.Error ?? single.Error };
        }

        var rows = BatchSize(links[link + 1]) is { } size
            ? Rows.Of(outcome.Value).Chunk(size).Select(chunk => JmesValue.FromArray(chunk))
            : Rows.Of(outcome.Value);
        var outcomes = await Task.WhenAll(rows.Select(row => RunChainAsync(links, link + 1, input.With(row))));
        return new Outcome(Rows.Flatten(outcomes.Select(one => one.Value)), outcome.Error ?? FirstError(outcomes.Select(one => one.Error)));
    }

    private async Task<Outcome[]> RunStepAsync(SourceStep step, IReadOnlyList<StepInput> inputs)
    {
        var results = step.Match is null
            ? await EachAsync(step, inputs)
            : await MatchAsync(step, inputs);
        var outcomes = results.Select(result => new Outcome(result.Value, result.Error)).ToArray();
        if (step.DescribePlan is { } plan)
        {
            await DescribeRowsAsync(plan, inputs, results, outcomes);
        }

        return outcomes;
    }

    private async Task<StepPage[]> EachAsync(SourceStep step, IReadOnlyList<StepInput> inputs)
    {
        if (step.Call is null || inputs.Count < ManyCalls)
        {
            return await Task.WhenAll(inputs.Select(input => WholeAsync(step, input)));
        }

        var first = await WholeAsync(step, inputs[0]);
        return [first, .. await Task.WhenAll(inputs.Skip(1).Select(input => WholeAsync(step, input)))];
    }

    /// <summary>All that a step returns for one input; with <c>repeat</c>, the rows of all levels.</summary>
    private async Task<StepPage> WholeAsync(SourceStep step, StepInput input)
    {
        var pages = await PagesAsync(step, input, step.Limit ?? DefaultLimit, paged: false).ToListAsync(cancel);
        return step.Repeat && pages[0].Region is not null
            ? pages[0] with { Value = Rows.Flatten(pages.Select(page => page.Value)), Error = FirstError(pages.Select(page => page.Error)) }
            : pages[0];
    }

    /// <summary>
    /// What a step returns for one input, at least one page: <c>when</c>, <c>at</c>, the call, <c>select</c>, <c>limit</c>, and <c>repeat</c> level by level.
    /// </summary>
    /// <param name="step">A step without <c>match</c>.</param>
    /// <param name="input">Its row.</param>
    /// <param name="limit">The maximum number of rows; null for no limit.</param>
    /// <param name="paged">True for the pages as they arrive, false for a merged response.</param>
    private async IAsyncEnumerable<StepPage> PagesAsync(SourceStep step, StepInput input, int? limit, bool paged)
    {
        var (ready, error) = Prepare(step, input);
        if (ready is null)
        {
            yield return new StepPage(JmesValue.Null, error);
            yield break;
        }

        var taken = 0;
        List<StepInput> level = [ready];
        for (var depth = 1; level.Count > 0; depth++)
        {
            if (depth > MaxLevels)
            {
                yield return new StepPage(JmesValue.Null, new CollectionError(CollectionError.Truncated, $"{step.Call} goes deeper than {MaxLevels} levels."));
                yield break;
            }

            var below = new List<StepInput>();
            foreach (var parent in level)
            {
                await foreach (var page in caller.PagesAsync(step, parent, paged, cancel))
                {
                    var (part, isCut) = Limit(step, page, limit - taken);
                    yield return part;
                    if (isCut)
                    {
                        yield break;
                    }

                    var rows = Rows.Of(part.Value);
                    taken += rows.Count;
                    if (step.Repeat)
                    {
                        below.AddRange(rows.Select(ready.With));
                    }
                }
            }

            level = below;
        }
    }

    /// <summary>The input with the region of its call; null if there is nothing to call.</summary>
    private (StepInput? Input, CollectionError? Error) Prepare(SourceStep step, StepInput input)
    {
        if (step.When is { } when)
        {
            var outcome = evaluator.Evaluate(when, input.Row, input.Scope());
            if (outcome.Value.IsFalsy)
            {
                return (null, outcome.Error);
            }
        }

        if (step.Unless is { } unless && evaluator.Evaluate(unless, input.Row, input.Scope()) is { Error: null, Value.IsTruthy: true })
        {
            return (null, null);
        }

        var (region, error) = caller.Region(step, input);
        return region is null ? (null, error) : (input with { Region = region }, null);
    }

    private static (StepPage Page, bool IsCut) Limit(SourceStep step, StepPage page, int? limit)
    {
        if (page.Value.Kind is not JmesKind.Array || limit is not { } most || page.Value.Count <= most)
        {
            return (page, false);
        }

        var error = new CollectionError(CollectionError.Truncated, $"{step.Call} returned more than {most} rows.");
        return (page with { Value = JmesValue.FromArray(page.Value.Items().Take(most)), Error = page.Error ?? error }, true);
    }

    private async Task<StepPage[]> MatchAsync(SourceStep step, IReadOnlyList<StepInput> inputs)
    {
        var results = new StepPage[inputs.Count];
        var open = new List<(int Index, StepInput Input)>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var (ready, error) = Prepare(step, inputs[i]);
            results[i] = new StepPage(JmesValue.Null, error);
            if (ready is not null)
            {
                open.Add((i, ready));
            }
        }

        foreach (var region in open.GroupBy(entry => entry.Input.Region))
        {
            var groups = step.Batch is { } size ? region.Chunk(size) : [region.ToArray()];
            await Task.WhenAll(groups.Select(group => JoinAsync(step, region.Key, group, results)));
        }

        return results;
    }

    private async Task JoinAsync(SourceStep step, string region, (int Index, StepInput Input)[] group, StepPage[] results)
    {
        // The parameters of a shared call do not depend on a row; those of a batch depend on the list of its rows.
        var rows = step.Batch is null ? JmesValue.Null : JmesValue.FromArray(group.Select(entry => entry.Input.Row));
        var scope = new Scope(region, RequestedId: group[0].Input.Owner.Root.RequestedId);
        var (parameters, error) = caller.Parameters(step, rows, scope);
        if (error is not null)
        {
            Array.ForEach(group, entry => results[entry.Index] = new StepPage(JmesValue.Null, error, Region: region));
            return;
        }

        var key = (step, region, parameters.ValueKind is System.Text.Json.JsonValueKind.Undefined ? "" : parameters.GetRawText());
        var index = await _indexes.GetOrAdd(key, _ => new Lazy<Task<MatchIndex>>(async () =>
            MatchIndex.Build(step, await caller.SharedAsync(step, region, parameters), evaluator, scope))).Value;
        if (step.Batch is not null && group.Length > 1 && index.Error is { Kind: AwsErrorKind.NotFound or AwsErrorKind.Denied or AwsErrorKind.Invalid })
        {
            // One invalid row fails the whole batch; individually, the others succeed.
            await Task.WhenAll(group.Select(entry => JoinAsync(step, region, [entry], results)));
            return;
        }

        foreach (var (i, input) in group)
        {
            input.Owner.Touch(index.SentAt);
            var mine = evaluator.Evaluate(step.Match!.Mine, input.Owner.Value, input.Scope() with { Unknown = input.Owner.Unknown });
            var found = mine.Error is not null ? new StepPage(mine.Value, mine.Error, index.SentAt, region)
                : index.Error is not null ? new StepPage(JmesValue.Null, index.Error, index.SentAt, region)
                : new StepPage(index.Find(mine.Value), null, index.SentAt, region);
            results[i] = Limit(step, found, step.Limit ?? DefaultLimit).Page;
        }
    }

    /// <summary>Describes the rows inside the results; an error makes the attribute unknown and keeps the known part.</summary>
    private async Task DescribeRowsAsync(DescribePlan plan, IReadOnlyList<StepInput> inputs, StepPage[] results, Outcome[] outcomes)
    {
        var rows = new List<(int Outcome, ResourceContext Row)>();
        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Region is { } region)
            {
                rows.AddRange(Rows.Of(results[i].Value)
                    .Where(row => row.Kind is JmesKind.Object)
                    .Select(row => (i, new ResourceContext(row, region, inputs[i].Owner.Root))));
            }
        }

        await DescribeAsync(plan, [.. rows.Select(entry => entry.Row)]);
        foreach (var group in rows.GroupBy(entry => entry.Outcome))
        {
            var outcome = outcomes[group.Key];
            var described = new Queue<ResourceContext>(group.Select(entry => entry.Row));
            JmesValue Replace(JmesValue row) => row.Kind is JmesKind.Object ? WithoutHelpers(plan, described.Dequeue().Value) : row;
            var value = outcome.Value.Kind is JmesKind.Array
                ? JmesValue.FromArray(Rows.Of(outcome.Value).Select(Replace).ToList())
                : Replace(outcome.Value);
            outcomes[group.Key] = new Outcome(
                value, outcome.Error ?? group.SelectMany(entry => entry.Row.Failures).Select(failure => failure.Error).FirstOrDefault());
        }
    }

    private static JmesValue WithoutHelpers(DescribePlan plan, JmesValue row)
    {
        var helpers = plan.Attributes.Where(planned => planned.Attribute.IsHelper).Select(planned => planned.Attribute.Name).ToHashSet();
        return helpers.Count == 0 ? row : JmesValue.FromObject(row.Members().Where(member => !helpers.Contains(member.Key)));
    }

    /// <summary>How many rows a link takes at once; null for one.</summary>
    private static int? BatchSize(CatalogSource link) => (link as SourceStep)?.Batch;

    private static CollectionError? FirstError(IEnumerable<CollectionError?> errors) => errors.FirstOrDefault(error => error is not null);
}
