using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Compliance;

/// <summary>
/// Records the scores of every day: of all accounts together, of each account and of each organizational unit, of frameworks and of their sections. A past day
/// keeps the score that it ended with, by the catalog of that time.
/// </summary>
public sealed class ComplianceHistory(
    IComplianceStore store, IAccountStore accounts, ComplianceReader reader, ICatalog catalog, TimeProvider clock)
{
    /// <summary>Accounts and units whose scores are written together: each write makes all readers read anew.</summary>
    private const int WrittenTogether = 100;

    /// <summary>What was recorded last, by organization: the version that the store had before it was read, the catalog and the day.</summary>
    private readonly ConcurrentDictionary<string, (long? Version, ResourceCatalog Catalog, DateOnly Day)> _recorded = new();

    /// <summary>Records today's scores, if anything was written since the last time.</summary>
    public async Task RecordAsync(string organization, CancellationToken cancel)
    {
        var (snapshot, day) = (catalog.Current, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        var state = (store.Version(), snapshot, day);
        if (state.Item1 is not null && _recorded.TryGetValue(organization, out var recorded) && recorded == state)
        {
            return;
        }

        var known = await accounts.ListAsync(organization, includeRemoved: false, cancel);
        var policies = snapshot.Frameworks.ToDictionary(framework => framework.Id, framework => HashOfPolicies(framework, snapshot));
        var scopes = known.Select(account => new ComplianceScope(account.AccountId)).Concat(Ous(known).Select(ou => new ComplianceScope(Ou: ou)))
            .Prepend(ComplianceScope.Everything);
        foreach (var together in scopes.Chunk(WrittenTogether))
        {
            var scores = new List<RecordedScore>();
            foreach (var scope in together)
            {
                var assessed = await reader.ListAsync(organization, scope, cancel);
                scores.AddRange(assessed.SelectMany(f => Recorded(f, policies[f.Framework.Id], day, scope)));
            }

            await store.SaveDayAsync(organization, day, scores, cancel);
        }

        // The version from before the reads: a write since then may not have been seen. If there was none but those of this method, the next round writes
        // nothing, and those after it read nothing.
        _recorded[organization] = state;
    }

    /// <summary>The score of each day, oldest first: that of the end of a past day, and the current one of today.</summary>
    /// <param name="section">Null for the whole framework.</param>
    /// <param name="days">How many, today included.</param>
    public async Task<ComplianceTrend> ReadAsync(
        string organization, string framework, ComplianceScope scope, string? section, int days, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var current = await reader.ReadAsync(organization, framework, scope, cancel);
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var from = today.AddDays(1 - days);
        var stored = await store.ListDaysAsync(organization, framework, scope.Subject, section, from, today.AddDays(-1), cancel);
        var now = Recorded(current, HashOfPolicies(current.Framework, snapshot), today, scope).First(score => score.Section == section);
        var (points, marks) = (new List<TrendPoint>(), new List<TrendMark>());
        RecordedScore? last = null;
        foreach (var recorded in stored.Append(now))
        {
            if (last is not null)
            {
                marks.AddRange(MarksBetween(last, recorded).Where(mark => mark.Day >= from));
            }

            last = recorded;
        }

        for (var day = from; day <= today; day = day.AddDays(1))
        {
            var at = day == today ? now : stored.LastOrDefault(score => score.Day <= day);
            if (at is not null)
            {
                points.Add(new TrendPoint(day, at.Score));
            }
        }

        return new ComplianceTrend(current.Framework, section, points, marks);
    }

    /// <summary>The framework, then its sections.</summary>
    private static IEnumerable<RecordedScore> Recorded(FrameworkAssessment assessment, string policies, DateOnly day, ComplianceScope scope)
    {
        var framework = assessment.Framework;
        return assessment.Sections.Select(section => (Section: (string?)section.Section.Id, section.Score)).Prepend((Section: null, assessment.Score))
            .Select(part => new RecordedScore(
                day, framework.Id, scope.Subject, part.Section, framework.Version, framework.DefinitionHash, policies, part.Score));
    }

    /// <summary>Changes when a policy of the framework decides otherwise than before.</summary>
    internal static string HashOfPolicies(FrameworkDefinition framework, ResourceCatalog catalog) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', framework.Requirements.SelectMany(r => r.Policies).Select(p => p.PolicyId).Distinct()
            .Order(StringComparer.Ordinal).Select(id => catalog.FindPolicy(id)!.DefinitionHash)))))[..16];

    private static IEnumerable<TrendMark> MarksBetween(RecordedScore before, RecordedScore after)
    {
        if (before.FrameworkVersion != after.FrameworkVersion)
        {
            yield return new TrendMark(after.Day, TrendMarkKind.FrameworkVersion, $"Version {before.FrameworkVersion} became {after.FrameworkVersion}.");
        }
        else if (before.Definition != after.Definition)
        {
            yield return new TrendMark(after.Day, TrendMarkKind.Mapping, "The requirements, or the policies that check them, changed.");
        }

        if (before.Policies != after.Policies)
        {
            yield return new TrendMark(after.Day, TrendMarkKind.Catalog, "The definitions of policies changed.");
        }
    }

    /// <summary>Every unit that has accounts, itself or below it.</summary>
    private static IEnumerable<string> Ous(IReadOnlyList<Account> accounts) => accounts
        .Select(account => account.Ou?.Trim('/')).OfType<string>()
        .SelectMany(path => path.Split('/').Select((_, i) => "/" + string.Join('/', path.Split('/').Take(i + 1))))
        .Distinct(StringComparer.Ordinal);
}

/// <summary>The scores of a framework or section by day.</summary>
/// <param name="Section">Null for the whole framework.</param>
/// <param name="Points">Oldest first; days before the first record are missing.</param>
/// <param name="Marks">Where a change of the framework or of policies, not of resources, may have moved the score.</param>
public sealed record ComplianceTrend(
    FrameworkDefinition Framework, string? Section, IReadOnlyList<TrendPoint> Points, IReadOnlyList<TrendMark> Marks);

public sealed record TrendPoint(DateOnly Day, Score Score);

public sealed record TrendMark(DateOnly Day, TrendMarkKind Kind, string Message);

public enum TrendMarkKind
{
    FrameworkVersion,

    /// <summary>The same version is checked by other policies or with other parameters.</summary>
    Mapping,

    /// <summary>A policy decides otherwise than before.</summary>
    Catalog,
}
