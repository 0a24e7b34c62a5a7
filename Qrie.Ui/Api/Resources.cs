using System.Text.Json;
using System.Text.Json.Serialization;

namespace Qrie.Ui.Api;

public sealed record ResourcePage(IReadOnlyList<Resource> Resources, string? NextToken);

/// <param name="Tags">Null: they could not be read.</param>
public sealed record Resource(
    string Arn, string AccountService, string ResourceType, string ResourceId, string Region, DateTimeOffset LastSeenAt, DateTimeOffset DescribeTime,
    DateTimeOffset FirstSeen, DateTimeOffset? DeletedAt, IReadOnlyDictionary<string, string>? Tags);

public sealed record ResourceDetail(
    string Arn, string AccountService, string AccountId, string Service, string ResourceType, string ResourceId, string Region, string State,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeenAt, SeenBy? LastSeenBy, DateTimeOffset DescribeTime, DateTimeOffset? DeletedAt,
    IReadOnlyDictionary<string, string>? Tags, JsonElement Configuration, DateTimeOffset? EvaluatedAt,
    bool EvaluationIsCurrent, IReadOnlyList<ResourceVerdict> Verdicts, IReadOnlyList<Change> History)
{
    [JsonPropertyName("_unknown")]
    public IReadOnlyDictionary<string, string> Unknown { get; init; } = new Dictionary<string, string>();
}

/// <param name="Kind">scan or event.</param>
public sealed record SeenBy(string Kind, string? ScanId);

public sealed record ResourceVerdict(
    string Policy, string Title, int Severity, string Verdict, string? Attribute, string? ErrorCode, VerdictFinding? Finding);

public sealed record VerdictFinding(string FindingId, string State, int Severity, DateTimeOffset FirstSeen, JsonElement Evidence);

public sealed record Change(DateTimeOffset At, string Event, string? Policy, string? FindingId, string? Reason, string? ScanId);
