using System.Text.Json;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Prints each diagnostic as it is found, or all of them as JSON at the end.</summary>
internal sealed class DoctorReport(CliConsole console, bool json)
{
    private static readonly JsonSerializerOptions _json = new(ApiJson.Options) { WriteIndented = true };

    private readonly ProgressLine _progress = new(console);
    private readonly List<Diagnostic> _diagnostics = [];

    public Task ProgressAsync(string what, int done = 0, int total = 0) => _progress.ShowAsync(done, total, total == 0 ? what : $"{what} {done} of {total}");

    public async Task AddAsync(Diagnostic diagnostic)
    {
        await _progress.ClearAsync();
        _diagnostics.Add(diagnostic);
        if (json)
        {
            return;
        }

        await console.Output.WriteLineAsync(
            $"{Mark(diagnostic.Status),-8} {diagnostic.Check}{(diagnostic.Subject is null ? "" : $" {diagnostic.Subject}")}: {diagnostic.Message}");
        if (diagnostic.Remedy is not null)
        {
            await console.Output.WriteLineAsync($"         Remedy: {diagnostic.Remedy}");
        }
    }

    /// <summary>Prints the summary and returns the exit code.</summary>
    /// <param name="stopped">The user cancelled: remaining checks were not run.</param>
    public async Task<int> FinishAsync(bool stopped)
    {
        await _progress.ClearAsync();
        var problems = _diagnostics.Count(f => f.Status == DiagnosticStatus.Problem);
        var code = problems > 0 || stopped ? ExitCodes.Failed : ExitCodes.Done;
        if (json)
        {
            await console.Output.WriteLineAsync(JsonSerializer.Serialize(
                new
                {
                    Ok = code == ExitCodes.Done,
                    Stopped = stopped,
                    Diagnostics = _diagnostics.Select(f => new { f.Check, f.Subject, Status = Mark(f.Status).Trim(), f.Message, f.Remedy }),
                }, _json));
        }
        else
        {
            var warnings = _diagnostics.Count(f => f.Status == DiagnosticStatus.Warning);
            await console.Output.WriteLineAsync(
                (stopped ? "Stopped before all checks were run. " : "")
                + (problems == 0 && !stopped ? "No problems" : Count(problems, "problem"))
                + (warnings == 0 ? "." : $", {Count(warnings, "warning")}."));
        }

        return code;
    }

    private static string Count(int n, string what) => $"{n} {what}{(n == 1 ? "" : "s")}";

    private static string Mark(DiagnosticStatus status) => status switch
    {
        DiagnosticStatus.Ok => "ok",
        DiagnosticStatus.Warning => "warning",
        DiagnosticStatus.Problem => "problem",
        _ => "skipped",
    };
}
