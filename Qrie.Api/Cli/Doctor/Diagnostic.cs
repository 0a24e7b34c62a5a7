namespace Qrie.Api.Cli.Doctor;

/// <summary>What the doctor says about one thing.</summary>
/// <param name="Check">What was looked at: credentials, clock, regions, queue, store, accounts, services…</param>
/// <param name="Subject">Which one: an account, a service, a queue; null: there is only one.</param>
/// <param name="Remedy">What to do; null: nothing.</param>
internal sealed record Diagnostic(string Check, string? Subject, DiagnosticStatus Status, string Message, string? Remedy = null)
{
    public static Diagnostic Ok(string check, string message, string? subject = null) => new(check, subject, DiagnosticStatus.Ok, message);

    /// <summary>It works, but not as well as it could.</summary>
    public static Diagnostic Warning(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, DiagnosticStatus.Warning, message, remedy);

    public static Diagnostic Problem(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, DiagnosticStatus.Problem, message, remedy);

    /// <summary>It was not looked at, for a reason.</summary>
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
