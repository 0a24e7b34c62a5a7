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
    /// <param name="exceptionId">The exception that holds the finding if the policy is violated; null if none does.</param>
    public static Finding? Next(Finding? existing, EvaluatedResource resource, EvaluatedPolicy policy, string? scanId, string? exceptionId = null) =>
        policy.Verdict switch
        {
            null => Resolve(existing, ResolvedReason.ScopeExcluded, resource.EvaluatedAt, scanId, resource.DescribeTime),
            { Verdict: Verdict.Pass } => Resolve(existing, ResolvedReason.Compliant, resource.EvaluatedAt, scanId, resource.DescribeTime),
            { Verdict: Verdict.NotApplicable } => Resolve(existing, ResolvedReason.NotApplicable, resource.EvaluatedAt, scanId, resource.DescribeTime),
            { Verdict: Verdict.Fail } verdict => Fail(existing, resource, policy, EvidenceOf(verdict), scanId, exceptionId),
            _ => null, // unknown neither opens nor resolves
        };

    /// <summary>Resolves an active or suppressed finding; null if there is none.</summary>
    public static Finding? Resolve(
        Finding? existing, ResolvedReason reason, DateTimeOffset now, string? scanId, DateTimeOffset? describeTime = null) =>
        existing is null or { State: FindingState.Resolved }
            ? null
            : existing with
            {
                State = FindingState.Resolved,
                LastEvaluated = now,
                DescribeTime = describeTime ?? existing.DescribeTime,
                ResolvedAt = now,
                ResolvedReason = reason,
                ExceptionId = null,
                ScanId = scanId,
                Transitions = Remember(existing, new FindingTransition(FindingState.Resolved, now, reason, scanId)),
            };

    /// <summary>Suppresses a finding that is not resolved, or makes it active again; null if nothing changes.</summary>
    /// <param name="exceptionId">The exception that holds it; null if none does.</param>
    public static Finding? Except(Finding existing, string? exceptionId, DateTimeOffset now) =>
        existing.State == FindingState.Resolved || existing.ExceptionId == exceptionId ? null : Held(existing, exceptionId, now, scanId: null);

    /// <summary>What a finding with this verdict has as evidence.</summary>
    public static JsonElement EvidenceOf(PolicyVerdict verdict) => verdict.Evidence ?? NoEvidence;

    /// <summary>When a finding ceased to be ACTIVE, whatever happened to it since; null while it is ACTIVE.</summary>
    public static DateTimeOffset? LeftOpenAt(Finding finding)
    {
        if (finding.State == FindingState.Active)
        {
            return null;
        }

        var at = finding.ResolvedAt;
        foreach (var transition in finding.Transitions.TakeWhile(t => t.State != FindingState.Active))
        {
            at = transition.At;
        }

        return at;
    }

    private static Finding Fail(
        Finding? existing, EvaluatedResource resource, EvaluatedPolicy policy, JsonElement evidence, string? scanId, string? exceptionId)
    {
        var now = resource.EvaluatedAt;
        if (existing is { State: not FindingState.Resolved })
        {
            return Held(existing, exceptionId, now, scanId) with
            {
                Severity = policy.Severity,
                Evidence = evidence,
                LastEvaluated = now,
                DescribeTime = resource.DescribeTime,
                Region = resource.Region,
            };
        }

        var state = StateOf(exceptionId);
        var transition = new FindingTransition(state, now, null, scanId, exceptionId);
        return new Finding
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            PolicyId = policy.PolicyId,
            Type = resource.Type,
            Region = resource.Region,
            Severity = policy.Severity,
            State = state,
            Evidence = evidence,
            FirstSeen = existing?.FirstSeen ?? now,
            ReopenedAt = existing is null ? null : now,
            LastEvaluated = now,
            DescribeTime = resource.DescribeTime,
            ExceptionId = exceptionId,
            ScanId = scanId,
            Transitions = existing is null ? [transition] : Remember(existing, transition),
        };
    }

    /// <summary>An exception that takes over from another one does not change the state.</summary>
    private static Finding Held(Finding existing, string? exceptionId, DateTimeOffset now, string? scanId)
    {
        var state = StateOf(exceptionId);
        return existing.State == state
            ? existing with { ExceptionId = exceptionId }
            : existing with
            {
                State = state,
                ExceptionId = exceptionId,
                ScanId = scanId,
                Transitions = Remember(existing, new FindingTransition(state, now, null, scanId, exceptionId)),
            };
    }

    private static FindingState StateOf(string? exceptionId) => exceptionId is null ? FindingState.Active : FindingState.Suppressed;

    /// <summary>
    /// The history counts by when a finding ceased to be open: that transition is kept, however often the finding was suppressed and resolved since.
    /// </summary>
    private static List<FindingTransition> Remember(Finding existing, FindingTransition transition)
    {
        List<FindingTransition> remembered = [transition, .. existing.Transitions.Take(MaxTransitions - 1)];
        if (existing.Transitions.Count == MaxTransitions && existing.Transitions.All(t => t.State != FindingState.Active))
        {
            remembered[^1] = existing.Transitions[^1];
        }

        return remembered;
    }
}
