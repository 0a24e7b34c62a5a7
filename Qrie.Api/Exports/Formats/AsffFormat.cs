namespace Qrie.Api.Exports.Formats;

/// <summary>A JSON array of findings in the AWS Security Finding Format, as <c>BatchImportFindings</c> takes them.</summary>
internal sealed class AsffFormat : IExportFormat
{
    public string Name => "asff";

    public string MediaType => "application/json; charset=utf-8";

    public string Extension => "asff.json";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await using var output = new JsonStream(stream);
        output.Json.WriteStartArray();
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            AsffFinding.Write(output.Json, row, AsffFinding.HomeRegion);
            await output.RowAsync(cancel);
        }

        output.Json.WriteEndArray();
        await output.SendAsync(cancel);
    }
}
