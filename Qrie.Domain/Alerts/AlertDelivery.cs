namespace Qrie.Domain.Alerts;

/// <summary>A message of a rule: being collected, to be sent, or sent.</summary>
public sealed record AlertDelivery
{
    public required string Organization { get; init; }

    public required string AlertId { get; init; }

    /// <summary>The idempotency id of the message: the same for every attempt, also after a crash. Increases with time.</summary>
    public required string DeliveryId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DeliveryStatus Status { get; init; }

    /// <summary>When it is sent, or tried again, or, while it is being sent, when that attempt is given up.</summary>
    public required DateTimeOffset DueAt { get; init; }

    public int Attempts { get; init; }

    /// <summary>When it was delivered or given up; null before.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Of the last attempt; null before the first.</summary>
    public SendResult? Last { get; init; }

    /// <summary>It was requested by an admin to try the target.</summary>
    public bool IsTest { get; init; }

    public required AlertContent Content { get; init; }

    /// <summary>Increases with every change of the content.</summary>
    public int Revision { get; init; }
}

public enum DeliveryStatus
{
    /// <summary>Events are added until it is due.</summary>
    Collecting,

    /// <summary>The same, until the end of quiet hours.</summary>
    Held,

    /// <summary>An attempt was begun. It stays so after a crash, and is tried again.</summary>
    Sending,

    /// <summary>An attempt failed, and another one follows.</summary>
    Retrying,

    Delivered,

    /// <summary>All attempts failed.</summary>
    Failed,

    /// <summary>Not sent, because the rule was disabled.</summary>
    Dropped,
}

/// <summary>How an attempt ended.</summary>
/// <param name="Status">The status code of HTTP or SMTP; null if there is none.</param>
/// <param name="Detail">A short text, cleaned; null if there is none.</param>
/// <param name="RetryAfter">How long the target asked to wait; null if it did not.</param>
public sealed record SendResult(SendOutcome Outcome, int? Status = null, string? Detail = null, TimeSpan? RetryAfter = null)
{
    public static readonly SendResult Delivered = new(SendOutcome.Delivered);

    /// <summary>One text for every reason, so that a target cannot be used to find out which ports are open.</summary>
    public static readonly SendResult Unreachable = new(
        SendOutcome.Unreachable, Detail: "The target cannot be reached, or did not answer in time.");

    public static readonly SendResult Blocked = new(
        SendOutcome.BlockedTarget, Detail: "The target's address is not public; Alerts:AllowPrivateTargets allows such targets.");
}

public enum SendOutcome
{
    Delivered,

    /// <summary>The target answered that it does not accept the message.</summary>
    Rejected,

    /// <summary>No answer: no such host, no connection, or a timeout.</summary>
    Unreachable,

    /// <summary>The address may not be used.</summary>
    BlockedTarget,

    /// <summary>A setting is missing or wrong.</summary>
    Misconfigured,
}
