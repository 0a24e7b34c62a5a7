using System.Text.Json;

namespace Qrie.Ui.Api;

public sealed record KeyPage(IReadOnlyList<Key> Keys, string? NextToken);

public record Key(
    string KeyId, string Organization, string? Name, string Role, string Status, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <param name="Key">The whole key, this once.</param>
public sealed record CreatedKey(string KeyId, string Role, string Key);

public sealed record AuditPage(IReadOnlyList<AuditEntry> Audit, string? NextToken);

public sealed record AuditEntry(
    string AuditId, DateTimeOffset At, string Actor, string? ActorName, string? Role, string? Address, string? RequestId, string Action, string Subject,
    string Status, JsonElement? Before, JsonElement? After);
