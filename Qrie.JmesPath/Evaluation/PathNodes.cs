using System.Text;

namespace Qrie.JmesPath.Evaluation;

/// <summary><c>@</c></summary>
internal sealed class CurrentNode(int position) : Node(position)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => current;
}

/// <summary><c>$</c></summary>
internal sealed class RootNode(int position) : Node(position)
{
    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => state.Root;
}

/// <summary>A literal in backticks or quotes.</summary>
internal sealed class LiteralNode(int position, JmesValue value) : Node(position)
{
    public JmesValue Value { get; } = value;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => Value;
}

/// <summary>A member of the current value.</summary>
internal sealed class FieldNode(int position, string name) : Node(position)
{
    private readonly byte[] _utf8 = Encoding.UTF8.GetBytes(name);

    public string Name { get; } = name;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        if (state.Trace is not null)
        {
            return Traced(current);
        }

        if (current.Kind is not JmesKind.Object)
        {
            return default;
        }

        if (current.IsElement)
        {
            return current.Element.TryGetProperty(_utf8, out var member) ? new(member) : default;
        }

        current.TryGetMember(Name, out var value);
        return value;
    }

    private JmesValue Traced(in JmesValue current)
    {
        var origin = current.Origin;
        if (current.Kind is not JmesKind.Object)
        {
            origin?.ReadWhole(); // the result depends on its not being an object
            return default;
        }

        var found = current.WithOrigin(null).TryGetMember(Name, out var value);
        return origin is null ? value : value.WithOrigin(origin.Read(Name, found));
    }
}

/// <summary><c>left.right</c>: if the left side is null, the result is null.</summary>
internal sealed class SubNode(Node left, Node right) : Node(left.Position, left, right)
{
    public Node Left { get; } = left;

    public Node Right { get; } = right;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var value = Left.Evaluate(current, state);
        return value.IsNull ? value : Right.Evaluate(value, state);
    }
}

/// <summary><c>left | right</c>: ends projections, and null is passed on.</summary>
internal sealed class PipeNode(Node left, Node right) : Node(left.Position, left, right)
{
    public Node Left { get; } = left;

    public Node Right { get; } = right;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => Right.Evaluate(Left.Evaluate(current, state), state);

    protected override bool Decide(in JmesValue current, EvaluationState state) => Right.Test(Left.Evaluate(current, state), state);
}

/// <summary><c>source[index]</c></summary>
internal sealed class IndexNode(int position, Node source, int index) : Node(position, source)
{
    public Node Source { get; } = source;

    public int Index { get; } = index;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var array = Source.Evaluate(current, state);
        if (array.Kind is not JmesKind.Array)
        {
            state.Trace?.ReadWhole(array);
            return default;
        }

        var count = array.Count;
        var index = Index < 0 ? Index + count : Index;
        if (index < 0 || index >= count)
        {
            state.Trace?.ReadWhole(array);
            return default;
        }

        if (!array.IsElement)
        {
            return ((Values.JmesArray)array.Container!)[index];
        }

        state.Charge(index); // elements have different lengths, so finding one means skipping the others
        return new(array.Element[index], array.Origin?.ReadElement());
    }
}

/// <summary>A variable bound by the caller.</summary>
internal sealed class VariableNode(int position, string name) : Node(position)
{
    public string Name { get; } = name;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => state.ReadVariable(Name, Position, whole: false);
}

/// <summary>A variable bound by an enclosing let expression.</summary>
internal sealed class LocalNode(int position, string name, int slot) : Node(position)
{
    public string Name { get; } = name;

    public int Slot { get; } = slot;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => state.Slot(Slot);
}

/// <summary>One binding of a let expression.</summary>
internal sealed record Binding(string Name, int Slot, Node Value);

/// <summary><c>let $a = x, $b = y in body</c></summary>
internal sealed class LetNode(int position, IReadOnlyList<Binding> bindings, Node body)
    : Node(position, [.. bindings.Select(b => b.Value), body])
{
    public IReadOnlyList<Binding> Bindings { get; } = bindings;

    public Node Body { get; } = body;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        Bind(current, state);
        return Body.Evaluate(current, state);
    }

    protected override bool Decide(in JmesValue current, EvaluationState state)
    {
        Bind(current, state);
        return Body.Test(current, state);
    }

    private void Bind(in JmesValue current, EvaluationState state)
    {
        foreach (var binding in Bindings)
        {
            state.Bind(binding.Slot, binding.Value.Evaluate(current, state));
        }
    }
}
