using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies;

/// <summary>Judges one stored resource by all active policies of its type.</summary>
public sealed class ResourceJudge(IPolicyEvaluator evaluator)
{
    /// <summary>How long a verdict of a time-dependent policy stands before it is asked for again.</summary>
    private static readonly TimeSpan TimeDependentEvery = TimeSpan.FromHours(20);

    /// <summary>Pure: what is written, and whether, is the store's transaction to decide.</summary>
    public JudgedResource Judge(
        StoredResource resource, IReadOnlyList<ActivePolicy> policies, string fingerprint, Account account, DateTimeOffset now)
    {
        var subject = new ScopeSubject(account.AccountId, resource.Tags, account.Tags, account.Ou);
        var verdicts = new List<JudgedPolicy>(policies.Count);
        var timeDependent = false;
        foreach (var policy in policies)
        {
            timeDependent |= policy.Definition.TimeDependent;
            verdicts.Add(new JudgedPolicy(policy.PolicyId, policy.Launched.Revision, policy.Severity, policy.Launched.Scope.Match(subject) switch
            {
                ScopeMatch.Out => null,
                ScopeMatch.Unknown => new PolicyVerdict
                {
                    Verdict = Verdict.Unknown,
                    Reason = new UnknownReason(resource.Tags is null ? "Tags" : null, UnknownReason.ScopeUnknown),
                },
                _ => evaluator.Evaluate(policy.Definition, new PolicyInput
                {
                    Configuration = resource.Configuration!.Value,
                    AccountId = account.AccountId,
                    Arn = resource.Arn,
                    Region = resource.Region,
                    Tags = resource.Tags,
                    Params = policy.Params,
                    Now = now,
                }),
            }));
        }

        return new JudgedResource
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
        };
    }
}
