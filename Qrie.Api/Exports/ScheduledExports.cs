using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.Api.Exports.SecurityHub;
using Qrie.Api.Hosting;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Findings;

namespace Qrie.Api.Exports;

/// <summary>The section <c>Exports</c> of the configuration.</summary>
/// <param name="Folder">Each organization gets a folder of its own in it; null: no files.</param>
internal sealed record ExportSettings(string? Folder, IReadOnlyList<IExportFormat> Formats, TimeSpan Every, bool ToSecurityHub)
{
    public bool Any => Folder is not null || ToSecurityHub;

    /// <exception cref="StartRefusedException">A value is invalid.</exception>
    public static ExportSettings Read(IConfiguration configuration)
    {
        var section = configuration.GetSection("Exports");
        var (names, every, hub) = (section["Formats"] is { Length: > 0 } given ? given : "jsonl", section["Every"], section["SecurityHub"]);
        var formats = new List<IExportFormat>();
        foreach (var name in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            formats.Add(
                ExportFormats.Find(name) ?? throw new StartRefusedException($"Exports:Formats has '{name}'; a format must be one of {ExportFormats.Names}."));
        }

        var interval = TimeSpan.FromDays(1);
        if (!string.IsNullOrEmpty(every)
            && (!TimeSpan.TryParseExact(every, "c", CultureInfo.InvariantCulture, out interval) || interval < TimeSpan.FromMinutes(1)))
        {
            throw new StartRefusedException(
                $"Exports:Every is '{every}'; it must be a duration of at least a minute as days.hours:minutes:seconds, '1.00:00:00'.");
        }

        return hub is null or "" or "true" or "false"
            ? new ExportSettings(section["Folder"] is { Length: > 0 } folder ? folder : null, formats, interval, hub == "true")
            : throw new StartRefusedException($"Exports:SecurityHub is '{hub}'; it must be true or false.");
    }
}

/// <summary>Writes the active findings of every organization, with what is unknown, to files, and sends findings to Security Hub.</summary>
internal sealed partial class ScheduledExports(
    ExportReader reader, SecurityHubSender hub, IOrganizationStore organizations, IInstallation installation, ExportSettings settings, TimeProvider clock,
    ILogger<ScheduledExports> logger)
{
    /// <exception cref="AggregateException">Some organizations could not be exported; the others were.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        var failures = new List<Exception>();
        foreach (var (organization, _, _) in await organizations.ListAsync(cancel))
        {
            foreach (var work in (Func<string, CancellationToken, Task>[])[WriteAsync, SendAsync])
            {
                try
                {
                    await work(organization, cancel);
                }
                catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
                {
                    failures.Add(e);
                }
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }
    }

    private async Task WriteAsync(string organization, CancellationToken cancel)
    {
        foreach (var format in settings.Folder is null ? [] : settings.Formats)
        {
            var export = await reader.ReadAsync(organization, new FindingFilter(State: FindingState.Active), withUnknown: true, cancel);
            Log.Written(logger, await ExportFiles.WriteAsync(Path.Combine(settings.Folder!, organization), format, export, cancel));
        }
    }

    /// <summary>Active findings are sent again, so that their last observation is known; resolved ones once after they were resolved, to be archived.</summary>
    private async Task SendAsync(string organization, CancellationToken cancel)
    {
        if (!settings.ToSecurityHub)
        {
            return;
        }

        var (name, now) = ($"exports.securityhub.{organization}", clock.GetUtcNow());
        var last = SecurityHubProgress.Parse(await installation.SettingAsync(name, cancel));
        var export = await reader.ReadAsync(organization, new FindingFilter(), withUnknown: true, cancel);
        var report = await hub.SendAsync(organization, NotResolvedBefore(export.Rows, last, cancel), cancel);
        foreach (var (reason, findings) in report.Problems)
        {
            Log.Refused(logger, reason, findings);
        }

        Log.Sent(logger, report.Imported, report.Refused);
        await installation.SetSettingAsync(name, last.Next(now, report.Behind).ToString(), cancel);
    }

    /// <summary>Leaves out what was resolved before its account and region accepted everything the last time.</summary>
    private async IAsyncEnumerable<ExportRow> NotResolvedBefore(
        IAsyncEnumerable<ExportRow> rows, SecurityHubProgress last, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var row in rows.WithCancellation(cancel))
        {
            if (row.State != RowState.Resolved || row.ResolvedAt >= last.Of(hub.PlaceOf(row)))
            {
                yield return row;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Exported findings to {Path}")]
        public static partial void Written(ILogger logger, string path);

        [LoggerMessage(2, LogLevel.Information, "Security Hub: {Imported} findings imported, {Refused} not")]
        public static partial void Sent(ILogger logger, long imported, long refused);

        [LoggerMessage(3, LogLevel.Warning, "Security Hub in {Reason} ({Findings} findings)")]
        public static partial void Refused(ILogger logger, string reason, long findings);
    }
}
