using System.Collections.Concurrent;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>
/// Runs sources for many rows at once, so that rows can share calls (<c>match</c>, <c>batch</c>), and describes the rows that come out.
/// </summary>
internal sealed class SourceRunner(StepCaller caller, ExpressionEvaluator evaluator)
{
    private const int DefaultLimit = 10_000;
    private const int MaxLevels = 10;

    private readonly ConcurrentDictionary<(SourceStep, string, string), Lazy<Task<MatchIndex>>> _indexes = new();

    /// <summary>Computes attributes of all subjects, each after those that it reads.</summary>
    /// <param name="plan">The order.</param>
    /// <param name="subjects">Whose attributes.</param>
    /// <param name="wanted">Which attributes; null: all.</param>
    public async Task DescribeAsync(DescribePlan plan, IReadOnlyList<Subject> subjects, Func<PlannedAttribute, bool>? wanted = null)
    {
        var tasks = new Task[plan.Attributes.Count];
        for (var i = 0; i < tasks.Length; i++)
        {
            var planned = plan.Attributes[i];
            tasks[i] = wanted?.Invoke(planned) == false
                ? Task.CompletedTask
                : DescribeAttributeAsync(planned.Attribute, subjects, Task.WhenAll(planned.After.Select(before => tasks[before])));
        }

        await Task.WhenAll(tasks);
    }

    public async Task<Outcome[]> RunAsync(CatalogSource source, IReadOnlyList<Cell> cells) => source switch
    {
        ExpressionSource expression => [.. cells.Select(cell => evaluator.Evaluate(expression.Expression, cell.Row, cell.Scope() with { Outer = cell.Row }))],
        SourceStep step => await RunStepAsync(step, cells),
        SourceChain chain => await Task.WhenAll(cells.Select(cell => RunChainAsync(chain.Links, 0, cell))),
        _ => throw new InvalidOperationException($"{source.GetType().Name} is no source."),
    };

    private async Task DescribeAttributeAsync(AttributeDefinition attribute, IReadOnlyList<Subject> subjects, Task before)
    {
        await before;
        var outcomes = await RunAsync(attribute.Source, [.. subjects.Select(subject => Cell.Of(subject, attribute))]);
        for (var i = 0; i < subjects.Count; i++)
        {
            subjects[i].Accept(attribute, outcomes[i]);
        }
    }

    /// <summary>A list's rows go through the next link one by one, and what they give becomes one list; anything else goes through as it is.</summary>
    private async Task<Outcome> RunChainAsync(IReadOnlyList<CatalogSource> links, int link, Cell cell)
    {
        var outcome = (await RunAsync(links[link], [cell]))[0];
        if (link == links.Count - 1 || outcome.Value.IsNull)
        {
            return outcome;
        }

        if (outcome.Value.Kind is not JmesKind.Array)
        {
            var single = await RunChainAsync(links, link + 1, cell.With(outcome.Value));
            return single with { Trouble = outcome.Trouble ?? single.Trouble };
        }

        IEnumerable<JmesValue> rows = Rows.Of(outcome.Value);
        if (links[link + 1] is SourceStep { Batch: { } size })
        {
            rows = rows.Chunk(size).Select(chunk => JmesValue.FromArray(chunk));
        }

        var outcomes = await Task.WhenAll(rows.Select(row => RunChainAsync(links, link + 1, cell.With(row))));
        return new Outcome(Rows.Flatten(outcomes.Select(one => one.Value)), outcome.Trouble ?? FirstTrouble(outcomes));
    }

    private async Task<Outcome[]> RunStepAsync(SourceStep step, IReadOnlyList<Cell> cells)
    {
        var outcomes = new Outcome[cells.Count];
        var open = new List<(int Index, Cell Cell)>();
        for (var i = 0; i < cells.Count; i++)
        {
            var (call, trouble) = Prepare(step, cells[i]);
            outcomes[i] = new Outcome(JmesValue.Null, trouble);
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
            await Task.WhenAll(open.Select(async entry => outcomes[entry.Index] = await CallAsync(step, entry.Cell)));
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Limit(step, outcomes[i]);
        }

        if (step.DescribePlan is { } plan)
        {
            await DescribeRowsAsync(plan, cells, open.ToDictionary(entry => entry.Index, entry => entry.Cell.Region), outcomes);
        }

        return outcomes;
    }

    /// <summary>The cell with the region of its call; null: there is nothing to call.</summary>
    private (Cell? Cell, Trouble? Trouble) Prepare(SourceStep step, Cell cell)
    {
        if (step.When is { } when)
        {
            var outcome = evaluator.Evaluate(when, cell.Row, cell.Scope());
            if (outcome.Value.IsFalsy)
            {
                return (null, outcome.Trouble);
            }
        }

        var (region, trouble) = caller.Region(step, cell);
        return region is null ? (null, trouble) : (cell with { Region = region }, null);
    }

    private async Task<Outcome> CallAsync(SourceStep step, Cell cell)
    {
        var outcome = await caller.CallAsync(step, cell, cell.Region);
        return step.Repeat ? await RepeatAsync(step, cell, outcome) : outcome;
    }

    private async Task<Outcome> RepeatAsync(SourceStep step, Cell cell, Outcome first)
    {
        var all = new List<JmesValue>();
        var trouble = first.Trouble;
        IReadOnlyList<JmesValue> level = Rows.Of(first.Value);
        for (var depth = 1; level.Count > 0; depth++)
        {
            all.AddRange(level);
            if (depth == MaxLevels)
            {
                trouble ??= new Trouble(Trouble.Truncated, $"{step.Call} goes deeper than {MaxLevels} levels.");
                break;
            }

            var next = await Task.WhenAll(level.Select(row => caller.CallAsync(step, cell.With(row), cell.Region)));
            trouble ??= FirstTrouble(next);
            level = [.. next.SelectMany(outcome => Rows.Of(outcome.Value))];
        }

        return new Outcome(JmesValue.FromArray(all), trouble);
    }

    private async Task MatchAsync(SourceStep step, List<(int Index, Cell Cell)> open, Outcome[] outcomes)
    {
        foreach (var region in open.GroupBy(entry => entry.Cell.Region))
        {
            var groups = step.Batch is { } size ? region.Chunk(size) : [region.ToArray()];
            await Task.WhenAll(groups.Select(group => JoinAsync(step, region.Key, group, outcomes)));
        }
    }

    private async Task JoinAsync(SourceStep step, string region, (int Index, Cell Cell)[] group, Outcome[] outcomes)
    {
        // Parameters of a shared call read no row; those of a batch read the list of its rows.
        var rows = step.Batch is null ? JmesValue.Null : JmesValue.FromArray(group.Select(entry => entry.Cell.Row));
        var scope = new Scope(region, AskedId: group[0].Cell.Owner.Root.AskedId);
        var (parameters, trouble) = caller.Parameters(step, rows, scope);
        if (trouble is not null)
        {
            Array.ForEach(group, entry => outcomes[entry.Index] = new Outcome(JmesValue.Null, trouble));
            return;
        }

        var key = (step, region, parameters.ValueKind is System.Text.Json.JsonValueKind.Undefined ? "" : parameters.GetRawText());
        var index = await _indexes.GetOrAdd(key, _ => new Lazy<Task<MatchIndex>>(async () =>
            MatchIndex.Build(step, await caller.SharedAsync(step, region, parameters), evaluator, scope))).Value;
        if (step.Batch is not null && group.Length > 1 && index.Trouble is { Kind: AwsErrorKind.NotFound or AwsErrorKind.Denied or AwsErrorKind.Invalid })
        {
            // One bad row spoils the batch; alone, the others are still answered.
            await Task.WhenAll(group.Select(entry => JoinAsync(step, region, [entry], outcomes)));
            return;
        }

        foreach (var (i, cell) in group)
        {
            cell.Owner.Touch(index.SentAt);
            var mine = evaluator.Evaluate(step.Match!.Mine, cell.Owner.Value, cell.Scope() with { Unknown = cell.Owner.Unknown });
            outcomes[i] = mine.Trouble is not null ? mine
                : index.Trouble is not null ? new Outcome(JmesValue.Null, index.Trouble)
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

        var trouble = new Trouble(Trouble.Truncated, $"{step.Call} gave {outcome.Value.Count} rows; {limit} are kept.");
        return new Outcome(JmesValue.FromArray(outcome.Value.Items().Take(limit)), outcome.Trouble ?? trouble);
    }

    /// <summary>Describes the rows inside the outcomes; a failure in there makes the attribute unknown and keeps what is known.</summary>
    private async Task DescribeRowsAsync(DescribePlan plan, IReadOnlyList<Cell> cells, Dictionary<int, string> regions, Outcome[] outcomes)
    {
        var rows = new List<(int Outcome, Subject Row)>();
        foreach (var (i, region) in regions)
        {
            rows.AddRange(Rows.Of(outcomes[i].Value)
                .Where(row => row.Kind is JmesKind.Object)
                .Select(row => (i, new Subject(row, region, cells[i].Owner.Root))));
        }

        await DescribeAsync(plan, [.. rows.Select(entry => entry.Row)]);
        foreach (var group in rows.GroupBy(entry => entry.Outcome))
        {
            var outcome = outcomes[group.Key];
            var described = new Queue<Subject>(group.Select(entry => entry.Row));
            JmesValue Replace(JmesValue row) => row.Kind is JmesKind.Object ? WithoutHelpers(plan, described.Dequeue().Value) : row;
            var value = outcome.Value.Kind is JmesKind.Array
                ? JmesValue.FromArray(Rows.Of(outcome.Value).Select(Replace).ToList())
                : Replace(outcome.Value);
            outcomes[group.Key] = new Outcome(
                value, outcome.Trouble ?? group.SelectMany(entry => entry.Row.Failures).Select(failure => failure.Trouble).FirstOrDefault());
        }
    }

    private static JmesValue WithoutHelpers(DescribePlan plan, JmesValue row)
    {
        var helpers = plan.Attributes.Where(planned => planned.Attribute.IsHelper).Select(planned => planned.Attribute.Name).ToHashSet();
        return helpers.Count == 0 ? row : JmesValue.FromObject(row.Members().Where(member => !helpers.Contains(member.Key)));
    }

    private static Trouble? FirstTrouble(IEnumerable<Outcome> outcomes) =>
        outcomes.Select(outcome => outcome.Trouble).FirstOrDefault(trouble => trouble is not null);
}
