using System.Text.Json;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings;

/// <summary>How verdicts change findings (design.md section 4). Pure, so that every store applies the same rules in its transaction.</summary>
public static class FindingLifeCycle
{
    /// <summary>Older state changes are dropped.</summary>
    private const int MaxTransitions = 10;

    private static readonly JsonElement NoEvidence = JsonSerializer.SerializeToElement(new Dictionary<string, string>());

    /// <summary>The finding to store; null if nothing changes.</summary>
    /// <param name="existing">The stored finding; null if there is none.</param>
    /// <param name="scanId">Null outside scans.</param>
    public static Finding? Next(Finding? existing, EvaluatedResource resource, EvaluatedPolicy policy, string? scanId) => policy.Verdict switch
    {
        null => Resolve(existing, ResolvedReason.ScopeExcluded, resource.EvaluatedAt, scanId, resource.DescribeTime),
        { Verdict: Verdict.Pass } => Resolve(existing, ResolvedReason.Compliant, resource.EvaluatedAt, scanId, resource.DescribeTime),
        { Verdict: Verdict.NotApplicable } => Resolve(existing, ResolvedReason.NotApplicable, resource.EvaluatedAt, scanId, resource.DescribeTime),
        { Verdict: Verdict.Fail } verdict => Fail(existing, resource, policy, verdict.Evidence ?? NoEvidence, scanId),
        _ => null, // unknown neither opens nor resolves
    };

    /// <summary>Resolves an active finding; null if there is none.</summary>
    public static Finding? Resolve(
        Finding? existing, ResolvedReason reason, DateTimeOffset now, string? scanId, DateTimeOffset? describeTime = null) =>
        existing is not { State: FindingState.Active }
            ? null
            : existing with
            {
                State = FindingState.Resolved,
                LastEvaluated = now,
                DescribeTime = describeTime ?? existing.DescribeTime,
                ResolvedAt = now,
                ResolvedReason = reason,
                ScanId = scanId,
                Transitions = Remember(existing, new FindingTransition(FindingState.Resolved, now, reason, scanId)),
            };

    private static Finding Fail(Finding? existing, EvaluatedResource resource, EvaluatedPolicy policy, JsonElement evidence, string? scanId)
    {
        var now = resource.EvaluatedAt;
        if (existing is { State: FindingState.Active })
        {
            return existing with
            {
                Severity = policy.Severity,
                Evidence = evidence,
                LastEvaluated = now,
                DescribeTime = resource.DescribeTime,
                Region = resource.Region,
            };
        }

        var transition = new FindingTransition(FindingState.Active, now, null, scanId);
        return new Finding
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            PolicyId = policy.PolicyId,
            Type = resource.Type,
            Region = resource.Region,
            Severity = policy.Severity,
            State = FindingState.Active,
            Evidence = evidence,
            FirstSeen = existing?.FirstSeen ?? now,
            LastEvaluated = now,
            DescribeTime = resource.DescribeTime,
            ScanId = scanId,
            Transitions = existing is null ? [transition] : Remember(existing, transition),
        };
    }

    private static List<FindingTransition> Remember(Finding existing, FindingTransition transition) =>
        [transition, .. existing.Transitions.Take(MaxTransitions - 1)];
}
