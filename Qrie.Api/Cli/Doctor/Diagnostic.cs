namespace Qrie.Api.Cli.Doctor;

/// <summary>The result of one check.</summary>
/// <param name="Check">The check: credentials, clock, regions, queue, store, accounts, services…</param>
/// <param name="Subject">The checked account, service or queue; null if there is only one.</param>
/// <param name="Remedy">Null if there is nothing to do.</param>
internal sealed record Diagnostic(string Check, string? Subject, DiagnosticStatus Status, string Message, string? Remedy = null)
{
    public static Diagnostic Ok(string check, string message, string? subject = null) => new(check, subject, DiagnosticStatus.Ok, message);

    /// <summary>It works, but with limitations.</summary>
    public static Diagnostic Warning(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, DiagnosticStatus.Warning, message, remedy);

    public static Diagnostic Problem(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, DiagnosticStatus.Problem, message, remedy);

    /// <summary>It was not checked, for a reason.</summary>
    public static Diagnostic Skipped(string check, string reason, string? remedy = null, string? subject = null) =>
        new(check, subject, DiagnosticStatus.Skipped, reason, remedy);
}

internal enum DiagnosticStatus
{
    Ok,
    Warning,
    Problem,
    Skipped,
}
