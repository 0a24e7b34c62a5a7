using System.Text;

namespace Qrie.Aws.Api.Models;

/// <summary>The kind of a value.</summary>
public enum ShapeKind
{
    Structure,
    List,
    Map,

    /// <summary>Arbitrary JSON without a model.</summary>
    Document,
    String,
    Integer,
    Decimal,
    Boolean,

    /// <summary>Bytes; in JSON as base64.</summary>
    Blob,

    /// <summary>In JSON as ISO 8601 text in UTC.</summary>
    Timestamp,

    /// <summary>An IAM policy document: URL-encoded text on the wire, an object in the response.</summary>
    Policy,
}

/// <summary>The type of a value in a request or a response, as far as protocols and type checks need it.</summary>
public sealed class Shape
{
    // Created on demand, because most shapes of a model are never used.
    private Dictionary<string, ShapeMember>? _byName;
    private Dictionary<string, ShapeMember>? _byWireName;

    internal Shape(ShapeKind kind, string? name = null)
    {
        Kind = kind;
        Name = name;
    }

    public ShapeKind Kind { get; }

    /// <summary>Its name in the model; null for scalars.</summary>
    public string? Name { get; }

    /// <summary>The members of a structure, in the model's order; empty otherwise.</summary>
    public IReadOnlyList<ShapeMember> Members { get; private set; } = [];

    /// <summary>The type of a list's items or of a map's values; null otherwise.</summary>
    public Shape? Element { get; internal set; }

    /// <summary>The type of a map's keys; null otherwise.</summary>
    public Shape? Key { get; internal set; }

    /// <summary>AWS marks the content as sensitive.</summary>
    public bool IsSensitive { get; internal init; }

    /// <summary>Exactly one member is set.</summary>
    public bool IsUnion { get; internal init; }

    public bool IsScalar => Kind >= ShapeKind.String;

    /// <summary>The format of a timestamp: <c>iso8601</c>, <c>unixTimestamp</c>, <c>rfc822</c>; null for that of the protocol.</summary>
    internal string? TimestampFormat { get; init; }

    /// <summary>The member that is the whole HTTP body.</summary>
    internal string? Payload { get; init; }

    internal string? XmlNamespace { get; init; }

    internal string? WireName { get; init; }

    internal bool IsFlattened { get; init; }

    internal string? ElementWireName { get; init; }

    internal string KeyWireName { get; init; } = "key";

    internal string ValueWireName { get; init; } = "value";

    internal bool HasXmlAttributes { get; private set; }

    /// <summary>Whether any member is read from the body.</summary>
    internal bool HasBodyMembers { get; private set; }

    /// <summary>The member of that API name; null if there is none.</summary>
    public ShapeMember? FindMember(string name) =>
        (_byName ??= Members.ToDictionary(m => m.Name, StringComparer.Ordinal)).GetValueOrDefault(name);

    /// <summary>The member with that name in the body; null if unknown.</summary>
    internal ShapeMember? FindByWireName(string wireName) => (_byWireName ??= IndexByWireName()).GetValueOrDefault(wireName);

    internal void SetMembers(IReadOnlyList<ShapeMember> members)
    {
        Members = members;
        foreach (var member in members)
        {
            HasXmlAttributes |= member.IsXmlAttribute;
            HasBodyMembers |= IsInBody(member);
        }
    }

    private Dictionary<string, ShapeMember> IndexByWireName()
    {
        var index = new Dictionary<string, ShapeMember>(StringComparer.Ordinal);
        foreach (var member in Members.Where(IsInBody))
        {
            index[member.BodyName] = member;
        }

        return index;
    }

    private bool IsInBody(ShapeMember member) => member.Location is MemberLocation.Body && member.Name != Payload;

    public override string ToString() => Name ?? Kind.ToString();
}

/// <summary>The part of a message that carries a member.</summary>
public enum MemberLocation
{
    Body,
    Uri,
    QueryString,
    Header,

    /// <summary>A map of all headers that begin with a prefix.</summary>
    HeaderPrefix,
    StatusCode,
}

/// <summary>A member of a structure.</summary>
public sealed class ShapeMember
{
    private byte[]? _jsonName;

    internal ShapeMember(string name, Shape shape)
    {
        Name = name;
        Shape = shape;
    }

    /// <summary>The API's name, as in AWS's documentation and in <c>aws … --output json</c>.</summary>
    public string Name { get; }

    public Shape Shape { get; }

    public MemberLocation Location { get; internal init; }

    /// <summary>Whether a request without it is invalid.</summary>
    public bool IsRequired { get; internal init; }

    /// <summary>Its content is sensitive although AWS does not mark it; it is listed in <c>catalog/aws/secrets.json</c>.</summary>
    public bool IsSecret { get; internal init; }

    /// <summary>The name as it is written into responses.</summary>
    internal ReadOnlySpan<byte> JsonName => _jsonName ??= Encoding.UTF8.GetBytes(Name);

    internal string? LocationName { get; init; }

    internal string? QueryName { get; init; }

    internal string? XmlNamespace { get; init; }

    internal bool IsFlattenedHere { get; init; }

    internal bool IsXmlAttribute { get; init; }

    /// <summary>JSON inside a string.</summary>
    internal bool IsJsonText { get; init; }

    internal bool IsIdempotencyToken { get; init; }

    internal bool IsHostLabel { get; init; }

    internal string WireName => LocationName ?? Name;

    /// <summary>Its items are direct children of the parent element, without an enclosing element.</summary>
    internal bool IsFlat => (IsFlattenedHere || Shape.IsFlattened) && Shape.Kind is ShapeKind.List or ShapeKind.Map;

    /// <summary>Its XML element or JSON key in a body: for a flat list that of its items, for attributes without prefix.</summary>
    internal string BodyName
    {
        get
        {
            var name = IsFlat && Shape.Kind is ShapeKind.List && Shape.ElementWireName is { } item ? item : WireName;
            return IsXmlAttribute ? name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..] : name;
        }
    }

    public override string ToString() => $"{Name}: {Shape}";
}
