using System.Text;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Compiled;

/// <summary>Reads what <see cref="SourceTreeWriter"/> wrote. Several threads may read trees at once.</summary>
internal sealed class SourceTreeReader(string[] texts)
{
    internal const int Map = 0;
    internal const int List = 1;
    internal const int Scalar = 2;
    private const int KindMask = 3;

    public static SourceTreeReader ReadTexts(BinaryReader reader)
    {
        var texts = new string[reader.Read7BitEncodedInt()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        return new SourceTreeReader(texts);
    }

    public string Text(int index) => texts[index];

    /// <param name="file">The file that the nodes came from.</param>
    /// <param name="tree">The bytes of the tree.</param>
    public SourceNode Read(string file, ArraySegment<byte> tree)
    {
        using var reader = new BinaryReader(new MemoryStream(tree.Array!, tree.Offset, tree.Count, writable: false), Encoding.UTF8);
        return Read(file, reader);
    }

    private SourceNode Read(string file, BinaryReader reader)
    {
        var head = reader.ReadByte();
        var (line, column) = (reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
        switch (head & KindMask)
        {
            case Map:
                var map = new SourceMap(file, line, column);
                for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                {
                    map.Entries.Add(new SourceEntry((SourceScalar)Read(file, reader), Read(file, reader)));
                }

                return map;
            case List:
                var list = new SourceList(file, line, column);
                for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
                {
                    list.Items.Add(Read(file, reader));
                }

                return list;
            default:
                return new SourceScalar(file, line, column)
                {
                    Value = texts[reader.Read7BitEncodedInt()],
                    Form = (ScalarForm)((head >> 2) & KindMask),
                    Folded = (head & 16) != 0,
                    CutByComment = (head & 32) != 0,
                };
        }
    }
}
