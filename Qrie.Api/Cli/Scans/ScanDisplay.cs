using System.Globalization;
using Qrie.Api.Exports;
using Qrie.Api.Exports.SecurityHub;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Spectre.Console;

namespace Qrie.Api.Cli.Scans;

/// <summary>What <c>qrie scan</c> shows: progress bars and tables on a terminal, plain lines elsewhere.</summary>
/// <param name="resultToOutput">The result itself goes to standard output, so that nothing else may.</param>
internal sealed class ScanDisplay(CliConsole console, bool resultToOutput)
{
    /// <summary>The interval in which the progress is read.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private const int PlainWidth = 120;
    private const int PoliciesShown = 15;
    private const int ReasonsShown = 10;
    private const int ListsShown = 20;

    private readonly TextWriter _target = resultToOutput ? console.Errors : console.Output;

    private bool IsTerminal => resultToOutput ? console.IsTerminal : console.OutputIsTerminal;

    /// <summary>Shows the progress of work that reports it.</summary>
    public async Task<T> FollowAsync<T>(Func<Func<ScanParts, ScanParts, Task>, Task<T>> work)
    {
        if (!console.IsTerminal)
        {
            var line = new ProgressLine(console);
            return await work((read, evaluated) => line.ShowAsync(read.Done + evaluated.Done, read.Total + evaluated.Total, Text(read, evaluated)));
        }

        return await Terminal(console.Errors).Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async context =>
            {
                var (reading, evaluating) = (context.AddTask("reading"), context.AddTask("evaluating"));
                return await work((read, evaluated) =>
                {
                    Update(reading, read, Reading(read));
                    Update(evaluating, evaluated, Evaluating(evaluated));
                    return Task.CompletedTask;
                });
            });
    }

    /// <summary>A remark while the progress is shown.</summary>
    public void Say(string text) => console.Errors.WriteLine(text);

    public void Show(ScanReport report)
    {
        ShowCounts(report.Summary);
        ShowUnread(report);
        if (report.Head.Incomplete is { } why)
        {
            Line($"INCOMPLETE: {why}");
        }

        foreach (var file in report.Files)
        {
            Line($"Written: {file}");
        }

        ShowSent(report.Sent);
        Line(Conclusion(report));
    }

    private void ShowSent(SecurityHubReport? sent)
    {
        if (sent is null)
        {
            return;
        }

        Line(string.Create(CultureInfo.InvariantCulture, $"Security Hub: {sent.Imported:n0} rows imported, {sent.Refused:n0} not."));
        foreach (var (reason, findings) in sent.Problems)
        {
            Line($"  {Number(findings)}: {reason}");
        }
    }

    private void ShowCounts(ScanSummary summary)
    {
        if (summary.Services.Count == 0)
        {
            return;
        }

        string[] head = ["Service", "Critical", "High", "Medium", "Low", "Unknown"];
        var rows = summary.Services.Select(s => (string[])[s.Key, .. s.Value.Select(Number)]).ToList();
        var totals = Enumerable.Range(0, head.Length - 1).Select(c => Number(summary.Services.Values.Sum(v => v[c])));
        Table("Findings by service and severity", head, [.. rows, ["Total", .. totals]]);
        var policies = summary.Policies.Take(PoliciesShown)
            .Select(p => (string[])[RowNames.Band(p.Severity), Number(p.Findings), p.Policy.Id, p.Policy.Title]).ToList();
        if (policies.Count > 0)
        {
            Table("Most severe", ["Severity", "Findings", "Policy", "Title"], policies);
        }
    }

    private void ShowUnread(ScanReport report)
    {
        var groups = report.Head.Unread
            .GroupBy(c => (c.AccountId, c.Region, Code: c.ErrorCode ?? c.Outcome.ToString()))
            .Select(g => (string[])
            [
                g.Key.AccountId, g.Key.Region, g.Key.Code, Number(g.Count()),
                string.Join(", ", g.Select(c => c.Service).Distinct().Order(StringComparer.Ordinal)),
            ]).ToList();
        var errors = report.Errors.Where(e => e.Service is null && e.Region is null)
            .Select(e => (string[])[e.AccountId ?? "", "", e.Code, "", SafeText.Clean(e.Message)]);
        List<string[]> unread = [.. errors, .. groups.Take(ListsShown)];
        if (unread.Count > 0)
        {
            Table("Could not be listed", ["Account", "Region", "Reason", "Types", "Services"], unread);
        }

        if (groups.Count > ListsShown || report.Head.UnreadTotal > report.Head.Unread.Count)
        {
            Line("There are more; the result files have up to five hundred.");
        }

        var reasons = report.Summary.Reasons.Take(ReasonsShown).Select(r => (string[])[Number(r.Value), SafeText.Clean(r.Key)]).ToList();
        if (reasons.Count > 0)
        {
            Table("No verdict because of", ["Verdicts", "Reason"], reasons);
        }
    }

    private static string Conclusion(ScanReport report)
    {
        var (scan, summary) = (report.Head.Scan!, report.Summary);
        var time = scan.FinishedAt - scan.StartedAt;
        var against = report.Baseline is { } count
            ? string.Create(CultureInfo.InvariantCulture, $", {summary.New:n0} of them not among the {count:n0} of the baseline")
            : "";
        var reported = report.FailOn is not { } failOn ? ""
            : string.Create(
                CultureInfo.InvariantCulture,
                $" At --fail-on {RowNames.Band(failOn)}{(against.Length > 0 ? " and new" : "")}: {summary.Reported:n0}.");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Findings:n0} {(summary.Findings == 1 ? "finding" : "findings")}{against}; {summary.Unknown:n0} unknown "
            + $"{(summary.Unknown == 1 ? "verdict" : "verdicts")}. {scan.Policies:n0} policies on {scan.Resources:n0} resources in "
            + $"{scan.Accounts.Count:n0} {(scan.Accounts.Count == 1 ? "account" : "accounts")}, {scan.Calls:n0} calls, "
            + $"{(int)time.TotalMinutes}:{time.Seconds:00}."
            + $"{reported} Exit code {report.ExitCode}.");
    }

    private void Table(string title, string[] head, IReadOnlyList<string[]> rows)
    {
        if (!IsTerminal)
        {
            Line(title);
            foreach (var line in TextTable.Lines([head, .. rows]))
            {
                Line("  " + line);
            }

            Line("");
            return;
        }

        var table = new Table { Title = new TableTitle(Markup.Escape(title)), Border = TableBorder.Rounded };
        foreach (var name in head)
        {
            var column = new TableColumn(new Text(name, new Style(decoration: Decoration.Bold)));
            table.AddColumn(rows.All(r => r[Array.IndexOf(head, name)].All(c => char.IsAsciiDigit(c) || c == ',')) ? column.RightAligned() : column);
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell, StyleOf(cell))));
        }

        Terminal(_target).Write(table);
    }

    private static Style? StyleOf(string cell) => cell switch
    {
        "critical" => new Style(Color.Red, decoration: Decoration.Bold),
        "high" => new Style(Color.Red),
        "medium" => new Style(Color.Yellow),
        _ => (Style?)null,
    };

    private void Line(string text) => _target.WriteLine(text);

    private static IAnsiConsole Terminal(TextWriter writer)
    {
        var terminal = AnsiConsole.Create(
            new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(writer) });
        if (writer != Console.Out && writer != Console.Error)
        {
            terminal.Profile.Width = PlainWidth;
        }

        return terminal;
    }

    private static void Update(ProgressTask task, ScanParts parts, string text)
    {
        task.Description = Markup.Escape(text);
        task.MaxValue = Math.Max(1, parts.Total);
        task.Value = parts.Done + parts.Failed;
    }

    private static string Text(ScanParts read, ScanParts evaluated) => $"{Reading(read)}; {Evaluating(evaluated)}";

    private static string Reading(ScanParts parts) => string.Create(
        CultureInfo.InvariantCulture,
        $"reading: {parts.Done}/{parts.Total} parts, {parts.Counters[ScanCounters.ResourcesFound]:n0} resources, "
        + $"{parts.Counters[ScanCounters.Calls]:n0} calls, {parts.Counters[ScanCounters.CallErrors]:n0} errors");

    private static string Evaluating(ScanParts parts) => string.Create(
        CultureInfo.InvariantCulture,
        $"evaluating: {parts.Done}/{parts.Total} parts, {parts.Counters[ScanCounters.FindingsCreated]:n0} findings");

    private static string Number(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string Number(int count) => Number((long)count);
}

/// <summary>The end of a scan.</summary>
/// <param name="Errors">Of the inventory.</param>
/// <param name="Sent">To Security Hub; null if that was not asked for.</param>
/// <param name="Baseline">How many findings the baseline has; null without one.</param>
internal sealed record ScanReport(
    ExportHead Head, ScanSummary Summary, IReadOnlyList<ScanError> Errors, int? Baseline, int? FailOn, IReadOnlyList<string> Files,
    SecurityHubReport? Sent, int ExitCode);
