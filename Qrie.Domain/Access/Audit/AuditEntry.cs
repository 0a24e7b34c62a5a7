using System.Text.Json;

namespace Qrie.Domain.Access.Audit;

/// <summary>Who acts.</summary>
/// <param name="Id">The key's id, <c>anonymous</c>, or <c>cli:</c> and the user of the operating system.</param>
/// <param name="Name">The key's name; null: it has none, or there is no key.</param>
/// <param name="Role">Null: a command on the store's own machine, which needs none.</param>
/// <param name="Address">Where the request came from; null: no request.</param>
/// <param name="RequestId">Null: no request.</param>
public sealed record Actor(string Id, string? Name, Role? Role, string? Address, string? RequestId);

/// <summary>A write that somebody made.</summary>
public sealed record AuditEntry
{
    /// <summary>Whose data was written.</summary>
    public required string Organization { get; init; }

    /// <summary>Grows with time.</summary>
    public required string AuditId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Actor Actor { get; init; }

    /// <summary>What was done, <c>policy.launch</c>.</summary>
    public required string Action { get; init; }

    /// <summary>What it was done to: an id. Empty: it had none before.</summary>
    public required string Subject { get; init; }

    public required AuditStatus Status { get; init; }

    /// <summary>What the subject was, without secrets; null: it was not there.</summary>
    public JsonElement? Before { get; init; }

    /// <summary>What the subject became, without secrets; null: it is not there any more, or the end is not known.</summary>
    public JsonElement? After { get; init; }
}

public enum AuditStatus
{
    /// <summary>It was begun and its end was never recorded: it is going on, or the process or the store broke. It may have happened.</summary>
    Begun,

    /// <summary>It happened.</summary>
    Done,
}

/// <summary>Which entries; null: any.</summary>
/// <param name="Actor">Exact id.</param>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Subject = null, DateTimeOffset? From = null, DateTimeOffset? To = null);
