using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Qrie.Api.Hosting;

namespace Qrie.Api.Exports.Formats;

/// <summary>
/// One self-contained page: rows as JSON, and a script that filters and shows them as text. A content security policy allows this script and nothing else, so
/// that a name of a resource cannot become markup, and nothing is loaded.
/// </summary>
internal sealed class HtmlFormat : IExportFormat
{
    private static readonly string s_style = Asset("report.css");
    private static readonly string s_script = Asset("report.js");

    /// <summary>Escapes what could end a script element.</summary>
    private static readonly JavaScriptEncoder s_encoder = JavaScriptEncoder.Create(UnicodeRanges.All);

    public string Name => "html";

    public string MediaType => "text/html; charset=utf-8";

    public string Extension => "html";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        await WriteAsync(stream, Head(export.Head), cancel);
        await WriteAsync(stream, """<script type="application/json" id="rows">""", cancel);
        var policies = new Dictionary<string, ExportedPolicy>(StringComparer.Ordinal);
        await using (var output = new JsonStream(stream, s_encoder))
        {
            output.Json.WriteStartArray();
            await foreach (var row in export.Rows.WithCancellation(cancel))
            {
                policies.TryAdd(row.Policy.Id, row.Policy);
                Write(output.Json, row);
                await output.RowAsync(cancel);
            }

            output.Json.WriteEndArray();
            await output.SendAsync(cancel);
        }

        await WriteAsync(stream, """</script><script type="application/json" id="policies">""", cancel);
        await using (var output = new JsonStream(stream, s_encoder))
        {
            Write(output.Json, policies.Values);
            await output.SendAsync(cancel);
        }

        await WriteAsync(stream, $"</script>\n<script>{s_script}</script>\n</body>\n</html>\n", cancel);
    }

    private static void Write(Utf8JsonWriter json, ExportRow row)
    {
        json.WriteStartArray();
        json.WriteStringValue(row.Arn);
        json.WriteStringValue(row.Policy.Id);
        json.WriteStringValue(row.AccountId);
        json.WriteStringValue(row.Service);
        json.WriteStringValue(row.ResourceType);
        json.WriteStringValue(row.Region);
        json.WriteNumberValue(row.Severity);
        json.WriteStringValue(RowNames.Of(row.State));
        json.WriteStringValue(row.FirstSeen?.Text());
        json.WriteStringValue(row.LastEvaluated.Text());
        json.WriteStringValue(row.Evidence?.ToString());
        json.WriteStringValue(row.UnknownText);
        json.WriteStringValue(row.Baseline is { } baseline ? RowNames.Of(baseline) : null);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, IEnumerable<ExportedPolicy> policies)
    {
        json.WriteStartObject();
        foreach (var policy in policies)
        {
            json.WriteStartObject(policy.Id);
            json.WriteString("title", policy.Title);
            json.WriteString("description", policy.Description);
            json.WriteString("remediation", policy.Remediation);
            json.Texts("references", policy.References);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Head(ExportHead head) => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{HashOf(s_style)}'; script-src '{HashOf(s_script)}'; base-uri 'none'; form-action 'none'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Qrie findings</title>
        <style>{s_style}</style>
        </head>
        <body>
        <h1>Findings</h1>
        <div class="facts">{Facts(head)}</div>
        {(head.Incomplete is { } why ? $"<p class=\"incomplete\"><strong>Incomplete.</strong> {Encode(why)}</p>" : "")}
        <form>
        <label>Search <input name="text" type="search" autocomplete="off"></label>
        <label>Severity <select name="severity"><option value="">all</option><option>critical</option><option value="high">high or higher</option><option value="medium">medium or higher</option><option value="low">low or higher</option></select></label>
        <label>State <select name="state"><option value="">all</option><option value="ACTIVE">active</option><option value="new">new</option><option value="UNKNOWN">unknown</option><option value="RESOLVED">resolved</option></select></label>
        <label>Service <select name="service"><option value="">all</option></select></label>
        <label>Account <select name="account"><option value="">all</option></select></label>
        </form>
        <p><span id="count" role="status"></span> rows</p>
        <noscript><p>This page needs JavaScript to show its rows; nothing is loaded from elsewhere.</p></noscript>
        <table id="findings">
        <thead><tr><th>Severity</th><th>State</th><th>Policy</th><th>Resource</th><th>Account</th><th>Region</th><th>Since</th></tr></thead>
        <tbody></tbody>
        </table>
        <p><button id="more" type="button" hidden>Show more</button></p>
        {Unread(head)}

        """;

    private static string Facts(ExportHead head) => head.Scan is { } scan
        ? Encode(string.Create(
            CultureInfo.InvariantCulture,
            $"{scan.Policies} policies on {scan.Resources} resources in {string.Join(", ", scan.Accounts)}, {scan.FinishedAt.Text()}, Qrie {QrieVersion.Current}"))
        : Encode($"{head.At.Text()}, Qrie {QrieVersion.Current}");

    private static string Unread(ExportHead head)
    {
        if (head.UnreadTotal == 0)
        {
            return "";
        }

        var text = new StringBuilder("<h2>Could not be listed</h2>\n<table><thead><tr><th>Account</th><th>Region</th><th>Type</th><th>Reason</th></tr></thead><tbody>\n");
        foreach (var list in head.Unread)
        {
            text.Append("<tr><td>").AppendJoin("</td><td>", new[] { list.AccountId, list.Region, list.Type, UnreadText.Of(list) }.Select(Encode))
                .Append("</td></tr>\n");
        }

        text.Append("</tbody></table>\n");
        return head.UnreadTotal > head.Unread.Count
            ? text.Append(CultureInfo.InvariantCulture, $"<p>{head.Unread.Count} of {head.UnreadTotal}</p>\n").ToString()
            : text.ToString();
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static ValueTask WriteAsync(Stream stream, string text, CancellationToken cancel) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);

    private static string Asset(string name)
    {
        using var reader = new StreamReader(typeof(HtmlFormat).Assembly.GetManifestResourceStream($"Qrie.Api.Exports.Formats.{name}")!);
        return reader.ReadToEnd();
    }
}
