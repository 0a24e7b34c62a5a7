using System.Buffers.Binary;
using System.Text;

namespace Qrie.Tests.Support.Telemetry;

/// <summary>A message of Protocol Buffers, read without its definition: fields by number. https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, ulong Number, ReadOnlyMemory<byte> Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlyMemory<byte> data)
    {
        while (!data.IsEmpty)
        {
            var tag = Varint(ref data);
            var (field, number, bytes) = ((int)(tag >> 3), 0UL, ReadOnlyMemory<byte>.Empty);
            switch (tag & 7)
            {
                case 0:
                    number = Varint(ref data);
                    break;
                case 1:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(data.Span);
                    data = data[8..];
                    break;
                case 2:
                    var length = (int)Varint(ref data);
                    bytes = data[..length];
                    data = data[length..];
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(data.Span);
                    data = data[4..];
                    break;
                default:
                    throw new InvalidDataException($"A field of wire type {tag & 7}.");
            }

            _fields.Add((field, number, bytes));
        }
    }

    public IEnumerable<ProtobufMessage> All(params int[] path) => path.Length == 0 ? [this]
        : _fields.Where(f => f.Field == path[0]).SelectMany(f => new ProtobufMessage(f.Bytes).All(path[1..]));

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field).Span);

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field).Span);

    public ulong Number(int field) => _fields.FirstOrDefault(f => f.Field == field).Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    private ReadOnlyMemory<byte> Bytes(int field) => _fields.FirstOrDefault(f => f.Field == field).Bytes;

    private static ulong Varint(ref ReadOnlyMemory<byte> data)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = data.Span[0];
            data = data[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
