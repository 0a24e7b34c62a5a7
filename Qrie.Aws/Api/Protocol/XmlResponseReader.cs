using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Redaction;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Reads XML bodies in one pass. Every method starts with the reader at a start tag and ends just after the end tag.</summary>
internal readonly struct XmlResponseReader(Utf8JsonWriter writer, Redactor? redactor)
{
    private static readonly JsonWriterOptions _fragment = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private static readonly XmlReaderSettings _settings = new()
    {
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        CheckCharacters = false,
    };

    /// <summary>A reader at the root element.</summary>
    public static XmlReader Open(ArraySegment<byte> body)
    {
        var reader = XmlReader.Create(new MemoryStream(body.Array!, body.Offset, body.Count, writable: false), _settings);
        reader.MoveToContent();
        return reader;
    }

    /// <summary>Reads to the end, so that a truncated body is detected.</summary>
    public static void Finish(XmlReader reader)
    {
        while (reader.Read())
        {
        }
    }

    /// <summary>
    /// Moves from a start tag to that of a child element; false if there is no child of that name, in which case the reader is after the end tag.
    /// </summary>
    public static bool MoveToChild(XmlReader reader, string name)
    {
        for (var children = new Children(); children.Next(reader); reader.Skip())
        {
            if (reader.LocalName == name)
            {
                return true;
            }
        }

        return false;
    }

    public void ReadValue(Shape shape, XmlReader reader, Secrecy secrecy)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                writer.WriteStartObject();
                ReadMembers(shape, reader, secrecy);
                writer.WriteEndObject();
                break;
            case ShapeKind.List:
                writer.WriteStartArray();
                var inside = secrecy.Enter(shape.Element!);
                for (var children = new Children(); children.Next(reader);)
                {
                    ReadValue(shape.Element!, reader, inside);
                }

                writer.WriteEndArray();
                break;
            case ShapeKind.Map:
                writer.WriteStartObject();
                for (var children = new Children(); children.Next(reader);)
                {
                    ReadEntry(shape, reader, secrecy);
                }

                writer.WriteEndObject();
                break;
            default:
                new LeafWriter(writer, redactor).WriteText(shape, reader.ReadElementContentAsString(), secrecy);
                break;
        }
    }

    public void ReadMembers(Shape shape, XmlReader reader, Secrecy secrecy)
    {
        ReadAttributes(shape, reader, secrecy);
        FlatMembers? flat = null;
        for (var children = new Children(); children.Next(reader);)
        {
            var member = shape.FindByWireName(reader.LocalName);
            if (member is null)
            {
                reader.Skip();
            }
            else if (member.IsFlat)
            {
                flat ??= new FlatMembers();
                flat.Read(member, reader, redactor, secrecy.Enter(member));
            }
            else if (member.Shape.IsScalar)
            {
                ReadScalar(member, reader, secrecy);
            }
            else
            {
                writer.WritePropertyName(member.JsonName);
                ReadValue(member.Shape, reader, secrecy.Enter(member));
            }
        }

        flat?.WriteTo(writer);
    }

    private void ReadAttributes(Shape shape, XmlReader reader, Secrecy secrecy)
    {
        if (!shape.HasXmlAttributes || !reader.HasAttributes)
        {
            return;
        }

        foreach (var member in shape.Members)
        {
            if (member.IsXmlAttribute && reader.GetAttribute(member.WireName) is { } text)
            {
                writer.WritePropertyName(member.JsonName);
                new LeafWriter(writer, redactor).WriteText(member.Shape, text, secrecy.Enter(member));
            }
        }
    }

    /// <summary>Empty text is a value for strings (an empty token) only.</summary>
    private void ReadScalar(ShapeMember member, XmlReader reader, Secrecy secrecy)
    {
        var text = reader.ReadElementContentAsString();
        if (text.Length > 0 || member.Shape.Kind is ShapeKind.String or ShapeKind.Blob)
        {
            writer.WritePropertyName(member.JsonName);
            new LeafWriter(writer, redactor).WriteText(member.Shape, text, secrecy.Enter(member));
        }
    }

    private void ReadEntry(Shape map, XmlReader reader, Secrecy secrecy)
    {
        var key = "";
        for (var children = new Children(); children.Next(reader);)
        {
            if (reader.LocalName == map.KeyWireName)
            {
                key = reader.ReadElementContentAsString();
                writer.WritePropertyName(key);
            }
            else if (reader.LocalName == map.ValueWireName)
            {
                ReadValue(map.Element!, reader, secrecy.Enter(map.Element!, key));
            }
            else
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Iterates over the child elements of the current one; the caller must read past each child.</summary>
    private struct Children
    {
        private bool _isInside;

        public bool Next(XmlReader reader)
        {
            if (!_isInside)
            {
                _isInside = true;
                var isEmpty = reader.IsEmptyElement;
                reader.Read();
                if (isEmpty)
                {
                    return false;
                }
            }

            while (reader.NodeType is not (XmlNodeType.Element or XmlNodeType.EndElement))
            {
                if (!reader.Read())
                {
                    return false;
                }
            }

            if (reader.NodeType is XmlNodeType.Element)
            {
                return true;
            }

            reader.Read();
            return false;
        }
    }

    /// <summary>
    /// The items of flat lists are among the other members, and those of two lists may be interleaved (Version and DeleteMarker of S3): each list is collected
    /// in its own fragment, and they are written at the end of the structure.
    /// </summary>
    private sealed class FlatMembers
    {
        private readonly List<(ShapeMember Member, ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)> _fragments = [];

        public void Read(ShapeMember member, XmlReader reader, Redactor? redactor, Secrecy secrecy)
        {
            var inner = new XmlResponseReader(FragmentOf(member), redactor);
            if (member.Shape.Kind is ShapeKind.List)
            {
                inner.ReadValue(member.Shape.Element!, reader, secrecy.Enter(member.Shape.Element!));
            }
            else
            {
                inner.ReadEntry(member.Shape, reader, secrecy);
            }
        }

        public void WriteTo(Utf8JsonWriter writer)
        {
            foreach (var (member, buffer, fragment) in _fragments)
            {
                if (member.Shape.Kind is ShapeKind.List)
                {
                    fragment.WriteEndArray();
                }
                else
                {
                    fragment.WriteEndObject();
                }

                fragment.Flush();
                writer.WritePropertyName(member.JsonName);
                writer.WriteRawValue(buffer.WrittenSpan, skipInputValidation: true);
                fragment.Dispose();
            }
        }

        private Utf8JsonWriter FragmentOf(ShapeMember member)
        {
            foreach (var fragment in _fragments)
            {
                if (fragment.Member == member)
                {
                    return fragment.Writer;
                }
            }

            var buffer = new ArrayBufferWriter<byte>(256);
            var writer = new Utf8JsonWriter(buffer, _fragment);
            if (member.Shape.Kind is ShapeKind.List)
            {
                writer.WriteStartArray();
            }
            else
            {
                writer.WriteStartObject();
            }

            _fragments.Add((member, buffer, writer));
            return writer;
        }
    }
}
