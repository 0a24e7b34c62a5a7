using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Evaluation;

/// <summary><c>[a, b]</c></summary>
internal sealed class MultiSelectListNode(int position, Node[] items) : Node(position, items)
{
    // A constant list such as ['a', 'b'], used for lookups, is built once.
    private readonly JmesValue? _constant = Array.TrueForAll(items, i => i is LiteralNode)
        ? JmesValue.FromItems([.. items.Select(i => ((LiteralNode)i).Value)])
        : null;

    public IReadOnlyList<Node> Items => items;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        if (_constant is { } constant)
        {
            return state.Built(constant);
        }

        var values = new JmesValue[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            values[i] = items[i].Evaluate(current, state);
        }

        return state.Built(JmesValue.FromItems(values));
    }
}

/// <summary><c>{name: a, other: b}</c></summary>
internal sealed class MultiSelectHashNode : Node
{
    private readonly string[] _names;
    private readonly Node[] _values;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public MultiSelectHashNode(int position, IReadOnlyList<KeyValuePair<string, Node>> members)
        : base(position, [.. members.Select(m => m.Value)])
    {
        Members = members;
        foreach (var (name, _) in members)
        {
            _places.TryAdd(name, _places.Count);
        }

        _names = [.. _places.Keys];
        _values = [.. members.Select(m => m.Value)];
    }

    public IReadOnlyList<KeyValuePair<string, Node>> Members { get; }

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var members = new KeyValuePair<string, JmesValue>[_names.Length];
        for (var i = 0; i < _values.Length; i++)
        {
            // A duplicate name keeps its position and takes the later value.
            var place = _values.Length == _names.Length ? i : _places[Members[i].Key];
            members[place] = new(_names[place], _values[i].Evaluate(current, state));
        }

        return state.Built(JmesValue.FromContainer(new JmesObject(members, _places)));
    }
}
