using System.Text.Json;

namespace Qrie.Ui.Api;

/// <param name="Scope">Null: it is not launched.</param>
public sealed record Policy(
    string PolicyId, string Title, string Description, string Service, string ResourceType, string Category, int Severity, string Remediation, Scope? Scope,
    string Status, long OpenFindings, string? CreatedAt, string? UpdatedAt, IReadOnlyDictionary<string, JsonElement> Params,
    IReadOnlyList<string> References, IReadOnlyDictionary<string, IReadOnlyList<Equivalent>> Equivalents, bool Recommended, bool DefinitionMissing)
{
    public bool IsActive => Status == "active";
}

public sealed record Scope(
    IReadOnlyList<string> IncludeAccounts, IReadOnlyList<string> ExcludeAccounts, IReadOnlyDictionary<string, IReadOnlyList<string>> IncludeTags,
    IReadOnlyDictionary<string, IReadOnlyList<string>> ExcludeTags, IReadOnlyList<string> IncludeOuPaths, IReadOnlyList<string> ExcludeOuPaths)
{
    public bool IsEverything => IncludeAccounts.Count + ExcludeAccounts.Count + IncludeTags.Count + ExcludeTags.Count + IncludeOuPaths.Count
        + ExcludeOuPaths.Count == 0;
}

public sealed record Preview(
    string PolicyId, long Resources, VerdictCounts Verdicts, IReadOnlyList<PreviewAccount> ByAccount, IReadOnlyList<PreviewReason> UnknownReasons,
    long WouldOpen, long WouldReopen, IReadOnlyDictionary<string, long> WouldResolve, long WouldStay, IReadOnlyList<PreviewSample> Samples);

public sealed record PreviewAccount(string AccountId, VerdictCounts Verdicts);

public sealed record PreviewReason(string? Attribute, string Code, long Resources);

public sealed record PreviewSample(string Arn, string AccountService, string Region, string Change, int Severity, JsonElement? Evidence);

public sealed record Launched(string Message, string? ScanId);

public sealed record BulkLaunched(string Message, IReadOnlyList<string> Launched, IReadOnlyList<Skipped> Skipped, string? ScanId);

public sealed record Skipped(string PolicyId, string Reason);

public sealed record Updated(string Message, int? FindingsPurged, string? ScanId);

public sealed record PolicyDefinition(
    string PolicyId, string Title, string Description, string ResourceType, string Category, int Severity,
    IReadOnlyDictionary<string, JsonElement> Params, string? Applies,
    IReadOnlyList<string> Violation, string? Evidence, IReadOnlyList<PolicyLookup> Lookups, string? Fix, string Remediation, bool TimeDependent,
    IReadOnlyList<PolicyTest> Tests);

public sealed record PolicyLookup(string Name, string Type, string Key, string EqualTo, bool AcrossOrganization);

public sealed record PolicyTest(
    string Name, string Expect, JsonElement Config, IReadOnlyDictionary<string, JsonElement> Params, IReadOnlyDictionary<string, string> Tags,
    string? Partition, IReadOnlyDictionary<string, string> Unknown, IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Related,
    IReadOnlyDictionary<string, string> Absent, IReadOnlyList<string> DecidedWithout);

public sealed record PolicyTrend(string PolicyId, IReadOnlyList<Week> Weeks);

/// <param name="Value">Of an expression.</param>
/// <param name="Verdict">Of a policy.</param>
public sealed record Evaluated(
    JsonElement? Value, string? PolicyId, string? Verdict, JsonElement? Evidence, IReadOnlyList<string> AttributesRead, EvaluatedReason? UnknownReason);

public sealed record EvaluatedReason(string? Attribute, string Code, string? Detail);
