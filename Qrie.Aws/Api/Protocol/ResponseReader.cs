using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api.Protocol;

/// <summary>The headers of a response.</summary>
internal interface IResponseHeaders
{
    IEnumerable<string> Names { get; }

    /// <summary>The value of a header; null if not sent.</summary>
    string? Find(string name);
}

/// <summary>Reads the response of any operation into JSON in AWS's own shape, as <c>aws … --output json</c> prints it.</summary>
internal sealed class ResponseReader
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private readonly ServiceModel _service;
    private readonly Operation _operation;
    private readonly Utf8JsonWriter _writer;
    private readonly Redactor? _redactor;

    private ResponseReader(ServiceModel service, Operation operation, Utf8JsonWriter writer, Redactor? redactor)
    {
        _service = service;
        _operation = operation;
        _writer = writer;
        _redactor = redactor;
    }

    /// <summary>The response as JSON, which does not refer to the body. Without a redactor it is unchanged.</summary>
    /// <exception cref="InvalidResponseException">The body is truncated or is something else.</exception>
    public static JsonElement Read(
        ServiceModel service, Operation operation, ArraySegment<byte> body, int status, IResponseHeaders headers, Redactor? redactor)
    {
        using var buffer = new PooledBuffer(body.Count);
        try
        {
            using (var writer = new Utf8JsonWriter(buffer, _options))
            {
                new ResponseReader(service, operation, writer, redactor).Read(body, status, headers);
            }
        }
        catch (Exception e) when (e is JsonException or XmlException or InvalidOperationException or FormatException
            or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new InvalidResponseException("The response is truncated or does not match the service model: " + e.Message, e);
        }

        var json = redactor?.Sweep(buffer.Written, operation) ?? buffer.Written;
        var response = JsonElement.Parse(json.Span);
        ResponseCheck.Verify(service, operation, response, body, headers);
        return response;
    }

    private void Read(ArraySegment<byte> body, int status, IResponseHeaders headers)
    {
        if (body.Count == 0 && !_operation.Response.MayBeEmpty)
        {
            throw new InvalidResponseException($"The body is empty (HTTP status {status}), which a response to {_operation} never is.");
        }

        _writer.WriteStartObject();
        if (_operation.Output is { } output)
        {
            var secrecy = _redactor?.Start(_service.Name, _operation.Name) ?? Secrecy.Off;
            if (_service.IsRest && output.Payload is { } payload)
            {
                ReadPayload(output.FindMember(payload)!, body, secrecy);
            }
            else if (output.HasBodyMembers && body.Count > 0)
            {
                ReadMembers(output, body, secrecy);
            }

            if (_service.IsRest)
            {
                ReadHeaders(output, status, headers, secrecy);
            }
        }

        _writer.WriteEndObject();
    }

    /// <summary>Reads a body that is a single member.</summary>
    private void ReadPayload(ShapeMember member, ArraySegment<byte> body, Secrecy secrecy)
    {
        _writer.WritePropertyName(member.JsonName);
        secrecy = secrecy.Enter(member);
        if (member.Shape.Kind is ShapeKind.Blob)
        {
            new LeafWriter(_writer, _redactor).WriteBytes(body, secrecy);
        }
        else if (member.Shape.IsScalar)
        {
            ServiceQuirks.CheckText(_service, _operation, body);
            new LeafWriter(_writer, _redactor).WriteText(member.Shape, Encoding.UTF8.GetString(body), secrecy);
        }
        else if (_service.IsJson)
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            new JsonResponseReader(_writer, _redactor).ReadValue(member.Shape, ref reader, secrecy);
            Finish(ref reader);
        }
        else
        {
            using var reader = OpenXml(body);
            new XmlResponseReader(_writer, _redactor).ReadValue(member.Shape, reader, secrecy);
            XmlResponseReader.Finish(reader);
        }
    }

    private void ReadMembers(Shape output, ArraySegment<byte> body, Secrecy secrecy)
    {
        if (_service.IsJson)
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            if (reader.TokenType is not JsonTokenType.StartObject)
            {
                throw new FormatException($"the body begins with {reader.TokenType} instead of an object");
            }

            new JsonResponseReader(_writer, _redactor).ReadMembers(output, ref reader, secrecy);
            Finish(ref reader);
            return;
        }

        using var xml = OpenXml(body);
        if (ServiceQuirks.ReadsBodyItself(_service, _operation))
        {
            ServiceQuirks.ReadBody(_writer, xml);
        }
        else if (_operation.ResultWrapper is null || XmlResponseReader.MoveToChild(xml, _operation.ResultWrapper))
        {
            new XmlResponseReader(_writer, _redactor).ReadMembers(output, xml, secrecy);
        }
        else if (output.Members.Count > 0)
        {
            throw new FormatException($"there is no <{_operation.ResultWrapper}> in it");
        }

        XmlResponseReader.Finish(xml);
    }

    /// <summary>A reader on the root element, which must be the operation's.</summary>
    private XmlReader OpenXml(ArraySegment<byte> body)
    {
        var reader = XmlResponseReader.Open(body);
        if (_operation.Response.Roots is not { } roots || roots.Contains(reader.LocalName))
        {
            return reader;
        }

        using (reader)
        {
            var carried = ErrorReader.FindXmlCode(body) is { } code ? $" and carries the error {code}" : "";
            throw new FormatException($"the root element is <{reader.LocalName}> instead of <{string.Join("> or <", roots)}>{carried}");
        }
    }

    /// <summary>Content after the value means that the body is something else; the reader throws.</summary>
    private static void Finish(ref Utf8JsonReader reader)
    {
        while (reader.Read())
        {
        }
    }

    private void ReadHeaders(Shape output, int status, IResponseHeaders headers, Secrecy secrecy)
    {
        var leaves = new LeafWriter(_writer, _redactor);
        foreach (var member in output.Members)
        {
            switch (member.Location)
            {
                case MemberLocation.StatusCode:
                    _writer.WriteNumber(member.JsonName, status);
                    break;
                case MemberLocation.Header when headers.Find(member.WireName) is { Length: > 0 } text:
                    _writer.WritePropertyName(member.JsonName);
                    ReadHeader(leaves, member, text, secrecy.Enter(member));
                    break;
                case MemberLocation.HeaderPrefix:
                    _writer.WriteStartObject(member.JsonName);
                    foreach (var name in headers.Names.Where(n => n.StartsWith(member.WireName, StringComparison.OrdinalIgnoreCase)))
                    {
                        _writer.WritePropertyName(name[member.WireName.Length..]);
                        leaves.WriteText(member.Shape.Element!, headers.Find(name)!, secrecy.Enter(member));
                    }

                    _writer.WriteEndObject();
                    break;
            }
        }
    }

    private void ReadHeader(LeafWriter leaves, ShapeMember member, string text, Secrecy secrecy)
    {
        if (member.IsJsonText)
        {
            _writer.WriteRawValue(Convert.FromBase64String(text));
        }
        else if (member.Shape.Kind is ShapeKind.List)
        {
            _writer.WriteStartArray();
            foreach (var item in text.Split(','))
            {
                leaves.WriteText(member.Shape.Element!, item.Trim(), secrecy);
            }

            _writer.WriteEndArray();
        }
        else
        {
            leaves.WriteText(member.Shape, text, secrecy);
        }
    }
}

/// <summary>The body is truncated or does not match the model. The call is retried.</summary>
internal sealed class InvalidResponseException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The code of the resulting error.</summary>
    public const string Code = "UnreadableResponse";
}
