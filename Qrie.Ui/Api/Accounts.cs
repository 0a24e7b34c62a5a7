namespace Qrie.Ui.Api;

public record Account(
    string AccountId, string? Ou, string? Name, string Status, IReadOnlyDictionary<string, string> Tags, string? RoleArn, bool HasExternalId,
    IReadOnlyList<string>? Regions, IReadOnlyList<string>? Services, DateTimeOffset CreatedAt, DateTimeOffset? RemovedAt, string? RemovedBecause,
    DateTimeOffset? LastInventoryAt, AccountHealth Health)
{
    /// <summary>The name, else the id.</summary>
    public string Label => Name ?? AccountId;
}

public sealed record AccountHealth(
    IReadOnlyDictionary<string, DateTimeOffset> LastInventories, AccountError? LastError, double? CoveragePercent, DateTimeOffset? LastEventAt,
    long? EventLagMs);

public sealed record AccountError(string? Service, string Code, string? Message, DateTimeOffset? At);
