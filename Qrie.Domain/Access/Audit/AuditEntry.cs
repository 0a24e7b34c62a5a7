using System.Text.Json;

namespace Qrie.Domain.Access.Audit;

/// <summary>The author of a write.</summary>
/// <param name="Id">The key's id, <c>anonymous</c>, or <c>cli:</c> and the user of the operating system.</param>
/// <param name="Name">The key's name; null if it has none or no key was used.</param>
/// <param name="Role">Null for a command on the store's own machine, which needs none.</param>
/// <param name="Address">The client address; null if there was no request.</param>
/// <param name="RequestId">Null if there was no request.</param>
public sealed record Actor(string Id, string? Name, Role? Role, string? Address, string? RequestId);

/// <summary>A recorded write.</summary>
public sealed record AuditEntry
{
    /// <summary>The organization whose data was written.</summary>
    public required string Organization { get; init; }

    /// <summary>Increases with time.</summary>
    public required string AuditId { get; init; }

    public required DateTimeOffset At { get; init; }

    public required Actor Actor { get; init; }

    /// <summary>The action, such as <c>policy.launch</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The id of the changed object; empty if it had none before.</summary>
    public required string Subject { get; init; }

    public required AuditStatus Status { get; init; }

    /// <summary>The subject before the write, without secrets; null if it did not exist.</summary>
    public JsonElement? Before { get; init; }

    /// <summary>The subject after the write, without secrets; null if it no longer exists or the result is not known.</summary>
    public JsonElement? After { get; init; }
}

public enum AuditStatus
{
    /// <summary>The write was started and its end was never recorded: it is in progress, or the process or the store failed. It may have happened.</summary>
    Begun,

    /// <summary>The write completed.</summary>
    Done,
}

/// <summary>A filter of audit entries; null means any.</summary>
/// <param name="Actor">Exact id.</param>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
public sealed record AuditFilter(string? Actor = null, string? Action = null, string? Subject = null, DateTimeOffset? From = null, DateTimeOffset? To = null);
