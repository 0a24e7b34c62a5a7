namespace Qrie.Domain.Catalog.Source;

/// <summary>A value of a YAML file with its position, so that errors can be located.</summary>
internal abstract class SourceNode(string file, long line, long column)
{
    public string File { get; } = file;

    /// <summary>1-based.</summary>
    public long Line { get; } = line;

    /// <summary>1-based.</summary>
    public long Column { get; } = column;

    /// <summary>The node's kind, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>The form of a scalar; YAML may reinterpret plain ones.</summary>
internal enum ScalarForm
{
    Plain,
    Quoted,
    Block,
}

internal sealed class SourceScalar(string file, long line, long column) : SourceNode(file, line, column)
{
    public required string Value { get; init; }

    public required ScalarForm Form { get; init; }

    /// <summary>A plain scalar over more than one line: YAML folds it.</summary>
    public bool Folded { get; init; }

    /// <summary>A comment follows on the same line: a plain scalar loses the text after " #".</summary>
    public bool CutByComment { get; init; }

    public override string Kind => "a text";
}

internal sealed class SourceList(string file, long line, long column) : SourceNode(file, line, column)
{
    public List<SourceNode> Items { get; } = [];

    public override string Kind => "a list";
}

internal sealed class SourceMap(string file, long line, long column) : SourceNode(file, line, column)
{
    /// <summary>In file order; a duplicate key is included once and reported as an error.</summary>
    public List<SourceEntry> Entries { get; } = [];

    public override string Kind => "a map";

    public SourceEntry? Find(string key) => Entries.Find(entry => entry.Key.Value == key);
}

internal sealed record SourceEntry(SourceScalar Key, SourceNode Value);
