using System.Collections.Concurrent;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Runs sources for many rows at once, so that rows can share calls (<c>match</c>, <c>batch</c>), and describes the resulting rows.
/// </summary>
internal sealed class SourceRunner(StepCaller caller, ExpressionEvaluator evaluator)
{
    private const int DefaultLimit = 10_000;
    private const int MaxLevels = 10;

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
        ExpressionSource expression =>
            [.. inputs.Select(input => evaluator.Evaluate(expression.Expression, input.Row, input.Scope() with { Outer = input.Row }))],
        SourceStep step => await RunStepAsync(step, inputs),
        SourceChain chain => await Task.WhenAll(inputs.Select(input => RunChainAsync(chain.Links, 0, input))),
        _ => throw new InvalidOperationException($"{source.GetType().Name} is no source."),
    };

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

        IEnumerable<JmesValue> rows = Rows.Of(outcome.Value);
        if (links[link + 1] is SourceStep { Batch: { } size })
        {
            rows = rows.Chunk(size).Select(chunk => JmesValue.FromArray(chunk));
        }

        var outcomes = await Task.WhenAll(rows.Select(row => RunChainAsync(links, link + 1, input.With(row))));
        return new Outcome(Rows.Flatten(outcomes.Select(one => one.Value)), outcome.Error ?? FirstError(outcomes));
    }

    private async Task<Outcome[]> RunStepAsync(SourceStep step, IReadOnlyList<StepInput> inputs)
    {
        var outcomes = new Outcome[inputs.Count];
        var open = new List<(int Index, StepInput Input)>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var (call, problem) = Prepare(step, inputs[i]);
            outcomes[i] = new Outcome(JmesValue.Null, problem);
            if (call is not null)
            {
                open.Add((i, call));
            }
        }

        if (step.Match is not null)
        {
            await MatchAsync(step, open, outcomes);
        }
        else
        {
            await Task.WhenAll(open.Select(async entry => outcomes[entry.Index] = await CallAsync(step, entry.Input)));
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Limit(step, outcomes[i]);
        }

        if (step.DescribePlan is { } plan)
        {
            await DescribeRowsAsync(plan, inputs, open.ToDictionary(entry => entry.Index, entry => entry.Input.Region), outcomes);
        }

        return outcomes;
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

        var (region, problem) = caller.Region(step, input);
        return region is null ? (null, problem) : (input with { Region = region }, null);
    }

    private async Task<Outcome> CallAsync(SourceStep step, StepInput input)
    {
        var outcome = await caller.CallAsync(step, input, input.Region);
        return step.Repeat ? await RepeatAsync(step, input, outcome) : outcome;
    }

    private async Task<Outcome> RepeatAsync(SourceStep step, StepInput input, Outcome first)
    {
        var all = new List<JmesValue>();
        var problem = first.Error;
        IReadOnlyList<JmesValue> level = Rows.Of(first.Value);
        for (var depth = 1; level.Count > 0; depth++)
        {
            all.AddRange(level);
            if (depth == MaxLevels)
            {
                problem ??= new CollectionError(CollectionError.Truncated, $"{step.Call} goes deeper than {MaxLevels} levels.");
                break;
            }

            var next = await Task.WhenAll(level.Select(row => caller.CallAsync(step, input.With(row), input.Region)));
            problem ??= FirstError(next);
            level = [.. next.SelectMany(outcome => Rows.Of(outcome.Value))];
        }

        return new Outcome(JmesValue.FromArray(all), problem);
    }

    private async Task MatchAsync(SourceStep step, List<(int Index, StepInput Input)> open, Outcome[] outcomes)
    {
        foreach (var region in open.GroupBy(entry => entry.Input.Region))
        {
            var groups = step.Batch is { } size ? region.Chunk(size) : [region.ToArray()];
            await Task.WhenAll(groups.Select(group => JoinAsync(step, region.Key, group, outcomes)));
        }
    }

    private async Task JoinAsync(SourceStep step, string region, (int Index, StepInput Input)[] group, Outcome[] outcomes)
    {
        // The parameters of a shared call do not depend on a row; those of a batch depend on the list of its rows.
        var rows = step.Batch is null ? JmesValue.Null : JmesValue.FromArray(group.Select(entry => entry.Input.Row));
        var scope = new Scope(region, AskedId: group[0].Input.Owner.Root.AskedId);
        var (parameters, problem) = caller.Parameters(step, rows, scope);
        if (problem is not null)
        {
            Array.ForEach(group, entry => outcomes[entry.Index] = new Outcome(JmesValue.Null, problem));
            return;
        }

        var key = (step, region, parameters.ValueKind is System.Text.Json.JsonValueKind.Undefined ? "" : parameters.GetRawText());
        var index = await _indexes.GetOrAdd(key, _ => new Lazy<Task<MatchIndex>>(async () =>
            MatchIndex.Build(step, await caller.SharedAsync(step, region, parameters), evaluator, scope))).Value;
        if (step.Batch is not null && group.Length > 1 && index.Error is { Kind: AwsErrorKind.NotFound or AwsErrorKind.Denied or AwsErrorKind.Invalid })
        {
            // One invalid row fails the whole batch; individually, the others succeed.
            await Task.WhenAll(group.Select(entry => JoinAsync(step, region, [entry], outcomes)));
            return;
        }

        foreach (var (i, input) in group)
        {
            input.Owner.Touch(index.SentAt);
            var mine = evaluator.Evaluate(step.Match!.Mine, input.Owner.Value, input.Scope() with { Unknown = input.Owner.Unknown });
            outcomes[i] = mine.Error is not null ? mine
                : index.Error is not null ? new Outcome(JmesValue.Null, index.Error)
                : new Outcome(index.Find(mine.Value));
        }
    }

    private static Outcome Limit(SourceStep step, Outcome outcome)
    {
        var limit = step.Limit ?? DefaultLimit;
        if (outcome.Value.Kind is not JmesKind.Array || outcome.Value.Count <= limit)
        {
            return outcome;
        }

        var problem = new CollectionError(CollectionError.Truncated, $"{step.Call} gave {outcome.Value.Count} rows; {limit} are kept.");
        return new Outcome(JmesValue.FromArray(outcome.Value.Items().Take(limit)), outcome.Error ?? problem);
    }

    /// <summary>Describes the rows inside the results; an error makes the attribute unknown and keeps the known part.</summary>
    private async Task DescribeRowsAsync(DescribePlan plan, IReadOnlyList<StepInput> inputs, Dictionary<int, string> regions, Outcome[] outcomes)
    {
        var rows = new List<(int Outcome, ResourceContext Row)>();
        foreach (var (i, region) in regions)
        {
            rows.AddRange(Rows.Of(outcomes[i].Value)
                .Where(row => row.Kind is JmesKind.Object)
                .Select(row => (i, new ResourceContext(row, region, inputs[i].Owner.Root))));
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

    private static CollectionError? FirstError(IEnumerable<Outcome> outcomes) =>
        outcomes.Select(outcome => outcome.Error).FirstOrDefault(problem => problem is not null);
}
