namespace Qrie.Domain.Alerts;

/// <summary>Which events of an organization are told to whom, and when.</summary>
public sealed record AlertRule
{
    public required string Organization { get; init; }

    public required string AlertId { get; init; }

    public required string Name { get; init; }

    /// <summary>Rules that are not enabled match nothing.</summary>
    public required bool Enabled { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<AlertKind> Kinds { get; init; }

    /// <summary>Policy ids; empty for all.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>0-100, inclusive. Concerns findings only.</summary>
    public int MinSeverity { get; init; }

    /// <summary>Account ids; empty for all.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Tags of the resource: at least one key must have one of its values; empty for all.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Null if messages are sent at any time.</summary>
    public QuietHours? QuietHours { get; init; }

    /// <summary>How long events are collected for one message, in seconds: there is at most one message in that time.</summary>
    public int GroupSeconds { get; init; } = AlertLimits.ShortestGroup;

    public required AlertTarget Target { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the last message was given up; null if the last one was delivered, or there was none.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}

/// <summary>What a rule tells about.</summary>
public enum AlertKind
{
    /// <summary>A finding that there was none of before.</summary>
    Opened,

    /// <summary>A resolved finding is active again, or the exception of one ended.</summary>
    Reopened,

    Resolved,

    /// <summary>A finding is accepted by an exception.</summary>
    Suppressed,

    /// <summary>An anti-entropy inventory found changes that no event had told.</summary>
    DriftDetected,

    /// <summary>A scan failed, or units of it did.</summary>
    ScanFailed,

    /// <summary>Nothing of an account can be read any more.</summary>
    AccountUnreadable,

    /// <summary>A message of the event queue could not be processed.</summary>
    DeadLetter,
}

/// <summary>Where messages go. Printing it shows no secret.</summary>
public sealed record AlertTarget
{
    public required AlertTargetKind Kind { get; init; }

    /// <summary>Only of <see cref="AlertTargetKind.Sns"/>.</summary>
    public string? TopicArn { get; init; }

    /// <summary>A secret of <see cref="AlertTargetKind.Webhook"/> and <see cref="AlertTargetKind.Slack"/>: whoever knows it can send there.</summary>
    public string? Url { get; init; }

    /// <summary>The key of the signature; only of <see cref="AlertTargetKind.Webhook"/>.</summary>
    public string? Secret { get; init; }

    /// <summary>Addresses of <see cref="AlertTargetKind.Email"/>.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>What may be shown: the topic, the host of the URL, the recipients.</summary>
    public string Destination => Kind switch
    {
        AlertTargetKind.Sns => TopicArn ?? "",
        AlertTargetKind.Email => string.Join(", ", Recipients),
        _ => Uri.TryCreate(Url, UriKind.Absolute, out var url) ? $"{url.Scheme}://{url.Authority}/…" : "",
    };

    public override string ToString() => $"{Kind} {Destination}";
}

public enum AlertTargetKind
{
    /// <summary>A topic of Amazon SNS, published to with Qrie's own credentials.</summary>
    Sns,

    /// <summary>A signed HTTPS request.</summary>
    Webhook,

    /// <summary>An incoming webhook of Slack, or of a service compatible with it.</summary>
    Slack,

    Email,
}

/// <summary>Bounds of rules and messages.</summary>
public static class AlertLimits
{
    /// <summary>In an organization.</summary>
    public const int Rules = 100;

    public const int ShortestGroup = 60;
    public const int LongestGroup = 3600;

    /// <summary>Events shown in a message; further ones are counted.</summary>
    public const int Items = 20;

    /// <summary>Different policies and accounts counted by name in a message.</summary>
    public const int Names = 200;

    /// <summary>Attempts to deliver a message.</summary>
    public const int Attempts = 9;
}
