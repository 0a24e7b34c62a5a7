using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies.Lookups;

namespace Qrie.Domain.Policies;

/// <summary>Evaluates all active policies of its type on one stored resource.</summary>
public sealed class ResourceEvaluator(IPolicyEvaluator evaluator)
{
    /// <summary>How long a verdict of a time-dependent policy is valid.</summary>
    private static readonly TimeSpan TimeDependentEvery = TimeSpan.FromHours(20);

    /// <summary>Pure: whether the result is written is decided by the store's transaction.</summary>
    /// <param name="related">Lookup results by ARN and policy id; null if there are no lookups.</param>
    public EvaluatedResource Evaluate(
        StoredResource resource, IReadOnlyList<ActivePolicy> policies, string fingerprint, Account account, DateTimeOffset now,
        IReadOnlyDictionary<(string Arn, string PolicyId), LookupResults>? related = null)
    {
        var dependencies = new List<LookupDependency>();
        var subject = new ScopeTarget(account.AccountId, resource.Tags, account.Tags, account.Ou);
        var verdicts = new List<EvaluatedPolicy>(policies.Count);
        var timeDependent = false;
        IReadOnlyDictionary<string, string>? unknown = null;
        foreach (var policy in policies)
        {
            // Coverage of other accounts and regions affects empty lookups, but changes without a trace in the evaluation.
            timeDependent |= policy.Definition.TimeDependent || policy.Definition.Lookups.Count > 0;
            verdicts.Add(policy.Evaluated((account.Watches(policy.Definition.Service) ? policy.Launched.Scope.Match(subject) : ScopeMatch.Out) switch
            {
                ScopeMatch.Out => null,
                ScopeMatch.Unknown => new PolicyVerdict
                {
                    Verdict = Verdict.Unknown,
                    Reason = new UnknownReason(resource.Tags is null ? "Tags" : null, UnknownReason.ScopeUnknown),
                },
                _ => evaluator.Evaluate(policy.Definition, InputOf(policy)),
            }));
        }

        return new EvaluatedResource
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            Type = resource.Type,
            Region = resource.Region,
            DescribeTime = resource.DescribeTime,
            Hash = resource.Hash,
            Fingerprint = fingerprint,
            Policies = verdicts,
            EvaluatedAt = now,
            NextDue = timeDependent ? now + TimeDependentEvery : null,
            Dependencies = dependencies,
        };

        PolicyInput InputOf(ActivePolicy policy)
        {
            var input = policy.InputOf(resource, account, now, unknown ??= PolicyInput.UnknownOf(resource.Configuration!.Value));
            if (related is null || !related.TryGetValue((resource.Arn, policy.PolicyId), out var found))
            {
                return input;
            }

            dependencies.AddRange(found.Dependencies);
            return input with { Related = found.Found };
        }
    }
}
