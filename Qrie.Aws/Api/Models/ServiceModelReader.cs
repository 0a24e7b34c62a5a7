using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>Reads <c>models/&lt;service&gt;.json</c>; the format is described in <c>catalog/aws/README.md</c>.</summary>
internal sealed class ServiceModelReader
{
    private readonly JsonElement _root;
    private readonly Dictionary<string, Shape> _shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Shape> _scalars = new(StringComparer.Ordinal);

    // Names such as Arn, Name and NextToken occur often.
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);

    private readonly SecretMembers _secrets;
    private readonly ResponseFacts _responses;

    private ServiceModelReader(JsonElement root, SecretMembers secrets, ResponseFacts responses)
    {
        _root = root;
        _secrets = secrets;
        _responses = responses;
    }

    public static ServiceModel Read(ReadOnlyMemory<byte> json, SecretMembers secrets, ResponseFacts responses)
    {
        using var document = JsonDocument.Parse(json);
        return new ServiceModelReader(document.RootElement, secrets, responses).Read();
    }

    private ServiceModel Read()
    {
        var service = Required(_root, "service");
        var shapes = _root.GetProperty("shapes");
        foreach (var shape in shapes.EnumerateObject())
        {
            _shapes[shape.Name] = Declare(shape.Name, shape.Value);
        }

        foreach (var shape in shapes.EnumerateObject())
        {
            Fill(_shapes[shape.Name], shape.Value, service);
        }

        var endpointPrefix = Required(_root, "endpointPrefix");
        var protocol = Required(_root, "protocol") switch
        {
            "json" => WireProtocol.Json,
            "rest-json" => WireProtocol.RestJson,
            "query" => WireProtocol.Query,
            "ec2" => WireProtocol.Ec2,
            "rest-xml" => WireProtocol.RestXml,
            var other => throw new FormatException($"unknown protocol {other}"),
        };
        return new ServiceModel(
            service,
            _root.GetProperty("operations").EnumerateObject().Select(o => ReadOperation(service, protocol, o.Name, o.Value)),
            Texts(_root, "others"))
        {
            ServiceId = Required(_root, "id"),
            ApiVersion = Required(_root, "version"),
            Protocol = protocol,
            EndpointPrefix = endpointPrefix,
            SigningName = Text(_root, "signingName") ?? endpointPrefix,
            JsonVersion = Text(_root, "jsonVersion") ?? "1.0",
            TargetPrefix = Text(_root, "targetPrefix"),
            XmlNamespace = Text(_root, "xmlNamespace"),
            IsQueryCompatible = Has(_root, "queryCompatible"),
        };
    }

    private static Shape Declare(string name, JsonElement entry)
    {
        var kind = Text(entry, "t") switch
        {
            "s" => ShapeKind.Structure,
            "l" => ShapeKind.List,
            "m" => ShapeKind.Map,
            "doc" => ShapeKind.Document,
            var other => throw new FormatException($"shape {name} has the unknown type {other}"),
        };
        return new Shape(kind, name)
        {
            IsSensitive = Has(entry, "!"),
            IsUnion = Has(entry, "u"),
            IsFlattened = Has(entry, "f"),
            Payload = kind is ShapeKind.Structure ? Text(entry, "p") : null,
            XmlNamespace = Text(entry, "x"),
            WireName = Text(entry, "n"),
            ElementWireName = Text(entry, "en"),
            KeyWireName = Text(entry, "kn") ?? "key",
            ValueWireName = Text(entry, "vn") ?? "value",
        };
    }

    private void Fill(Shape shape, JsonElement entry, string service)
    {
        switch (shape.Kind)
        {
            case ShapeKind.List:
                shape.Element = Resolve(Required(entry, "e"));
                break;
            case ShapeKind.Map:
                shape.Key = Resolve(Required(entry, "k"));
                shape.Element = Resolve(Required(entry, "v"));
                break;
            case ShapeKind.Structure:
                var required = Texts(entry, "r").ToHashSet(StringComparer.Ordinal);
                shape.SetMembers([.. entry.GetProperty("m").EnumerateObject().Select(
                    m => ReadMember(m.Name, m.Value, required.Contains(m.Name), _secrets.Names(service, shape.Name!, m.Name)))]);
                break;
        }
    }

    private ShapeMember ReadMember(string name, JsonElement entry, bool required, bool secret)
    {
        name = _names.TryGetValue(name, out var known) ? known : _names[name] = name;
        if (entry.ValueKind is JsonValueKind.String)
        {
            return new ShapeMember(name, Resolve(entry.GetString()!)) { IsRequired = required, IsSecret = secret };
        }

        return new ShapeMember(name, Resolve(Required(entry, "s")))
        {
            IsRequired = required,
            IsSecret = secret,
            LocationName = Text(entry, "n"),
            Location = Text(entry, "l") switch
            {
                null => MemberLocation.Body,
                "uri" => MemberLocation.Uri,
                "querystring" => MemberLocation.QueryString,
                "header" => MemberLocation.Header,
                "headers" => MemberLocation.HeaderPrefix,
                "statusCode" => MemberLocation.StatusCode,
                var other => throw new FormatException($"member {name} has the unknown location {other}"),
            },
            QueryName = Text(entry, "q"),
            XmlNamespace = Text(entry, "x"),
            IsFlattenedHere = Has(entry, "f"),
            IsXmlAttribute = Has(entry, "a"),
            IsJsonText = Has(entry, "j"),
            IsIdempotencyToken = Has(entry, "k"),
            IsHostLabel = Has(entry, "h"),
        };
    }

    private Operation ReadOperation(string service, WireProtocol protocol, string name, JsonElement entry)
    {
        var operation = ReadOperation(name, entry);
        operation.Response = ResponseRule.Of(service, protocol, operation, _responses);
        return operation;
    }

    private Operation ReadOperation(string name, JsonElement entry) => new(name)
    {
        Method = Text(entry, "m") ?? "POST",
        Uri = Text(entry, "u") ?? "/",
        Input = Text(entry, "i") is { } input ? _shapes[input] : null,
        Output = Text(entry, "o") is { } output ? _shapes[output] : null,
        ResultWrapper = Text(entry, "w"),
        InputElement = Text(entry, "in"),
        InputNamespace = Text(entry, "ix"),
        HostPrefix = Text(entry, "h"),
        IsUnsigned = Has(entry, "a"),
        WantsMd5 = Has(entry, "md5"),
        Pagination = entry.TryGetProperty("pg", out var pages) ? ReadPagination(pages) : null,
    };

    private static Pagination ReadPagination(JsonElement entry) => new(
        [.. Texts(entry, "i")], [.. Texts(entry, "o")], [.. Texts(entry, "r")], Text(entry, "l"), Text(entry, "m"), Has(entry, "s"));

    /// <summary>A shape by name, or the scalar of a code like <c>t:iso8601</c> or <c>s!</c>.</summary>
    private Shape Resolve(string type)
    {
        if (_shapes.TryGetValue(type, out var shape) || _scalars.TryGetValue(type, out shape))
        {
            return shape;
        }

        var sensitive = type.EndsWith('!');
        var code = sensitive ? type[..^1] : type;
        var kind = code[0] switch
        {
            's' => ShapeKind.String,
            'i' => ShapeKind.Integer,
            'd' => ShapeKind.Decimal,
            'b' => ShapeKind.Boolean,
            'B' => ShapeKind.Blob,
            't' => ShapeKind.Timestamp,
            'P' => ShapeKind.Policy,
            _ => throw new FormatException($"unknown type {type}"),
        };
        return _scalars[type] = new Shape(kind) { IsSensitive = sensitive, TimestampFormat = code.Length > 2 ? code[2..] : null };
    }

    private static bool Has(JsonElement entry, string key) => entry.TryGetProperty(key, out _);

    private static string? Text(JsonElement entry, string key) => entry.TryGetProperty(key, out var value) ? value.GetString() : null;

    private static string Required(JsonElement entry, string key) => Text(entry, key) ?? throw new FormatException($"{key} is missing");

    private static IEnumerable<string> Texts(JsonElement entry, string key) =>
        entry.TryGetProperty(key, out var list) ? list.EnumerateArray().Select(e => e.GetString()!) : [];
}
