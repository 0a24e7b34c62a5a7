namespace Qrie.Api.Exports;

/// <summary>Writes an export in one format. Memory does not depend on the number of rows.</summary>
internal interface IExportFormat
{
    /// <summary>As users name it, <c>sarif</c>.</summary>
    string Name { get; }

    /// <summary>With its parameters, as in a response's Content-Type.</summary>
    string MediaType { get; }

    /// <summary>Of file names, without the dot.</summary>
    string Extension { get; }

    /// <summary>Leaves the stream open.</summary>
    Task WriteAsync(Export export, Stream stream, CancellationToken cancel);
}

/// <summary>All formats.</summary>
internal static class ExportFormats
{
    public static readonly IReadOnlyList<IExportFormat> All =
    [
        new Formats.JsonLinesFormat(),
        new Formats.CsvFormat(),
        new Formats.HtmlFormat(),
        new Formats.OcsfFormat(),
        new Formats.AsffFormat(),
        new Formats.SarifFormat(),
        new Formats.JUnitFormat(),
        new Formats.MarkdownFormat(),
    ];

    public static string Names => string.Join(", ", All.Select(f => f.Name));

    /// <summary>Null if there is no such format.</summary>
    public static IExportFormat? Find(string? name) => All.FirstOrDefault(f => f.Name == name);
}
