using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Qrie.Domain.Catalog.Source;

/// <summary>
/// Reads the subset of YAML that the catalog allows: one document of maps, lists and scalars. Anchors, aliases and tags are rejected because they give a text a
/// meaning defined elsewhere.
/// </summary>
internal sealed class SourceReader
{
    /// <summary>The maximum depth of JSON; input is untrusted and reading is recursive.</summary>
    private const int MaxDepth = 64;

    private readonly string _file;
    private readonly string[] _lines;
    private readonly CatalogErrors _errors;
    private readonly Parser _parser;
    private int _depth;

    private SourceReader(string file, string text, CatalogErrors errors)
    {
        _file = file;
        _lines = text.Split('\n');
        _errors = errors;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The document; null if the file is empty or is not YAML (which is then among the errors).</summary>
    public static SourceNode? Read(string file, string text, CatalogErrors errors)
    {
        try
        {
            return new SourceReader(file, text, errors).ReadDocument();
        }
        catch (YamlException broken)
        {
            errors.Add(file, broken.Start.Line, broken.Start.Column, $"This is not YAML: {Sentence(broken.Message)}",
                "Check indentation and quotes; quote expressions that begin with one of ! & * @ ` [ { | > % or contain ': ' or ' #'.");
            return null;
        }
    }

    private static string Sentence(string message)
    {
        // YamlDotNet prefixes its messages with the position, which the error already carries.
        var start = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return (start < 0 ? message : message[(start + 3)..]).TrimEnd('.') + ".";
    }

    private SourceNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            _errors.Add(_file, 1, 1, "The file is empty.", "Write a service or a policy, or delete the file.");
            return null;
        }

        _parser.Consume<DocumentStart>();
        var root = ReadNode();
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            _errors.Add(_file, second.Start.Line, second.Start.Column, "A file holds one document.", "Move the second document into a file of its own.");
        }

        return root;
    }

    private SourceNode ReadNode()
    {
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                _parser.MoveNext();
                _errors.Add(
                    _file, alias.Start.Line, alias.Start.Column, $"'*{alias.Value}' is a YAML alias.",
                    "Write the value out, or quote it if it is an expression.");
                return new SourceScalar(_file, alias.Start.Line, alias.Start.Column) { Value = "", Form = ScalarForm.Quoted };
            case Scalar scalar:
                _parser.MoveNext();
                RefuseProperties(scalar);
                return ReadScalar(scalar);
            case SequenceStart start:
                _parser.MoveNext();
                RefuseProperties(start);
                return ReadList(start);
            case MappingStart start:
                _parser.MoveNext();
                RefuseProperties(start);
                return ReadMap(start);
            default:
                throw new YamlException(_parser.Current!.Start, _parser.Current.End, "a value was expected here");
        }
    }

    private void RefuseProperties(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            _errors.Add(
                _file, node.Start.Line, node.Start.Column, $"'&{node.Anchor.Value}' is a YAML anchor.",
                "Write the value out where it is used, or quote it if it is an expression.");
        }

        // The parser adds the tag "!" to quoted scalars by itself; only explicit tags count.
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            _errors.Add(
                _file, node.Start.Line, node.Start.Column, $"'{node.Tag.Value}' is a YAML tag.",
                "Quote the text: an expression that begins with ! must be quoted.");
        }
        else if (node is Scalar { Style: ScalarStyle.Plain } && !node.Tag.IsEmpty)
        {
            _errors.Add(_file, node.Start.Line, node.Start.Column, "'!' is a YAML tag.", "Quote the text: an expression that begins with ! must be quoted.");
        }
    }

    private SourceScalar ReadScalar(Scalar scalar)
    {
        var plain = scalar.Style is ScalarStyle.Plain;
        return new SourceScalar(_file, scalar.Start.Line, scalar.Start.Column)
        {
            Value = scalar.Value,
            Form = scalar.Style switch
            {
                ScalarStyle.Plain => ScalarForm.Plain,
                ScalarStyle.Literal or ScalarStyle.Folded => ScalarForm.Block,
                _ => ScalarForm.Quoted,
            },
            Folded = plain && scalar.End.Line > scalar.Start.Line,
            CutByComment = plain && CommentFollows(scalar.End),
        };
    }

    private bool CommentFollows(Mark end)
    {
        if (end.Line < 1 || end.Line > _lines.Length)
        {
            return false;
        }

        var line = _lines[end.Line - 1];
        var rest = line[(int)Math.Min(end.Column - 1, line.Length)..];
        return rest.TrimStart().StartsWith('#');
    }

    private SourceList ReadList(SequenceStart start)
    {
        Descend(start);
        var list = new SourceList(_file, start.Start.Line, start.Start.Column);
        while (!_parser.TryConsume<SequenceEnd>(out _))
        {
            list.Items.Add(ReadNode());
        }

        _depth--;
        return list;
    }

    private SourceMap ReadMap(MappingStart start)
    {
        Descend(start);
        var map = new SourceMap(_file, start.Start.Line, start.Start.Column);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode();
            var value = ReadNode();
            if (key is not SourceScalar name)
            {
                _errors.Add(key, "A key must be a text.", "Quote an expression that begins with { or [.");
            }
            else if (map.Find(name.Value) is { } first)
            {
                _errors.Add(name, $"'{name.Value}' is written twice, first in line {first.Key.Line}.", "Keep one of the two.");
            }
            else
            {
                map.Entries.Add(new SourceEntry(name, value));
            }
        }

        _depth--;
        return map;
    }

    private void Descend(NodeEvent start)
    {
        if (++_depth > MaxDepth)
        {
            throw new YamlException(start.Start, start.End, $"values are nested more than {MaxDepth} deep");
        }
    }
}
