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

public sealed record Service(string ServiceName, string DisplayName);

public sealed record Registered(string AccountId, string? InventoryScanId, string? PolicyScanId);

public sealed record Onboarding(
    string? PrincipalArn, string? Problem, string? ExternalId, string? EventQueueArn, string Template, string Stack, IReadOnlyList<string> StackSet,
    IReadOnlyList<string> Notes);

public sealed record AccountCheck(
    string AccountId, bool Ok, string? RoleArn, string? CallerArn, CheckProblem? Problem, IReadOnlyList<CheckedService> Services,
    IReadOnlyList<MissingAction> Missing, IReadOnlyList<string> NotTried);

public sealed record CheckProblem(string Code, string Message, string Remedy);

public sealed record CheckedService(string Service, string Outcome, int Tried, int Denied, string? Code, string? Message);

public sealed record MissingAction(string Action, string Region, string Code, string Message, IReadOnlyList<string> PoliciesLost, string Remedy);

public sealed record ImportReport(
    string Message, bool Applied, int Created, int Updated, int Unchanged, int Errors, IReadOnlyList<ImportedLine> Lines);

public sealed record ImportedLine(int Line, string? AccountId, string Outcome, IReadOnlyDictionary<string, string[]> Errors);

public sealed record Discovery(
    int Seen, IReadOnlyList<string> Added, IReadOnlyList<string> Pending, IReadOnlyList<string> Moved, IReadOnlyList<string> Removed,
    IReadOnlyList<DiscoveryProblem> Problems);

public sealed record DiscoveryProblem(string? Code, string Message);
