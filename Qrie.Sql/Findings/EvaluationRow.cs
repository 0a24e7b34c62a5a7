using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

internal sealed class EvaluationRow
{
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
        var (letters, reasons) = VerdictLetters.Of(resource.Policies, excepted);
        return new EvaluationRow
        {
            AccountService = resource.AccountService,
            Arn = resource.Arn,
            DescribeTime = Columns.Ms(resource.DescribeTime),
            Hash = resource.Hash,
            Fingerprint = resource.Fingerprint,
            PolicyList = policies.Name,
            Verdicts = letters,
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
            if (VerdictLetters.VerdictOf(Verdicts[i]) is { } verdict)
            {
                yield return new StoredVerdict(policies.Policies[i].PolicyId, policies.Policies[i].Revision, verdict, reasons?.GetValueOrDefault(i));
            }
        }
    }

    /// <summary>Every policy with its verdict; null if its scope leaves the resource out.</summary>
    public IEnumerable<(ListedPolicy Policy, Verdict? Verdict)> Letters(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, VerdictLetters.VerdictOf(Verdicts[i])));

    /// <summary>Every policy with its verdict as requirements count it.</summary>
    public IEnumerable<(ListedPolicy Policy, PairVerdict Verdict)> Pairs(PolicyList policies) =>
        policies.Policies.Select((policy, i) => (policy, VerdictLetters.PairOf(Verdicts[i])));

    /// <summary>The same evaluation with other findings held by exceptions; null if that changes nothing.</summary>
    /// <param name="excepted">The policies whose findings exceptions hold.</param>
    public EvaluationRow? With(PolicyList policies, IReadOnlySet<string> excepted)
    {
        var letters = VerdictLetters.With(Verdicts, i => excepted.Contains(policies.Policies[i].PolicyId));
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
        LeftOut = [.. policies.Policies.Where((_, i) => Verdicts[i] == VerdictLetters.LeftOut).Select(p => (p.PolicyId, p.Revision))],
        EvaluatedAt = Columns.Time(EvaluatedAt),
        NextDue = Columns.Time(NextDue),
    };
}
