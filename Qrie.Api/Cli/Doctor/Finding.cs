namespace Qrie.Api.Cli.Doctor;

/// <summary>What the doctor says about one thing.</summary>
/// <param name="Check">What was looked at: credentials, clock, regions, queue, store, accounts, services…</param>
/// <param name="Subject">Which one: an account, a service, a queue; null: there is only one.</param>
/// <param name="Remedy">What to do; null: nothing.</param>
internal sealed record Finding(string Check, string? Subject, FindingStatus Status, string Message, string? Remedy = null)
{
    public static Finding Ok(string check, string message, string? subject = null) => new(check, subject, FindingStatus.Ok, message);

    /// <summary>It works, but not as well as it could.</summary>
    public static Finding Warning(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, FindingStatus.Warning, message, remedy);

    public static Finding Problem(string check, string message, string remedy, string? subject = null) =>
        new(check, subject, FindingStatus.Problem, message, remedy);

    /// <summary>It was not looked at, for a reason.</summary>
    public static Finding Skipped(string check, string reason, string? remedy = null, string? subject = null) =>
        new(check, subject, FindingStatus.Skipped, reason, remedy);
}

internal enum FindingStatus
{
    Ok,
    Warning,
    Problem,
    Skipped,
}
