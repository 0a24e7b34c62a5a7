using System.Text;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

internal sealed class EvaluationRow
{
    /// <summary>Stands for a policy whose scope excludes the resource.</summary>
    private const char LeftOut = '-';

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

    public static EvaluationRow Of(EvaluatedResource resource, PolicyList policies)
    {
        var letters = new StringBuilder(resource.Policies.Count);
        Dictionary<int, UnknownReason>? reasons = null;
        for (var i = 0; i < resource.Policies.Count; i++)
        {
            var verdict = resource.Policies[i].Verdict;
            letters.Append(verdict is null ? LeftOut : LetterOf(verdict.Verdict));
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
        'f' => Verdict.Fail,
        'n' => Verdict.NotApplicable,
        _ => Verdict.Unknown,
    };
}
