using System.Text;
using System.Text.Json;
using System.Xml;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Writes the bodies of rest-xml requests.</summary>
internal static class XmlBodyWriter
{
    private const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XmlWriterSettings _settings = new() { Encoding = new UTF8Encoding(false), OmitXmlDeclaration = true };

    public static byte[] Write(string element, string? xmlNamespace, Shape shape, JsonElement value)
    {
        var buffer = new MemoryStream();
        using (var writer = XmlWriter.Create(buffer, _settings))
        {
            WriteElement(writer, element, xmlNamespace, shape, value);
        }

        return buffer.ToArray();
    }

    private static void WriteElement(XmlWriter writer, string name, string? xmlNamespace, Shape shape, JsonElement value)
    {
        writer.WriteStartElement(name, xmlNamespace ?? "");
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                WriteMembers(writer, xmlNamespace, shape, value);
                break;
            case ShapeKind.List:
                foreach (var item in ParameterValue.Items(shape, value))
                {
                    WriteElement(writer, shape.ElementWireName ?? "member", xmlNamespace, shape.Element!, item);
                }

                break;
            case ShapeKind.Map:
                foreach (var entry in ParameterValue.Entries(shape, value))
                {
                    writer.WriteStartElement("entry", xmlNamespace ?? "");
                    writer.WriteElementString(shape.KeyWireName, xmlNamespace ?? "", entry.Name);
                    WriteElement(writer, shape.ValueWireName, xmlNamespace, shape.Element!, entry.Value);
                    writer.WriteEndElement();
                }

                break;
            default:
                writer.WriteString(ParameterValue.Text(shape, value, WireTime.Iso8601));
                break;
        }

        writer.WriteEndElement();
    }

    /// <summary>Attributes first, then the elements in the model's order, which some services require.</summary>
    private static void WriteMembers(XmlWriter writer, string? xmlNamespace, Shape shape, JsonElement value)
    {
        var given = ParameterValue.Members(shape, value).ToDictionary(m => m.Member, m => m.Value);
        foreach (var member in shape.Members.Where(m => m.IsXmlAttribute && given.ContainsKey(m)))
        {
            var name = member.WireName.Split(':');
            writer.WriteAttributeString(name[0], name[^1], SchemaInstance, ParameterValue.Text(member.Shape, given[member], WireTime.Iso8601));
        }

        foreach (var member in shape.Members.Where(m => m.Location is MemberLocation.Body && !m.IsXmlAttribute && given.ContainsKey(m)))
        {
            if (member.IsFlat && member.Shape.Kind is ShapeKind.List)
            {
                foreach (var item in ParameterValue.Items(member.Shape, given[member]))
                {
                    WriteElement(writer, member.Shape.ElementWireName ?? member.WireName, xmlNamespace, member.Shape.Element!, item);
                }
            }
            else
            {
                WriteElement(writer, member.WireName, member.XmlNamespace ?? xmlNamespace, member.Shape, given[member]);
            }
        }
    }
}
