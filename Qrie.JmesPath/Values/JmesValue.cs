using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using Qrie.JmesPath.Tracing;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath;

/// <summary>
/// A JSON value: part of a parsed document (never copied), or built by an evaluation. The default is null.
/// Equality is JMESPath's: numbers by value, objects without regard to order.
/// </summary>
public readonly struct JmesValue : IEquatable<JmesValue>
{
    /// <summary>The maximum depth of values that are compared by <see cref="Equals(JmesValue)"/>; an evaluation has its own limit.</summary>
    internal const int MaxComparedDepth = 1_000;

    private readonly JsonElement _element;

    /// <summary>
    /// The origin (a <see cref="TraceNode"/> or null) when the value is part of a document; else the string, the container or the
    /// expression reference. One field for both keeps the struct small, because it is passed by value everywhere.
    /// </summary>
    private readonly object? _object;
    private readonly double _number;
    private readonly JmesKind _kind;
    private readonly bool _isElement;

    private JmesValue(JmesKind kind, object? content, double number = 0)
    {
        _kind = kind;
        _object = content;
        _number = number;
    }

    internal JmesValue(JsonElement element, TraceNode? origin = null)
    {
        var kind = element.ValueKind;
        _element = element;
        _object = origin;
        _isElement = kind is not JsonValueKind.Undefined;
        _number = kind is JsonValueKind.True ? 1 : 0;
        _kind = kind switch
        {
            JsonValueKind.Object => JmesKind.Object,
            JsonValueKind.Array => JmesKind.Array,
            JsonValueKind.String => JmesKind.String,
            JsonValueKind.Number => JmesKind.Number,
            JsonValueKind.True or JsonValueKind.False => JmesKind.Boolean,
            _ => JmesKind.Null,
        };
    }

    /// <summary>The null value.</summary>
    public static JmesValue Null => default;

    /// <summary>The value true.</summary>
    public static JmesValue True => new(JmesKind.Boolean, null, 1);

    /// <summary>The value false.</summary>
    public static JmesValue False => new(JmesKind.Boolean, null, 0);

    /// <summary>An array without elements.</summary>
    public static JmesValue EmptyArray { get; } = new(JmesKind.Array, JmesArray.Empty);

    /// <summary>What kind of value this is.</summary>
    public JmesKind Kind => _kind;

    /// <summary>Whether it is null or missing.</summary>
    public bool IsNull => _kind is JmesKind.Null;

    /// <summary>False for null, false, <c>""</c>, <c>[]</c> and <c>{}</c>; true for everything else, 0 included.</summary>
    public bool IsTruthy => _kind switch
    {
        JmesKind.Null => false,
        JmesKind.Boolean => _number != 0,
        JmesKind.Number or JmesKind.Expression => true,
        JmesKind.String => _isElement ? JsonMarshal.GetRawUtf8Value(_element).Length > 2 : ((string)_object!).Length > 0,
        JmesKind.Array => _isElement ? _element.GetArrayLength() > 0 : ((JmesArray)_object!).Count > 0,
        _ => _isElement ? _element.GetPropertyCount() > 0 : ((JmesObject)_object!).Count > 0,
    };

    /// <summary>The opposite of <see cref="IsTruthy"/>.</summary>
    public bool IsFalsy => !IsTruthy;

    /// <summary>Elements of an array, members of an object; 0 for anything else.</summary>
    public int Count => _kind switch
    {
        JmesKind.Array => _isElement ? _element.GetArrayLength() : ((JmesArray)_object!).Count,
        JmesKind.Object => _isElement ? _element.GetPropertyCount() : ((JmesObject)_object!).Count,
        _ => 0,
    };

    internal bool IsElement => _isElement;

    internal JsonElement Element => _element;

    /// <summary>The origin of the value in the root; null if it was constructed or without tracing.</summary>
    internal TraceNode? Origin => _isElement ? (TraceNode?)_object : (_object as JmesContainer)?.Origin;

    internal JmesContainer? Container => _isElement ? null : _object as JmesContainer;

    internal ExpressionReference Expression => (ExpressionReference)_object!;

    /// <summary>A value of a parsed document; undefined is null.</summary>
    public static implicit operator JmesValue(JsonElement element) => new(element);

    /// <summary>The same equality as <see cref="Equals(JmesValue)"/>.</summary>
    public static bool operator ==(JmesValue left, JmesValue right) => left.Equals(right);

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(JmesValue left, JmesValue right) => !left.Equals(right);

    /// <summary>A value of a parsed document; undefined is null.</summary>
    public static JmesValue FromElement(JsonElement element) => new(element);

    /// <summary>A string; null gives the null value.</summary>
    public static JmesValue FromString(string? text) => text is null ? default : new(JmesKind.String, text);

    /// <summary>True or false.</summary>
    public static JmesValue FromBoolean(bool value) => new(JmesKind.Boolean, null, value ? 1 : 0);

    /// <summary>A number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is infinite or not a number: JSON has no such value.</exception>
    public static JmesValue FromNumber(double value) => double.IsFinite(value)
        ? new(JmesKind.Number, null, value)
        : throw new ArgumentOutOfRangeException(nameof(value), "JSON has neither infinity nor NaN.");

    /// <summary>An array of these values, in this order.</summary>
    public static JmesValue FromArray(params IEnumerable<JmesValue> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return FromItems([.. items]);
    }

    /// <summary>An object with these members; for duplicate names, the last one.</summary>
    public static JmesValue FromObject(params IEnumerable<KeyValuePair<string, JmesValue>> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        var builder = new ObjectBuilder();
        foreach (var (name, value) in members)
        {
            builder.Set(name, value);
        }

        return builder.ToValue();
    }

    /// <summary>The text of a string.</summary>
    /// <exception cref="InvalidOperationException">It is not a string.</exception>
    public string GetString() => _kind is JmesKind.String
        ? _isElement ? _element.GetString()! : (string)_object!
        : throw Mismatch(JmesKind.String);

    /// <summary>The value of a number as a double; whole numbers beyond 2^53 lose precision.</summary>
    /// <exception cref="InvalidOperationException">It is not a number.</exception>
    public double GetNumber() => _kind is JmesKind.Number
        ? _isElement ? _element.GetDouble() : _number
        : throw Mismatch(JmesKind.Number);

    /// <summary>The value of a boolean.</summary>
    /// <exception cref="InvalidOperationException">It is not a boolean.</exception>
    public bool GetBoolean() => _kind is JmesKind.Boolean ? _number != 0 : throw Mismatch(JmesKind.Boolean);

    /// <summary>The document's own element when the value is part of one.</summary>
    public bool TryGetElement(out JsonElement element)
    {
        element = _element;
        return _isElement;
    }

    /// <summary>The member of an object; false when there is none or this is not an object.</summary>
    public bool TryGetMember(string name, out JmesValue value)
    {
        if (_kind is JmesKind.Object)
        {
            if (!_isElement)
            {
                return ((JmesObject)_object!).TryGet(name, out value);
            }

            if (_element.TryGetProperty(name, out var member))
            {
                value = new(member, ((TraceNode?)_object)?.Read(name));
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>The elements of an array; nothing for any other kind.</summary>
    public JmesArrayEnumerator EnumerateArray() => new(this);

    /// <summary>The members of an object in document order; nothing for any other kind.</summary>
    public JmesObjectEnumerator EnumerateObject() => new(this);

    /// <summary>The value as an element: the document's own when it is part of one, else a new small document.</summary>
    /// <exception cref="InvalidOperationException">It is an expression reference.</exception>
    public JsonElement ToJsonElement() => _isElement ? _element : JsonText.Parse(JsonText.Utf8(this).WrittenSpan);

    /// <summary>Writes the value as JSON.</summary>
    /// <exception cref="InvalidOperationException">It is an expression reference.</exception>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        JsonText.Write(this, writer);
    }

    /// <summary>Equality as defined by JMESPath's <c>==</c>.</summary>
    public bool Equals(JmesValue other) => ValueEquality.AreEqual(this, other, null, MaxComparedDepth);

    /// <inheritdoc />
    public override bool Equals(object? obj) => obj is JmesValue other && Equals(other);

    /// <inheritdoc />
    public override int GetHashCode() => _kind switch
    {
        JmesKind.Null => 0,
        JmesKind.Boolean => _number != 0 ? 1 : 2,
        JmesKind.Number => GetNumber().GetHashCode(),
        JmesKind.String => GetString().GetHashCode(StringComparison.Ordinal),
        _ => HashCode.Combine(_kind, Count), // objects are equal in any order, so their members are not included
    };

    /// <summary>The JSON text, without spaces.</summary>
    public override string ToString() => _kind is JmesKind.Expression
        ? "&…"
        : JsonText.Text(this);

    internal static JmesValue FromItems(JmesValue[] items) => items.Length == 0 ? EmptyArray : new(JmesKind.Array, new JmesArray(items, items.Length));

    internal static JmesValue FromContainer(JmesContainer container) =>
        new(container is JmesArray ? JmesKind.Array : JmesKind.Object, container);

    internal static JmesValue FromExpression(ExpressionReference reference) => new(JmesKind.Expression, reference);

    /// <summary>The same value with this origin.</summary>
    internal JmesValue WithOrigin(TraceNode? origin) =>
        _isElement ? new(_element, origin) : _object is JmesContainer container ? FromContainer(container.WithOrigin(origin)) : this;

    /// <summary>The approximate length of the value's JSON text.</summary>
    internal long Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _kind switch
        {
            JmesKind.Null => 4,
            JmesKind.Boolean => 5,
            JmesKind.String or JmesKind.Array or JmesKind.Object => _isElement
                ? JsonMarshal.GetRawUtf8Value(_element).Length
                : _object is JmesContainer container ? container.Size : ((string)_object!).Length + 2,
            _ => 8,
        };
    }

    private InvalidOperationException Mismatch(JmesKind wanted) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The value is of kind {_kind.Name()}, not {wanted.Name()}."));
}
