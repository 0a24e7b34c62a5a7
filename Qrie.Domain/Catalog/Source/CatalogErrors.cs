namespace Qrie.Domain.Catalog.Source;

/// <summary>Collects the errors of all files, so that an author sees them at once.</summary>
internal sealed class CatalogErrors
{
    private readonly List<CatalogError> _errors = [];

    public int Count => _errors.Count;

    public void Add(SourceNode node, string message, string remedy) =>
        _errors.Add(new CatalogError(node.File, node.Line, node.Column, message, remedy));

    public void Add(string file, long line, long column, string message, string remedy) =>
        _errors.Add(new CatalogError(file, line, column, message, remedy));

    public IReadOnlyList<CatalogError> All() =>
        [.. _errors.OrderBy(e => e.File, StringComparer.Ordinal).ThenBy(e => e.Line).ThenBy(e => e.Column)];
}
