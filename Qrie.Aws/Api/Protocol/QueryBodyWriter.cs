using System.Globalization;
using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Models;

namespace Qrie.Aws.Api.Protocol;

/// <summary>Writes the form bodies of query and ec2 requests: nested values as <c>Filter.1.Value.2=…</c>.</summary>
internal sealed class QueryBodyWriter
{
    private readonly StringBuilder _text = new();
    private readonly bool _isEc2;

    private QueryBodyWriter(bool isEc2) => _isEc2 = isEc2;

    public static byte[] Write(ServiceModel service, Operation operation, JsonElement parameters)
    {
        var writer = new QueryBodyWriter(service.Protocol is WireProtocol.Ec2);
        writer._text.Append("Action=").Append(operation.Name).Append("&Version=").Append(service.ApiVersion);
        if (operation.Input is { } input && !ParameterValue.IsMissing(parameters))
        {
            writer.WriteMembers(input, parameters, "");
        }

        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    private void WriteMembers(Shape shape, JsonElement value, string prefix)
    {
        foreach (var (member, child) in ParameterValue.Members(shape, value))
        {
            var name = NameOf(member);
            WriteValue(member.Shape, child, prefix.Length == 0 ? name : prefix + "." + name, member.IsFlat);
        }
    }

    /// <summary>ec2 has its own names, with a capital first letter; query names a flat list after its items.</summary>
    private string NameOf(ShapeMember member)
    {
        if (_isEc2)
        {
            return member.QueryName
                ?? (member.LocationName is { Length: > 0 } wire ? char.ToUpperInvariant(wire[0]) + wire[1..] : member.Name);
        }

        return member.IsFlat && member.Shape.Kind is ShapeKind.List ? member.Shape.ElementWireName ?? member.WireName : member.WireName;
    }

    private void WriteValue(Shape shape, JsonElement value, string name, bool isFlat)
    {
        switch (shape.Kind)
        {
            case ShapeKind.Structure:
                WriteMembers(shape, value, name);
                break;
            case ShapeKind.List:
                WriteList(shape, value, isFlat || _isEc2 ? name : $"{name}.{shape.ElementWireName ?? "member"}", name);
                break;
            case ShapeKind.Map:
                WriteMap(shape, value, isFlat ? name : name + ".entry");
                break;
            default:
                Append(name, ParameterValue.Text(shape, value, WireTime.Iso8601));
                break;
        }
    }

    private void WriteList(Shape shape, JsonElement value, string prefix, string name)
    {
        var index = 0;
        foreach (var item in ParameterValue.Items(shape, value))
        {
            WriteValue(shape.Element!, item, Indexed(prefix, ++index), shape.Element!.IsFlattened);
        }

        if (index == 0 && !_isEc2)
        {
            Append(name, "");
        }
    }

    private void WriteMap(Shape shape, JsonElement value, string prefix)
    {
        var index = 0;
        foreach (var entry in ParameterValue.Entries(shape, value))
        {
            var name = Indexed(prefix, ++index);
            Append($"{name}.{shape.KeyWireName}", entry.Name);
            WriteValue(shape.Element!, entry.Value, $"{name}.{shape.ValueWireName}", isFlat: false);
        }
    }

    private void Append(string name, string value) => _text.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));

    private static string Indexed(string prefix, int index) => string.Create(CultureInfo.InvariantCulture, $"{prefix}.{index}");
}
