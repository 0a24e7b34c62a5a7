namespace Qrie.JmesPath.Typing;

/// <summary>
/// The static type of a value. Types are compared by reference and may contain themselves: pass
/// a dictionary to <see cref="Object(IReadOnlyDictionary{string, JmesType}, bool, string?)"/> and fill it afterwards.
/// </summary>
public abstract class JmesType
{
    private protected JmesType()
    {
    }

    /// <summary>Nothing is known; everything is allowed.</summary>
    public static JmesType Any { get; } = new SimpleType("any value");

    /// <summary>Always null.</summary>
    public static JmesType Null { get; } = new SimpleType("null");

    /// <summary>True or false.</summary>
    public static JmesType Boolean { get; } = new SimpleType("boolean");

    /// <summary>A number.</summary>
    public static JmesType Number { get; } = new SimpleType("number");

    /// <summary>Text.</summary>
    public static JmesType String { get; } = new SimpleType("string");

    /// <summary>A timestamp as text; expressions cannot order it.</summary>
    public static JmesType Timestamp { get; } = new SimpleType("timestamp");

    /// <summary>The element type of a list that is always empty; compatible with every type.</summary>
    internal static JmesType Nothing { get; } = new SimpleType("nothing");

    /// <summary>Text that is one of these values.</summary>
    public static JmesType Enum(params IEnumerable<string> values) => new EnumType(values.ToHashSet(StringComparer.Ordinal));

    /// <summary>A list of elements of this type.</summary>
    public static JmesType List(JmesType item) => new ListType(item);

    /// <summary>An object with any names, every value of this type.</summary>
    public static JmesType Map(JmesType value) => new MapType(value);

    /// <summary>An object.</summary>
    /// <param name="members">The members that it may have. May be filled later, before the type is used.</param>
    /// <param name="open">Whether it may have other members, of which nothing is known.</param>
    /// <param name="name">The name in messages; null for "object".</param>
    public static JmesType Object(IReadOnlyDictionary<string, JmesType> members, bool open = false, string? name = null) =>
        new ObjectType(members, open, name);

    /// <summary>The type, or null. It matters only for functions and arithmetic that do not accept null, and results in a warning.</summary>
    public static JmesType Nullable(JmesType type) => type is NullableType ? type : new NullableType(type);

    /// <summary>The union of both types.</summary>
    public static JmesType Join(JmesType left, JmesType right) => TypeJoin.Of(left, right);

    /// <summary>The type without null.</summary>
    internal JmesType Inner => this is NullableType nullable ? nullable.Type : this;
}

/// <summary>A type without parts.</summary>
internal sealed class SimpleType(string name) : JmesType
{
    public override string ToString() => name;
}

/// <inheritdoc cref="JmesType.Enum" />
internal sealed class EnumType(IReadOnlySet<string> values) : JmesType
{
    private const int Shown = 8;

    public IReadOnlySet<string> Values { get; } = values;

    public override string ToString() => Values.Count == 1
        ? $"'{Values.First()}'"
        : "one of " + string.Join(", ", Values.Take(Shown).Select(v => $"'{v}'")) + (Values.Count > Shown ? ", …" : "");
}

/// <inheritdoc cref="JmesType.List" />
internal sealed class ListType(JmesType item) : JmesType
{
    public JmesType Item { get; } = item;

    public override string ToString() => "list";
}

/// <inheritdoc cref="JmesType.Map" />
internal sealed class MapType(JmesType value) : JmesType
{
    public JmesType Value { get; } = value;

    public override string ToString() => "map";
}

/// <inheritdoc cref="JmesType.Object" />
internal sealed class ObjectType(IReadOnlyDictionary<string, JmesType> members, bool open, string? name) : JmesType
{
    public IReadOnlyDictionary<string, JmesType> Members { get; } = members;

    public bool Open { get; } = open;

    public override string ToString() => name ?? "object";
}

/// <inheritdoc cref="JmesType.Nullable" />
internal sealed class NullableType(JmesType type) : JmesType
{
    public JmesType Type { get; } = type;

    public override string ToString() => Type + " or null";
}
