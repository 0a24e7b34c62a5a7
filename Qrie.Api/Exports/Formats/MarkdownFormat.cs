using System.Globalization;
using System.Text;
using Qrie.Api.Hosting;

namespace Qrie.Api.Exports.Formats;

/// <summary>A summary for the page of a CI run: counts, the most severe findings, and what is not known. Only that much is held in memory.</summary>
internal sealed class MarkdownFormat : IExportFormat
{
    private const int FindingsShown = 50;
    private const int UnreadShown = 50;

    public string Name => "markdown";

    public string MediaType => "text/markdown; charset=utf-8";

    public string Extension => "md";

    public async Task WriteAsync(Export export, Stream stream, CancellationToken cancel)
    {
        var counts = new RowCounts();
        var worst = new PriorityQueue<ExportRow, (int Severity, long Order)>();
        var order = 0L;
        await foreach (var row in export.Rows.WithCancellation(cancel))
        {
            counts.Add(row);
            if (row.State == RowState.Active)
            {
                // The least severe of those that are kept, and among equals the last one, is first in the queue.
                worst.Enqueue(row, (row.Severity, -order++));
                if (worst.Count > FindingsShown)
                {
                    worst.Dequeue();
                }
            }
        }

        var shown = new Stack<ExportRow>();
        while (worst.TryDequeue(out var row, out _))
        {
            shown.Push(row);
        }

        await using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true);
        await text.WriteAsync(Text(export.Head, counts, shown).AsMemory(), cancel);
    }

    private static string Text(ExportHead head, RowCounts counts, Stack<ExportRow> worst)
    {
        var text = new StringBuilder();
        text.Append("# Qrie: ").Append(Number(counts.Findings)).Append(" findings\n\n");
        if (head.Incomplete is { } why)
        {
            text.Append("**Incomplete:** ").Append(Plain(why)).Append("\n\n");
        }

        if (head.Scan is { } scan)
        {
            text.Append(CultureInfo.InvariantCulture, $"{scan.Policies} policies on {Number(scan.Resources)} resources in {scan.Accounts.Count} accounts, ")
                .Append(CultureInfo.InvariantCulture, $"{scan.FinishedAt.Text()}, Qrie {QrieVersion.Current}.\n\n");
        }

        if (counts.Services.Count > 0)
        {
            text.Append("| Service | Critical | High | Medium | Low | Unknown |\n|---|--:|--:|--:|--:|--:|\n");
            foreach (var (service, numbers) in counts.Services)
            {
                text.Append("| ").Append(service).Append(" | ").AppendJoin(" | ", numbers.Select(Number)).Append(" |\n");
            }

            text.Append('\n');
        }

        if (worst.Count > 0)
        {
            text.Append(worst.Count < counts.Findings ? $"## The {worst.Count} most severe findings\n\n" : "## Findings\n\n");
            text.Append("| Severity | Policy | Resource | Account | Region |\n|---|---|---|---|---|\n");
            foreach (var row in worst)
            {
                text.Append("| ").Append(RowNames.Band(row.Severity)).Append(row.Baseline == BaselineState.New ? ", new" : "")
                    .Append(" | ").Append(Plain(row.Policy.Title)).Append(" | ").Append(Code(row.Arn))
                    .Append(" | ").Append(row.AccountId).Append(" | ").Append(row.Region).Append(" |\n");
            }

            text.Append('\n');
        }

        if (counts.Suppressed > 0)
        {
            text.Append(Number(counts.Suppressed)).Append(" findings are suppressed by exceptions and not counted.\n\n");
        }

        if (counts.Unknown + head.UnreadTotal > 0)
        {
            text.Append("## Not known\n\n").Append(Number(counts.Unknown))
                .Append(" verdicts are unknown, because something could not be read. They are neither passes nor findings.\n");
            foreach (var list in head.Unread.Take(UnreadShown))
            {
                text.Append("- ").Append(list.Type).Append(" in ").Append(list.AccountId).Append(", ").Append(list.Region).Append(": ")
                    .Append(Plain(UnreadText.Of(list))).Append('\n');
            }

            if (head.UnreadTotal > UnreadShown)
            {
                text.Append("- and ").Append(Number(head.UnreadTotal - UnreadShown)).Append(" more lists\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Text without a meaning in Markdown or HTML.</summary>
    private static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                plain.Append(' ');
            }
            else
            {
                plain.Append(c switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", '|' => "&#124;", _ => "" });
                if (c is not ('<' or '>' or '&' or '|'))
                {
                    plain.Append(@"\`*_{}[]()#+!~@$".Contains(c) ? "\\" : "").Append(c);
                }
            }
        }

        return plain.ToString();
    }

    /// <summary>
    /// Code as HTML, because a pipe or a backtick in a name would end a cell or a span of Markdown. What Markdown still reads in it is written by number.
    /// </summary>
    private static string Code(string text)
    {
        var code = new StringBuilder("<code>");
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune))
            {
                code.Append(' ');
            }
            else if (Rune.IsLetterOrDigit(rune) || rune.Value is ':' or '/' or '-' or '.' or ' ' or '=' or ',')
            {
                code.Append(rune.ToString());
            }
            else
            {
                code.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");
            }
        }

        return code.Append("</code>").ToString();
    }

    private static string Number(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string Number(int count) => Number((long)count);
}
