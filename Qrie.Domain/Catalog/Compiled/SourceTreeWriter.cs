using System.Text;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Compiled;

/// <summary>Writes parsed YAML as bytes: texts once each, then trees that refer to them.</summary>
internal sealed class SourceTreeWriter
{
    private readonly Dictionary<string, int> _texts = [];
    private readonly List<string> _inOrder = [];

    public void WriteTexts(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt(_inOrder.Count);
        _inOrder.ForEach(writer.Write);
    }

    /// <summary>The bytes of a tree; what is written by others must follow the texts.</summary>
    public byte[] Write(SourceNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new BinaryWriter(buffer, Encoding.UTF8, leaveOpen: true))
        {
            Write(node, writer);
        }

        return buffer.ToArray();
    }

    public int IndexOf(string text)
    {
        if (!_texts.TryGetValue(text, out var index))
        {
            _texts[text] = index = _inOrder.Count;
            _inOrder.Add(text);
        }

        return index;
    }

    private void Write(SourceNode node, BinaryWriter writer)
    {
        writer.Write((byte)(node switch
        {
            SourceMap => SourceTreeReader.Map,
            SourceList => SourceTreeReader.List,
            SourceScalar scalar => SourceTreeReader.Scalar | ((int)scalar.Form << 2) | (scalar.Folded ? 16 : 0) | (scalar.CutByComment ? 32 : 0),
            _ => throw new InvalidOperationException($"{node.GetType().Name} cannot be stored."),
        }));
        writer.Write7BitEncodedInt64(node.Line);
        writer.Write7BitEncodedInt64(node.Column);
        switch (node)
        {
            case SourceMap map:
                writer.Write7BitEncodedInt(map.Entries.Count);
                foreach (var (key, value) in map.Entries)
                {
                    Write(key, writer);
                    Write(value, writer);
                }

                break;
            case SourceList list:
                writer.Write7BitEncodedInt(list.Items.Count);
                list.Items.ForEach(item => Write(item, writer));
                break;
            case SourceScalar scalar:
                writer.Write7BitEncodedInt(IndexOf(scalar.Value));
                break;
            default:
                break;
        }
    }
}
