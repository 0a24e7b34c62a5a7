using System.Globalization;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>
/// An organization with one account and two policies, for tests that run many small histories: each history has its own organization, so that they can share a
/// store.
/// </summary>
public sealed class World
{
    public static readonly IReadOnlyList<string> Policies = [Some.Public, Some.Unversioned];

    private static readonly Dictionary<int, IReadOnlyDictionary<string, string>> UnknownOfConfiguration = new()
    {
        [1] = Some.Denied(),
        [2] = Some.Denied("Acl"),
        [3] = Some.Denied("Acl", "Policy"),
    };

    private static int _worlds;

    private World(StoreSet stores, int number)
    {
        Stores = stores;
        Organization = $"org-{number}";
        AccountId = number.ToString("000000000000", CultureInfo.InvariantCulture);
    }

    public StoreSet Stores { get; }

    public string Organization { get; }

    public string AccountId { get; }

    public string AccountServiceName => AccountService.Of(AccountId, "s3");

    public static async Task<World> NewAsync(StoreSet stores)
    {
        var world = new World(stores, Interlocked.Increment(ref _worlds));
        await stores.Accounts.AddAsync(Some.Account(world.AccountId, world.Organization), CancellationToken.None);
        foreach (var policy in Policies)
        {
            await stores.Policies.LaunchAsync(Some.Policy(policy, world.Organization), CancellationToken.None);
        }

        return world;
    }

    /// <summary>A bucket in one of the configurations 1, 2, 3, with hashes in this order and 0, 1 and 2 unknown attributes.</summary>
    public CollectedResource Bucket(int name, double at, int configuration) =>
        Some.Bucket(NameOf(name), at, $$"""{"v":{{configuration}}}""", UnknownOfConfiguration[configuration], AccountId) with { Hash = HashOf(configuration) };

    public async Task<WriteOutcome> WriteAsync(params CollectedResource[] buckets) =>
        (await Stores.Resources.WriteAsync(Organization, buckets, buckets[0].DescribeTime, CancellationToken.None))[0].Outcome;

    public Task DeleteAsync(int name, double at) =>
        Stores.Resources.DeleteAsync(Organization, [Some.Deletion(NameOf(name), at, AccountId)], Some.At(at), CancellationToken.None);

    public async Task<ApplyOutcome> ApplyAsync(EvaluatedResource evaluated, string? scanId = null) =>
        (await Stores.Findings.ApplyAsync(Organization, [evaluated], scanId, CancellationToken.None)).Outcomes.Single();

    public Task<StoredResource?> FindAsync(int name) => Stores.Resources.FindAsync(Organization, AccountServiceName, ArnOf(name), CancellationToken.None);

    public Task<Finding?> FindingAsync(int name, string policyId = Some.Public) =>
        Stores.Findings.FindAsync(Organization, AccountServiceName, ArnOf(name), policyId, CancellationToken.None);

    public Task<Evaluation?> EvaluationAsync(int name) =>
        Stores.Findings.FindEvaluationAsync(Organization, AccountServiceName, ArnOf(name), CancellationToken.None);

    public async Task<IReadOnlyList<Finding>> FindingsAsync(FindingFilter? filter = null) =>
        (await Stores.Findings.ListAsync(Organization, filter ?? new FindingFilter(), new PageRequest(1000), CancellationToken.None)).Items;

    public async Task<IReadOnlyDictionary<string, long>> ActiveRevisionsAsync() =>
        (await Stores.Policies.ListAsync(Organization, CancellationToken.None))
            .Where(p => p.Status == PolicyStatus.Active)
            .ToDictionary(p => p.PolicyId, p => p.Revision);

    public Task<LaunchedPolicy?> LaunchAsync(string policyId = Some.Public) =>
        Stores.Policies.LaunchAsync(Some.Policy(policyId, Organization), CancellationToken.None);

    public Task<LaunchedPolicy?> StopAsync(PolicyStatus status = PolicyStatus.Suspended, string policyId = Some.Public) =>
        Stores.Policies.SetStatusAsync(Organization, policyId, status, Some.Noon, CancellationToken.None);

    /// <summary>One batch of a purge.</summary>
    public Task<int> ResolveAsync(int limit, string policyId = Some.Public, double at = 1000) =>
        Stores.Findings.ResolvePolicyAsync(Organization, policyId, ResolvedReason.PolicySuspended, Some.At(at), limit, CancellationToken.None);

    /// <summary>All remaining batches of a purge.</summary>
    public async Task ResolveAllAsync(string policyId = Some.Public, double at = 1000)
    {
        while (await ResolveAsync(2, policyId, at) > 0)
        {
        }
    }

    /// <summary>The expected counts, from the rows.</summary>
    public async Task CountsShouldEqualARecountAsync(IReadOnlyList<int> names)
    {
        var active = await FindingsAsync(new FindingFilter(State: FindingState.Active));
        (await Stores.Findings.CountActiveByPolicyAsync(Organization, CancellationToken.None)).Where(c => c.Value != 0).ToDictionary()
            .ShouldBe(active.CountBy(f => f.PolicyId).ToDictionary(c => c.Key, c => (long)c.Value), ignoreOrder: true);

        var revisions = await ActiveRevisionsAsync();
        var verdicts = new List<StoredVerdict>();
        var unknown = new List<string>();
        var leftOut = new List<(string PolicyId, long Revision)>();
        var excepted = new List<(string PolicyId, long Revision)>();
        var alive = 0;
        foreach (var name in names)
        {
            var evaluation = await EvaluationAsync(name);
            verdicts.AddRange(evaluation?.Verdicts ?? []);
            leftOut.AddRange(evaluation?.LeftOut ?? []);
            foreach (var verdict in (evaluation?.Verdicts ?? []).Where(v => v.Verdict == Verdict.Fail))
            {
                if (await FindingAsync(name, verdict.PolicyId) is { State: FindingState.Suppressed })
                {
                    excepted.Add((verdict.PolicyId, verdict.Revision));
                }
            }

            if (await FindAsync(name) is { DeletedAt: null } stored)
            {
                alive++;
                unknown.AddRange(UnknownOfConfiguration[stored.Hash[1] - '0'].Keys);
            }
        }

        (await Stores.Findings.CountVerdictsAsync(Organization, null, CancellationToken.None))
            .Select(c => $"{c.PolicyId} {c.Verdict} {c.Attribute} {c.Resources}")
            .ShouldBe(
                verdicts.Where(v => revisions.GetValueOrDefault(v.PolicyId) == v.Revision)
                    .CountBy(v => $"{v.PolicyId} {v.Verdict} {v.Reason?.Attribute}").Select(c => $"{c.Key} {c.Value}"),
                ignoreOrder: true);
        (await Stores.Summaries.CountVerdictsAsync(Organization, null, CancellationToken.None))
            .ShouldBe(
                verdicts.Where(v => revisions.GetValueOrDefault(v.PolicyId) == v.Revision).CountBy(v => v.Verdict).ToDictionary(c => c.Key, c => (long)c.Value),
                ignoreOrder: true);
        await ComplianceShouldEqualARecountAsync(revisions, verdicts, leftOut, excepted, alive);
        (await Stores.Coverage.CountUnknownAttributesAsync(Organization, null, CancellationToken.None)).Select(c => $"{c.Attribute} {c.Resources}")
            .ShouldBe(unknown.CountBy(a => a).Select(c => $"{c.Key} {c.Value}"), ignoreOrder: true);
    }

    private async Task ComplianceShouldEqualARecountAsync(
        IReadOnlyDictionary<string, long> revisions, List<StoredVerdict> verdicts, List<(string PolicyId, long Revision)> leftOut,
        List<(string PolicyId, long Revision)> excepted, int alive)
    {
        foreach (var selection in (AccountSelection[])[AccountSelection.All, new([AccountId])])
        {
            var totals = await Stores.Compliance.ReadTotalsAsync(Organization, selection, CancellationToken.None);
            foreach (var (policyId, revision) in revisions)
            {
                long Of(Verdict verdict) => verdicts.Count(v => v.PolicyId == policyId && v.Revision == revision && v.Verdict == verdict);
                totals.Policies.GetValueOrDefault(policyId, PairCounts.None).ShouldBe(new PairCounts(
                    Of(Verdict.Pass), Of(Verdict.Fail) - excepted.Count(e => e == (policyId, revision)), Of(Verdict.Unknown), Of(Verdict.NotApplicable),
                    leftOut.Count(l => l == (policyId, revision)), excepted.Count(e => e == (policyId, revision))));
            }

            totals.Policies.Keys.ShouldBeSubsetOf(revisions.Keys);
            totals.Types.GetValueOrDefault(Some.BucketType, TypeTotals.None).Resources.ShouldBe(alive);
        }
    }

    /// <summary>How many findings each exception holds, from the rows.</summary>
    public async Task HeldFindingsShouldEqualARecountAsync()
    {
        var everything = new ExceptionFilter(null, null, null, null);
        var all = (await Stores.Exceptions.ListAsync(Organization, everything, new PageRequest(1000), CancellationToken.None)).Items;
        var held = await FindingsAsync(new FindingFilter(State: FindingState.Suppressed));
        (await Stores.Exceptions.CountFindingsAsync(Organization, [.. all.Select(e => e.ExceptionId)], CancellationToken.None)).ToDictionary()
            .ShouldBe(held.CountBy(f => f.ExceptionId!).ToDictionary(c => c.Key, c => (long)c.Value), ignoreOrder: true);
    }

    public static string ArnOf(int name) => Some.ArnOf(NameOf(name));

    public static string HashOf(int configuration) => $"h{configuration}";

    private static string NameOf(int name) => $"bucket-{name}";
}
