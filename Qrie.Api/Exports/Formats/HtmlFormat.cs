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
    private static readonly string s_page = Asset("report.html");
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
        json.WriteStringValue(row.UnknownText ?? row.ExceptionText);
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

    private static string Head(ExportHead head) => s_page
        .Replace("{{style hash}}", HashOf(s_style), StringComparison.Ordinal)
        .Replace("{{script hash}}", HashOf(s_script), StringComparison.Ordinal)
        .Replace("{{style}}", s_style, StringComparison.Ordinal)
        .Replace("{{facts}}", Facts(head), StringComparison.Ordinal)
        .Replace(
            "{{incomplete}}", head.Incomplete is { } why ? $"""<p class="incomplete"><strong>Incomplete.</strong> {Encode(why)}</p>""" : "",
            StringComparison.Ordinal)
        .Replace("{{unread}}", Unread(head), StringComparison.Ordinal);

    private static string Facts(ExportHead head) => head.Scan is { } scan
        ? Encode(string.Create(
            CultureInfo.InvariantCulture,
            $"{scan.Policies} policies on {scan.Resources} resources in {string.Join(", ", scan.Accounts)}, "
            + $"{scan.FinishedAt.Text()}, Qrie {QrieVersion.Current}"))
        : Encode($"{head.At.Text()}, Qrie {QrieVersion.Current}");

    private static string Unread(ExportHead head)
    {
        if (head.UnreadTotal == 0)
        {
            return "";
        }

        var text = new StringBuilder("<h2>Could not be listed</h2>\n<table><thead><tr>")
            .Append("<th>Account</th><th>Region</th><th>Type</th><th>Reason</th></tr></thead><tbody>\n");
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
