using System.Text;
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
    /// <summary>Stands for a policy whose scope excludes the resource.</summary>
    private const char LeftOut = '-';

    /// <summary>Stands for a violation that an exception holds: a failed verdict, counted separately.</summary>
    private const char Excepted = 'x';

    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public static StoredEvaluation Of(EvaluatedResource resource, PolicyList policies, IReadOnlySet<string> excepted)
    {
        var letters = new StringBuilder(resource.Policies.Count);
        Dictionary<int, UnknownReason>? reasons = null;
        for (var i = 0; i < resource.Policies.Count; i++)
        {
            var verdict = resource.Policies[i].Verdict;
            letters.Append(
                verdict is null ? LeftOut
                : verdict.Verdict == Verdict.Fail && excepted.Contains(resource.Policies[i].PolicyId) ? Excepted
                : LetterOf(verdict.Verdict));
            if (verdict?.Reason is { } reason)
            {
                (reasons ??= [])[i] = reason;
            }
        }

        return new StoredEvaluation(
            resource.DescribeTime, resource.Hash, resource.Fingerprint, policies.Name, letters.ToString(), reasons, resource.EvaluatedAt);
    }

    public IEnumerable<StoredVerdict> StoredVerdicts(PolicyList policies)
    {
        for (var i = 0; i < Verdicts.Length; i++)
        {
            if (Verdicts[i] != LeftOut)
            {
                yield return new StoredVerdict(
                    policies.Policies[i].PolicyId, policies.Policies[i].Revision, VerdictOf(Verdicts[i]), Reasons?.GetValueOrDefault(i));
            }
        }
    }

    /// <summary>Every policy with its verdict; null if its scope leaves the resource out.</summary>
    public IEnumerable<(ListedPolicy Policy, Verdict? Verdict)> Letters(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, Verdicts[i] == LeftOut ? null : (Verdict?)VerdictOf(Verdicts[i])));

    /// <summary>Every policy with its verdict as requirements count it.</summary>
    public IEnumerable<(ListedPolicy Policy, PairVerdict Verdict)> Pairs(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, Verdicts[i] switch
        {
            LeftOut => PairVerdict.OutOfScope,
            Excepted => PairVerdict.Excepted,
            var letter => VerdictOf(letter) switch
            {
                Verdict.Pass => PairVerdict.Pass,
                Verdict.Fail => PairVerdict.Fail,
                Verdict.NotApplicable => PairVerdict.NotApplicable,
                _ => PairVerdict.Unknown,
            },
        }));

    /// <summary>The same evaluation with other findings held by exceptions.</summary>
    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public StoredEvaluation With(PolicyList policies, IReadOnlySet<string> excepted) => this with
    {
        Verdicts = string.Concat(Verdicts.Select((letter, i) =>
            letter is not (Excepted or 'f') ? letter : excepted.Contains(policies.Policies[i].PolicyId) ? Excepted : 'f')),
    };

    public Evaluation ToEvaluation(string accountService, string arn, DateTimeOffset? nextDue, PolicyList policies) => new()
    {
        AccountService = accountService,
        Arn = arn,
        DescribeTime = DescribeTime,
        Hash = Hash,
        Fingerprint = Fingerprint,
        Verdicts = [.. StoredVerdicts(policies)],
        LeftOut = [.. policies.Policies.Where((_, i) => Verdicts[i] == LeftOut).Select(p => (p.PolicyId, p.Revision))],
        EvaluatedAt = EvaluatedAt,
        NextDue = nextDue,
    };

    private static char LetterOf(Verdict verdict) => verdict switch
    {
        Verdict.Pass => 'p',
        Verdict.Fail => 'f',
        Verdict.NotApplicable => 'n',
        _ => 'u',
    };

    private static Verdict VerdictOf(char letter) => letter switch
    {
        'p' => Verdict.Pass,
        'f' or Excepted => Verdict.Fail,
        'n' => Verdict.NotApplicable,
        _ => Verdict.Unknown,
    };
}
