using System.Text;
using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

internal sealed class EvaluationRow
{
    /// <summary>Stands for a policy whose scope excludes the resource.</summary>
    private const char LeftOut = '-';

    /// <summary>Stands for a violation that an exception holds: a failed verdict, counted separately.</summary>
    private const char Excepted = 'x';

    public string AccountService { get; set; } = "";
    public string Arn { get; set; } = "";
    public long DescribeTime { get; set; }
    public string Hash { get; set; } = "";
    public string Fingerprint { get; set; } = "";
    public string PolicyList { get; set; } = "";
    public string Verdicts { get; set; } = "";
    public string? Reasons { get; set; }
    public long EvaluatedAt { get; set; }
    public long? NextDue { get; set; }

    /// <param name="excepted">The policies whose findings exceptions hold; null if there are none.</param>
    public static EvaluationRow Of(EvaluatedResource resource, PolicyList policies, IReadOnlySet<string>? excepted)
    {
        var letters = new StringBuilder(resource.Policies.Count);
        Dictionary<int, UnknownReason>? reasons = null;
        for (var i = 0; i < resource.Policies.Count; i++)
        {
            var verdict = resource.Policies[i].Verdict;
            letters.Append(
                verdict is null ? LeftOut
                : verdict.Verdict == Verdict.Fail && excepted?.Contains(resource.Policies[i].PolicyId) == true ? Excepted
                : LetterOf(verdict.Verdict));
            if (verdict?.Reason is { } reason)
            {
                (reasons ??= [])[i] = reason;
            }
        }

        return new EvaluationRow
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            DescribeTime = Columns.Ms(resource.DescribeTime),
            Hash = resource.Hash,
            Fingerprint = resource.Fingerprint,
            PolicyList = policies.Name,
            Verdicts = letters.ToString(),
            Reasons = Columns.JsonOrNull(reasons),
            EvaluatedAt = Columns.Ms(resource.EvaluatedAt),
            NextDue = Columns.Ms(resource.NextDue),
        };
    }

    public IEnumerable<StoredVerdict> StoredVerdicts(PolicyList policies)
    {
        var reasons = Columns.FromJsonOrNull<Dictionary<int, UnknownReason>>(Reasons);
        for (var i = 0; i < Verdicts.Length; i++)
        {
            if (Verdicts[i] != LeftOut)
            {
                yield return new StoredVerdict(
                    policies.Policies[i].PolicyId, policies.Policies[i].Revision, VerdictOf(Verdicts[i]), reasons?.GetValueOrDefault(i));
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

    /// <summary>The same evaluation with other findings held by exceptions; null if that changes nothing.</summary>
    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public EvaluationRow? With(PolicyList policies, IReadOnlySet<string> excepted)
    {
        var letters = string.Create(Verdicts.Length, (Verdicts, policies, excepted), static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                var letter = from.Verdicts[i];
                span[i] = letter is not (Excepted or 'f') ? letter : from.excepted.Contains(from.policies.Policies[i].PolicyId) ? Excepted : 'f';
            }
        });
        if (letters == Verdicts)
        {
            return null;
        }

        var changed = (EvaluationRow)MemberwiseClone();
        changed.Verdicts = letters;
        return changed;
    }

    public Evaluation ToEvaluation(PolicyList policies) => new()
    {
        AccountService = AccountService,
        Arn = Arn,
        DescribeTime = Columns.Time(DescribeTime),
        Hash = Hash,
        Fingerprint = Fingerprint,
        Verdicts = [.. StoredVerdicts(policies)],
        LeftOut = [.. policies.Policies.Where((_, i) => Verdicts[i] == LeftOut).Select(p => (p.PolicyId, p.Revision))],
        EvaluatedAt = Columns.Time(EvaluatedAt),
        NextDue = Columns.Time(NextDue),
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
