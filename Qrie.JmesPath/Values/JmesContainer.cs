using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath.Values;

/// <summary>An array or object built by an evaluation or the caller. Immutable.</summary>
internal abstract class JmesContainer(TraceNode? origin)
{
    /// <summary>Set only on bound values and the root, while tracing.</summary>
    public TraceNode? Origin { get; } = origin;

    /// <summary>The approximate length of the JSON text: shared parts count as often as they would be written.</summary>
    public long Size { get; protected init; }

    /// <summary>The depth of built containers, including this one.</summary>
    public int Depth { get; protected init; }

    /// <summary>The trace that has already recorded every part as read, so that shared parts are visited once.</summary>
    public object? ReadBy { get; set; }

    public abstract JmesContainer WithOrigin(TraceNode? origin);

    protected static int DepthOf(in JmesValue value) => value.Container?.Depth ?? 0;
}

/// <summary>A built array.</summary>
internal sealed class JmesArray : JmesContainer
{
    private readonly JmesValue[] _items;

    /// <summary>Does not copy the items; only the first <paramref name="count"/> are used.</summary>
    public JmesArray(JmesValue[] items, int count)
        : base(null)
    {
        _items = items;
        Count = count;
        long size = 2;
        var depth = 0;
        for (var i = 0; i < count; i++)
        {
            size += items[i].Size + 1;
            depth = Math.Max(depth, DepthOf(items[i]));
        }

        Size = size;
        Depth = depth + 1;
    }

    private JmesArray(JmesArray other, TraceNode? origin)
        : base(origin)
    {
        _items = other._items;
        Count = other.Count;
        Size = other.Size;
        Depth = other.Depth;
    }

    public static JmesArray Empty { get; } = new([], 0);

    public int Count { get; }

    public JmesValue this[int index] => Origin is null ? _items[index] : _items[index].WithOrigin(Origin.ReadElement());

    public ReadOnlySpan<JmesValue> Items => _items.AsSpan(0, Count);

    public override JmesContainer WithOrigin(TraceNode? origin) => ReferenceEquals(origin, Origin) ? this : new JmesArray(this, origin);
}

/// <summary>A built object, in the order in which names were first set.</summary>
internal sealed class JmesObject : JmesContainer
{
    private const int LinearSearchUpTo = 8;

    private readonly KeyValuePair<string, JmesValue>[] _members;
    private readonly Dictionary<string, int>? _places;

    /// <param name="members">Not copied; names are unique.</param>
    /// <param name="places">The index of each name; null to create it here if there are many.</param>
    public JmesObject(KeyValuePair<string, JmesValue>[] members, Dictionary<string, int>? places)
        : base(null)
    {
        _members = members;
        _places = members.Length > LinearSearchUpTo ? places ?? IndexOf(members) : null;
        long size = 2;
        var depth = 0;
        foreach (var (name, value) in members)
        {
            size += name.Length + 4 + value.Size;
            depth = Math.Max(depth, DepthOf(value));
        }

        Size = size;
        Depth = depth + 1;
    }

    private JmesObject(JmesObject other, TraceNode? origin)
        : base(origin)
    {
        _members = other._members;
        _places = other._places;
        Size = other.Size;
        Depth = other.Depth;
    }

    public int Count => _members.Length;

    public ReadOnlySpan<KeyValuePair<string, JmesValue>> Members => _members;

    public bool TryGet(string name, out JmesValue value)
    {
        var place = Find(name);
        if (place < 0)
        {
            value = default;
            return false;
        }

        value = ValueAt(place);
        return true;
    }

    public JmesValue ValueAt(int place)
    {
        var (name, value) = _members[place];
        return Origin is null ? value : value.WithOrigin(Origin.Read(name));
    }

    public override JmesContainer WithOrigin(TraceNode? origin) => ReferenceEquals(origin, Origin) ? this : new JmesObject(this, origin);

    private static Dictionary<string, int> IndexOf(KeyValuePair<string, JmesValue>[] members)
    {
        var places = new Dictionary<string, int>(members.Length, StringComparer.Ordinal);
        for (var i = 0; i < members.Length; i++)
        {
            places.Add(members[i].Key, i);
        }

        return places;
    }

    private int Find(string name)
    {
        if (_places is not null)
        {
            return _places.GetValueOrDefault(name, -1);
        }

        for (var i = 0; i < _members.Length; i++)
        {
            if (string.Equals(_members[i].Key, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
