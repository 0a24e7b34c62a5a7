namespace Qrie.JmesPath.Values;

/// <summary>Collects array elements; allocates nothing until the first one.</summary>
internal struct ArrayBuilder
{
    private const int FirstCapacity = 4;

    private JmesValue[]? _items;
    private int _count;

    public readonly int Count => _count;

    public void Add(in JmesValue value)
    {
        _items ??= new JmesValue[FirstCapacity];
        if (_count == _items.Length)
        {
            Array.Resize(ref _items, _count * 2);
        }

        _items[_count++] = value;
    }

    public readonly JmesValue ToValue() =>
        _count == 0 ? JmesValue.EmptyArray : JmesValue.FromContainer(new JmesArray(_items!, _count));
}

/// <summary>Collects object members; a duplicate name keeps its first position and takes the new value.</summary>
internal sealed class ObjectBuilder
{
    private readonly List<KeyValuePair<string, JmesValue>> _members = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public int Count => _members.Count;

    public void Set(string name, in JmesValue value)
    {
        var member = new KeyValuePair<string, JmesValue>(name, value);
        if (_places.TryAdd(name, _members.Count))
        {
            _members.Add(member);
        }
        else
        {
            _members[_places[name]] = member;
        }
    }

    public JmesValue ToValue() => JmesValue.FromContainer(new JmesObject([.. _members], _places));
}
