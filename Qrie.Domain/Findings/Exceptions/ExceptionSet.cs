namespace Qrie.Domain.Findings.Exceptions;

/// <summary>The exceptions of an organization that are in force, indexed for the write gate.</summary>
public sealed class ExceptionSet
{
    public static readonly ExceptionSet None = new([]);

    private readonly Dictionary<string, List<FindingException>> _byArn = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<FindingException>> _byPolicy = new(StringComparer.Ordinal);
    private readonly List<FindingException> _others = [];

    /// <param name="inForce">In any order.</param>
    public ExceptionSet(IEnumerable<FindingException> inForce)
    {
        foreach (var exception in inForce)
        {
            Count++;
            NeedsTags |= exception.Scope.TagKey is not null;
            NeedsEvidence |= exception.UntilChanged;
            ListOf(exception.Scope).Add(exception);
        }
    }

    public int Count { get; }

    /// <summary>Whether any of them depends on tags.</summary>
    public bool NeedsTags { get; }

    /// <summary>Whether any of them ends for a finding when its evidence changes.</summary>
    public bool NeedsEvidence { get; }

    /// <summary>The exceptions that cover a finding, the oldest first.</summary>
    /// <param name="tags">Of the resource; null if they could not be read.</param>
    public IEnumerable<FindingException> Covering(
        string accountId, string region, string arn, string policyId, IReadOnlyDictionary<string, string>? tags) =>
        Candidates(arn, policyId).Where(e => e.Scope.MayCover(accountId, region, arn, policyId) && e.Scope.HasTag(tags))
            .OrderBy(e => e.CreatedAt).ThenBy(e => e.ExceptionId, StringComparer.Ordinal);

    private IEnumerable<FindingException> Candidates(string arn, string policyId)
    {
        IEnumerable<FindingException> candidates = _others;
        candidates = _byArn.TryGetValue(arn, out var ofArn) ? candidates.Concat(ofArn) : candidates;
        return _byPolicy.TryGetValue(policyId, out var ofPolicy) ? candidates.Concat(ofPolicy) : candidates;
    }

    private List<FindingException> ListOf(ExceptionScope scope) =>
        scope.IsExact ? In(_byArn, scope.Arn!) : scope.PolicyId is { } policyId ? In(_byPolicy, policyId) : _others;

    private static List<FindingException> In(Dictionary<string, List<FindingException>> lists, string key)
    {
        if (!lists.TryGetValue(key, out var list))
        {
            lists[key] = list = [];
        }

        return list;
    }
}
