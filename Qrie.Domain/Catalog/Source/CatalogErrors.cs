namespace Qrie.Domain.Catalog.Source;

/// <summary>Collects the errors and notes of all files, so that an author sees them at once.</summary>
internal sealed class CatalogErrors
{
    private readonly List<CatalogError> _errors = [];
    private readonly List<CatalogError> _notes = [];

    public int Count => _errors.Count;

    public void Add(SourceNode node, string message, string remedy) =>
        _errors.Add(new CatalogError(node.File, node.Line, node.Column, message, remedy));

    public void Add(string file, long line, long column, string message, string remedy) =>
        _errors.Add(new CatalogError(file, line, column, message, remedy));

    /// <summary>Adds what is valid but worth a look.</summary>
    public void Note(SourceNode node, string message, string remedy) =>
        _notes.Add(new CatalogError(node.File, node.Line, node.Column, message, remedy));

    public IReadOnlyList<CatalogError> All() => Sorted(_errors);

    public IReadOnlyList<CatalogError> Notes() => Sorted(_notes);

    private static IReadOnlyList<CatalogError> Sorted(List<CatalogError> entries) =>
        [.. entries.OrderBy(e => e.File, StringComparer.Ordinal).ThenBy(e => e.Line).ThenBy(e => e.Column)];
}
