using System.Runtime.InteropServices;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Findings.Preview;

/// <summary>Counts the results of a preview. One instance per range, merged at the end, so that ranges are evaluated concurrently without locks.</summary>
internal sealed class PreviewCounter
{
    private const int MostSamples = 20;

    private readonly VerdictCounts _verdicts = new();
    private readonly Dictionary<string, VerdictCounts> _byAccount = new(StringComparer.Ordinal);
    private readonly Dictionary<string, VerdictCounts> _byRegion = new(StringComparer.Ordinal);
    private readonly Dictionary<UnknownReason, long> _unknown = [];
    private readonly Dictionary<ResolvedReason, long> _resolve = [];
    private readonly Dictionary<(int From, int To), long> _severities = [];
    private readonly Dictionary<SeverityBand, long> _openNow = [];
    private readonly Dictionary<SeverityBand, long> _openThen = [];
    private readonly Dictionary<PreviewedChange, long> _changes = [];
    private readonly Dictionary<PreviewedChange, List<PreviewSample>> _samples = [];

    /// <summary>Adds the effect of an evaluation on the resource's finding, by the rules of scans.</summary>
    public void Count(PolicyTarget subject, EvaluatedResource evaluated)
    {
        var policy = evaluated.Policies[0];
        var verdict = policy.Verdict?.Verdict;
        _verdicts.Count(verdict);
        Of(_byAccount, subject.Resource.AccountId).Count(verdict);
        Of(_byRegion, subject.Resource.Region).Count(verdict);
        if (policy.Verdict?.Reason is { } reason)
        {
            Add(_unknown, reason with { Detail = null }, 1); // details are many, kinds are few
        }

        Compare(subject.Finding, FindingLifeCycle.Next(subject.Finding, evaluated, policy, scanId: null, subject.Finding?.ExceptionId));
    }

    private void Compare(Finding? before, Finding? next)
    {
        var after = next ?? before;
        if (before is { State: FindingState.Active })
        {
            Add(_openNow, Severities.BandOf(before.Severity), 1);
        }

        if (after is null || (before is not { State: FindingState.Active } && after.State != FindingState.Active))
        {
            return;
        }

        var change = after.State != FindingState.Active ? PreviewedChange.Resolve
            : before is null ? PreviewedChange.Open
            : before.State != FindingState.Active ? PreviewedChange.Reopen
            : before.Severity != after.Severity ? PreviewedChange.Severity
            : PreviewedChange.Stay;
        Add(_changes, change, 1);
        if (change == PreviewedChange.Resolve)
        {
            Add(_resolve, after.ResolvedReason!.Value, 1);
        }
        else
        {
            Add(_openThen, Severities.BandOf(after.Severity), 1);
        }

        if (change == PreviewedChange.Severity)
        {
            Add(_severities, (before!.Severity, after.Severity), 1);
        }

        Sample(change, after);
    }

    private void Sample(PreviewedChange change, Finding after)
    {
        var samples = Of(_samples, change);
        if (samples.Count < MostSamples)
        {
            samples.Add(new PreviewSample(
                after.AccountService, after.Arn, after.Region, change,
                change == PreviewedChange.Resolve ? after.ResolvedReason : null, after.Severity, after.Evidence));
        }
    }

    public void Add(PreviewCounter other)
    {
        _verdicts.Add(other._verdicts);
        AddAll(_byAccount, other._byAccount);
        AddAll(_byRegion, other._byRegion);
        AddAll(_unknown, other._unknown);
        AddAll(_resolve, other._resolve);
        AddAll(_severities, other._severities);
        AddAll(_openNow, other._openNow);
        AddAll(_openThen, other._openThen);
        AddAll(_changes, other._changes);
        foreach (var (change, samples) in other._samples)
        {
            // Ranges complete in any order; the samples must not depend on it.
            _samples[change] =
            [
                .. Of(_samples, change).Concat(samples)
                    .OrderBy(s => s.AccountService, StringComparer.Ordinal).ThenBy(s => s.Arn, StringComparer.Ordinal)
                    .Take(MostSamples),
            ];
        }
    }

    public PreviewResult ToResult(ActivePolicy policy, PolicyStatus? status, DateTimeOffset at) => new()
    {
        Policy = policy,
        Status = status,
        At = at,
        Verdicts = _verdicts,
        ByAccount = _byAccount,
        ByRegion = _byRegion,
        UnknownReasons = _unknown,
        WouldOpen = _changes.GetValueOrDefault(PreviewedChange.Open),
        WouldReopen = _changes.GetValueOrDefault(PreviewedChange.Reopen),
        WouldResolve = _resolve,
        WouldStay = _changes.GetValueOrDefault(PreviewedChange.Stay) + _changes.GetValueOrDefault(PreviewedChange.Severity),
        SeverityChanges = _severities,
        OpenNow = _openNow,
        OpenThen = _openThen,
        Samples = [.. MixedSamples()],
    };

    /// <summary>Takes one of each kind in turn, so that rare kinds are included, then orders by kind.</summary>
    private IEnumerable<PreviewSample> MixedSamples() =>
        Enumerable.Range(0, MostSamples)
            .SelectMany(i => Enum.GetValues<PreviewedChange>().Select(change => _samples.GetValueOrDefault(change)).Where(s => s?.Count > i).Select(s => s![i]))
            .Take(MostSamples)
            .OrderBy(s => s.Change).ThenBy(s => s.AccountService, StringComparer.Ordinal).ThenBy(s => s.Arn, StringComparer.Ordinal);

    private static T Of<TKey, T>(Dictionary<TKey, T> all, TKey key)
        where TKey : notnull
        where T : new()
    {
        ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(all, key, out _);
        return value ??= new T();
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key, long n)
        where TKey : notnull =>
        CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += n;

    private static void AddAll<TKey>(Dictionary<TKey, long> counts, Dictionary<TKey, long> more)
        where TKey : notnull
    {
        foreach (var (key, n) in more)
        {
            Add(counts, key, n);
        }
    }

    private static void AddAll(Dictionary<string, VerdictCounts> counts, Dictionary<string, VerdictCounts> more)
    {
        foreach (var (key, verdicts) in more)
        {
            Of(counts, key).Add(verdicts);
        }
    }
}
