using System.Text.Json;
using System.Text.Json.Serialization;
using Qrie.Domain.Inventory;

namespace Qrie.Api.Endpoints.Resources;

internal sealed record ResourcePage(
    IEnumerable<ResourceView> Resources, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? NextToken);

/// <param name="DeletedAt">Null if it exists.</param>
/// <param name="Tags">Null if they could not be read.</param>
/// <param name="Configuration">The last known one for a deleted resource; an empty object if none was ever read.</param>
internal sealed record ResourceView(
    string Arn, string AccountService, string ResourceType, string ResourceId, string Region, DateTimeOffset LastSeenAt, DateTimeOffset DescribeTime,
    DateTimeOffset FirstSeen, DateTimeOffset? DeletedAt, IReadOnlyDictionary<string, string>? Tags, JsonElement Configuration)
{
    public static readonly JsonElement NoConfiguration = JsonElement.Parse("{}"u8);

    public static ResourceView From(StoredResource r) => new(
        r.Arn, r.AccountService, r.Type, r.Id, r.Region, r.LastSeen, r.DescribeTime, r.FirstSeen, r.DeletedAt, r.Tags, r.Configuration ?? NoConfiguration);
}

/// <param name="State">active or deleted.</param>
/// <param name="LastSeenBy">Null if it is not known.</param>
/// <param name="Unknown">Attributes that could not be read, with the error code.</param>
/// <param name="EvaluatedAt">The time of the verdicts; null if it was not evaluated yet or is deleted.</param>
/// <param name="EvaluationIsCurrent">Whether the verdicts are based on this configuration.</param>
/// <param name="Verdicts">The verdict of every launched policy of its type, by policy; none for a deleted resource.</param>
/// <param name="History">Its history, newest first, with the last changes of each finding.</param>
internal sealed record ResourceDetailView(
    string Arn, string AccountService, string AccountId, string Service, string ResourceType, string ResourceId, string Region, string State,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeenAt, SeenByView? LastSeenBy, DateTimeOffset DescribeTime, DateTimeOffset? DeletedAt,
    IReadOnlyDictionary<string, string>? Tags, JsonElement Configuration, [property: JsonPropertyName("_unknown")] IReadOnlyDictionary<string, string> Unknown,
    DateTimeOffset? EvaluatedAt,
    bool EvaluationIsCurrent, IEnumerable<VerdictView> Verdicts, IEnumerable<HistoryView> History);

/// <param name="Kind">scan: the last list of the type; event: a read after it, because an event reported a change.</param>
/// <param name="ScanId">Of a scan.</param>
internal sealed record SeenByView(string Kind, string? ScanId);

/// <param name="Verdict">pass, fail, not_applicable, unknown; out_of_scope: excluded by the policy's scope; not_evaluated: not by the policy's current
/// revision.</param>
/// <param name="Attribute">For an unknown verdict, what could not be read; null if the expression itself failed.</param>
/// <param name="ErrorCode">For an unknown verdict, the reason.</param>
/// <param name="Finding">Null if the policy never had a finding here.</param>
internal sealed record VerdictView(
    string Policy, string Title, int Severity, string Verdict,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Attribute,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ErrorCode,
    VerdictFindingView? Finding);

internal sealed record VerdictFindingView(string FindingId, string State, int Severity, DateTimeOffset FirstSeen, JsonElement Evidence);

/// <param name="Event">first_seen, deleted, finding_active or finding_resolved.</param>
internal sealed record HistoryView(
    DateTimeOffset At, string Event,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Policy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? FindingId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ScanId);
