using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;

namespace Qrie.Dynamo.Findings;

/// <summary>Findings as items.</summary>
internal static class FindingItems
{
    public const string PolicyState = "PolicyState";
    public const string AccountState = "AccountState";
    public const string OrganizationState = "OrganizationState";
    public const string Order = "Order";
    public const string LastEvaluated = "LastEvaluated";

    /// <summary>Over how many partitions the findings of an organization are spread, so that no partition takes all writes.</summary>
    public const int Shards = 16;

    private const string Arn = "FullArn";
    private const string AccountServiceName = "AccountService";
    private const string PolicyId = "PolicyId";
    private const string Type = "Type";
    private const string Region = "Region";
    private const string Severity = "Severity";
    private const string State = "State";
    private const string Evidence = "Evidence";
    private const string FirstSeen = "FirstSeen";
    private const string ReopenedAt = "ReopenedAt";
    private const string DescribeTime = "DescribeTime";
    private const string ResolvedAt = "ResolvedAt";
    private const string ResolvedReasonName = "ResolvedReason";
    private const string ExceptionId = "ExceptionId";
    private const string ScanId = "ScanId";
    private const string Transitions = "Transitions";
    private const string Triage = "Triage";

    public static ItemKey KeyOf(string organization, FindingIdentity finding) => ItemKey.Of(
        StoreTables.Findings, KeyText.Scoped(organization, finding.Arn), $"{finding.PolicyId}#{finding.AccountService}");

    public static ItemKey KeyOf(string organization, Finding finding) =>
        KeyOf(organization, new FindingIdentity(finding.AccountService, finding.Arn, finding.PolicyId));

    /// <summary>The partition keys of the indexes.</summary>
    public static string OfPolicy(string organization, string policyId, FindingState state) => KeyText.Join(organization, policyId, Json.Name(state));

    public static string OfAccount(string organization, string accountId, FindingState state) => KeyText.Join(organization, accountId, Json.Name(state));

    public static string OfOrganization(string organization, FindingState state, int shard) =>
        KeyText.Join(organization, Json.Name(state), KeyText.Of(shard));

    /// <summary>The order of lists: newest first, then ARN, policy, account_service.</summary>
    public static string OrderOf(DateTimeOffset firstSeen, string arn, string policyId, string accountService) =>
        KeyText.Fit(KeyText.Join(KeyText.Descending(firstSeen), arn, policyId, accountService), ItemKey.MaxRange);

    public static Item ToItem(string organization, Finding finding)
    {
        var key = KeyOf(organization, finding);
        return new Item()
            .Set(Arn, key.Hash == KeyText.Scoped(organization, finding.Arn) ? null : finding.Arn)
            .Set(AccountServiceName, finding.AccountService)
            .Set(PolicyId, finding.PolicyId)
            .Set(Type, finding.Type)
            .Set(Region, finding.Region)
            .Set(Severity, finding.Severity)
            .Set(State, Upper(finding.State))
            .Set(Evidence, finding.Evidence.GetRawText())
            .Set(FirstSeen, finding.FirstSeen)
            .Set(ReopenedAt, finding.ReopenedAt)
            .Set(LastEvaluated, finding.LastEvaluated)
            .Set(DescribeTime, finding.DescribeTime)
            .Set(ResolvedAt, finding.ResolvedAt)
            .Set(ResolvedReasonName, finding.ResolvedReason is { } reason ? Upper(reason) : null)
            .Set(ExceptionId, finding.ExceptionId)
            .Set(ScanId, finding.ScanId)
            .Set(Transitions, Json.Of(finding.Transitions))
            .Set(Triage, finding.Triage is null ? null : Json.Of(finding.Triage))
            .Set(PolicyState, OfPolicy(organization, finding.PolicyId, finding.State))
            .Set(AccountState, OfAccount(organization, AccountService.Split(finding.AccountService).AccountId, finding.State))
            .Set(OrganizationState, OfOrganization(organization, finding.State, ShardOf(key)))
            .Set(Order, OrderOf(finding.FirstSeen, finding.Arn, finding.PolicyId, finding.AccountService));
    }

    public static Finding ToFinding(string organization, Item item) => new()
    {
        AccountService = item.RequiredText(AccountServiceName),
        Arn = item.Text(Arn) ?? KeyText.Unscoped(organization, item.RequiredText(StoreTables.Findings.Hash)),
        PolicyId = item.RequiredText(PolicyId),
        Type = item.RequiredText(Type),
        Region = item.RequiredText(Region),
        Severity = (int)item.RequiredNumber(Severity),
        State = Parse<FindingState>(item.RequiredText(State)),
        Evidence = JsonElement.Parse(item.RequiredText(Evidence)),
        FirstSeen = item.RequiredTime(FirstSeen),
        ReopenedAt = item.Time(ReopenedAt),
        LastEvaluated = item.RequiredTime(LastEvaluated),
        DescribeTime = item.RequiredTime(DescribeTime),
        ResolvedAt = item.Time(ResolvedAt),
        ResolvedReason = item.Text(ResolvedReasonName) is { } reason ? Parse<ResolvedReason>(reason) : null,
        ExceptionId = item.Text(ExceptionId),
        ScanId = item.Text(ScanId),
        Transitions = Json.To<List<FindingTransition>>(item.RequiredText(Transitions)),
        Triage = item.Text(Triage) is { } triage ? Json.To<FindingTriage>(triage) : null,
    };

    /// <summary>As in the original system, so that filters of commands for it find the same: <c>ACTIVE</c>.</summary>
    private static string Upper<T>(T value)
        where T : struct, Enum => Json.Name(value).ToUpperInvariant();

    private static T Parse<T>(string upper)
        where T : struct, Enum => Json.Parse<T>(upper.ToLowerInvariant());

    /// <summary>The same in all processes, unlike hash codes.</summary>
    private static int ShardOf(ItemKey key) => (int)(key.Hash.Concat(key.Range!).Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u) % Shards);
}
