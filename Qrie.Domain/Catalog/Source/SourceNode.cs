namespace Qrie.Domain.Catalog.Source;

/// <summary>A value of a YAML file that remembers where it was written, so that every mistake can be shown at its place.</summary>
internal abstract class SourceNode(string file, long line, long column)
{
    public string File { get; } = file;

    /// <summary>1-based.</summary>
    public long Line { get; } = line;

    /// <summary>1-based.</summary>
    public long Column { get; } = column;

    /// <summary>The node's kind in words, for messages.</summary>
    public abstract string Kind { get; }
}

/// <summary>How a scalar was written; plain ones are at YAML's mercy.</summary>
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

    /// <summary>A comment follows on the same line: in a plain scalar the text after " #" is lost.</summary>
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
    /// <summary>In the order of the file; a key that was written twice is here once and an error.</summary>
    public List<SourceEntry> Entries { get; } = [];

    public override string Kind => "a map";

    public SourceEntry? Find(string key) => Entries.Find(entry => entry.Key.Value == key);
}

internal sealed record SourceEntry(SourceScalar Key, SourceNode Value);
