using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;

namespace Qrie.Dynamo.Findings;

/// <summary>The verdicts on a resource, a letter for each policy of a list.</summary>
/// <param name="Policies">The name of the list.</param>
/// <param name="Reasons">Of unknown verdicts, by their position.</param>
internal sealed record StoredEvaluation(
    DateTimeOffset DescribeTime, string Hash, string Fingerprint, string Policies, string Verdicts, IReadOnlyDictionary<int, UnknownReason>? Reasons,
    DateTimeOffset EvaluatedAt)
{
    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public static StoredEvaluation Of(EvaluatedResource resource, PolicyList policies, IReadOnlySet<string> excepted)
    {
        var (letters, reasons) = VerdictLetters.Of(resource.Policies, excepted);
        return new StoredEvaluation(
            resource.DescribeTime, resource.Hash, resource.Fingerprint, policies.Name, letters, reasons, resource.EvaluatedAt);
    }

    public IEnumerable<StoredVerdict> StoredVerdicts(PolicyList policies)
    {
        for (var i = 0; i < Verdicts.Length; i++)
        {
            if (VerdictLetters.VerdictOf(Verdicts[i]) is { } verdict)
            {
                yield return new StoredVerdict(policies.Policies[i].PolicyId, policies.Policies[i].Revision, verdict, Reasons?.GetValueOrDefault(i));
            }
        }
    }

    /// <summary>Every policy with its verdict; null if its scope leaves the resource out.</summary>
    public IEnumerable<(ListedPolicy Policy, Verdict? Verdict)> Letters(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, VerdictLetters.VerdictOf(Verdicts[i])));

    /// <summary>Every policy with its verdict as requirements count it.</summary>
    public IEnumerable<(ListedPolicy Policy, PairVerdict Verdict)> Pairs(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, VerdictLetters.PairOf(Verdicts[i])));

    /// <summary>The same evaluation with other findings held by exceptions.</summary>
    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public StoredEvaluation With(PolicyList policies, IReadOnlySet<string> excepted) => this with
    {
        Verdicts = VerdictLetters.With(Verdicts, i => excepted.Contains(policies.Policies[i].PolicyId)),
    };

    public Evaluation ToEvaluation(string accountService, string arn, DateTimeOffset? nextDue, PolicyList policies) => new()
    {
        AccountService = accountService,
        Arn = arn,
        DescribeTime = DescribeTime,
        Hash = Hash,
        Fingerprint = Fingerprint,
        Verdicts = [.. StoredVerdicts(policies)],
        LeftOut = [.. policies.Policies.Where((_, i) => Verdicts[i] == VerdictLetters.LeftOut).Select(p => (p.PolicyId, p.Revision))],
        EvaluatedAt = EvaluatedAt,
        NextDue = nextDue,
    };
}
