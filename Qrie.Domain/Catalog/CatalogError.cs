namespace Qrie.Domain.Catalog;

/// <summary>An error in a catalog file, with a remedy.</summary>
/// <param name="File">The file as the loader was given it.</param>
/// <param name="Line">1-based; 0 for the file as a whole.</param>
/// <param name="Column">1-based; 0 for the file as a whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to write instead.</param>
public sealed record CatalogError(string File, long Line, long Column, string Message, string Remedy)
{
    public override string ToString() => Line > 0 ? $"{File}({Line},{Column}): {Message} {Remedy}" : $"{File}: {Message} {Remedy}";
}

/// <summary>The catalog is invalid; contains the errors of all files.</summary>
public sealed class CatalogException : Exception
{
    public CatalogException()
        : this([])
    {
    }

    public CatalogException(string message)
        : base(message)
    {
    }

    public CatalogException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public CatalogException(IReadOnlyList<CatalogError> errors)
        : base(Describe(errors)) => Errors = errors;

    public IReadOnlyList<CatalogError> Errors { get; } = [];

    private static string Describe(IReadOnlyList<CatalogError> errors) =>
        $"The catalog has {errors.Count} error(s):{Environment.NewLine}{string.Join(Environment.NewLine, errors)}";
}
