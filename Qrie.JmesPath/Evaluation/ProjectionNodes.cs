using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Evaluation;

/// <summary>Evaluates its body for every element of the source and omits nulls.</summary>
internal abstract class ProjectionNode : Node
{
    private readonly bool _identity;

    protected ProjectionNode(int position, Node source, Node body, params ReadOnlySpan<Node> others)
        : base(position, [source, body, .. others])
    {
        Source = source;
        Body = body;
        _identity = body is CurrentNode;
    }

    public Node Source { get; }

    public Node Body { get; }

    /// <summary>Adds the result of the body for one element.</summary>
    protected void Add(ref ArrayBuilder results, in JmesValue item, EvaluationState state)
    {
        if (item.IsNull)
        {
            return; // any body is null for null
        }

        var result = _identity ? item : Body.Evaluate(item, state);
        if (!result.IsNull)
        {
            results.Add(result);
        }
    }

    /// <summary>The result for a source of the wrong kind, which depends on that kind.</summary>
    protected static JmesValue NotApplicable(in JmesValue source, EvaluationState state)
    {
        state.Trace?.ReadWhole(source);
        return default;
    }

    protected void Step(EvaluationState state)
    {
        state.Position = Position;
        state.Charge(Weight);
    }
}

/// <summary><c>source[*]</c></summary>
internal sealed class ListProjectionNode(int position, Node source, Node body) : ProjectionNode(position, source, body)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var array = Source.Evaluate(current, state);
        if (array.Kind is not JmesKind.Array)
        {
            return NotApplicable(array, state);
        }

        var results = new ArrayBuilder();
        foreach (var item in array.EnumerateArray())
        {
            Step(state);
            Add(ref results, item, state);
        }

        return state.Built(results.ToValue());
    }
}

/// <summary><c>source.*</c></summary>
internal sealed class ObjectProjectionNode(int position, Node source, Node body) : ProjectionNode(position, source, body)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var source = Source.Evaluate(current, state);
        if (source.Kind is not JmesKind.Object)
        {
            return NotApplicable(source, state);
        }

        var results = new ArrayBuilder();
        var members = source.EnumerateObject();
        while (members.MoveNext())
        {
            Step(state);
            Add(ref results, members.CurrentValue, state);
        }

        return state.Built(results.ToValue());
    }
}

/// <summary><c>source[?condition]</c>: tests and projects in one pass, without an intermediate list of the matches.</summary>
internal sealed class FilterProjectionNode(int position, Node source, Node condition, Node body)
    : ProjectionNode(position, source, body, condition)
{
    public Node Condition { get; } = condition;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var array = Source.Evaluate(current, state);
        if (array.Kind is not JmesKind.Array)
        {
            return NotApplicable(array, state);
        }

        var results = new ArrayBuilder();
        foreach (var item in array.EnumerateArray())
        {
            Step(state);
            if (Condition.Test(item, state))
            {
                Add(ref results, item, state);
            }
        }

        return state.Built(results.ToValue());
    }
}

/// <summary><c>source[]</c>: flattens lists within the list by one level.</summary>
internal sealed class FlattenProjectionNode(int position, Node source, Node body) : ProjectionNode(position, source, body)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var array = Source.Evaluate(current, state);
        if (array.Kind is not JmesKind.Array)
        {
            return NotApplicable(array, state);
        }

        var results = new ArrayBuilder();
        foreach (var item in array.EnumerateArray())
        {
            Step(state);
            if (item.Kind is not JmesKind.Array)
            {
                Add(ref results, item, state);
                continue;
            }

            foreach (var inner in item.EnumerateArray())
            {
                Step(state);
                Add(ref results, inner, state);
            }
        }

        return state.Built(results.ToValue());
    }
}

/// <summary><c>source[start:stop:step]</c>: a projection of a list, or a part of a string.</summary>
internal sealed class SliceProjectionNode(int position, Node source, Slice slice, Node body) : ProjectionNode(position, source, body)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var value = Source.Evaluate(current, state);
        if (value.Kind is JmesKind.String)
        {
            state.Trace?.ReadWhole(value);
            var text = value.GetString();
            state.Charge(text.Length);
            return Body.Evaluate(JmesValue.FromString(slice.Of(text)), state);
        }

        if (value.Kind is not JmesKind.Array)
        {
            return NotApplicable(value, state);
        }

        var items = new List<JmesValue>();
        state.Charge(value.Count);
        foreach (var item in value.EnumerateArray())
        {
            items.Add(item);
        }

        var results = new ArrayBuilder();
        var (start, count) = slice.Resolve(items.Count);
        for (var i = 0; i < count; i++)
        {
            Step(state);
            Add(ref results, items[start + (int)((long)i * slice.Step)], state);
        }

        return state.Built(results.ToValue());
    }
}
