using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;
using Qrie.Dynamo;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>Faults at the requests of a whole history of resources, verdicts and policies: they make no difference in the end.</summary>
public class DynamoFaultTests
{
    /// <summary>So many places, evenly spread, for each fault.</summary>
    private static int Places => DynamoServer.IsSoak ? 20 : 4;

    private static readonly Action<FaultRule>[] s_faults = [rule => rule.Truncate(), rule => rule.Reset(), rule => rule.Throttle(), rule => rule.ServerError()];

    private static CancellationToken None => CancellationToken.None;

    [DynamoTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_fault_at_any_request_makes_no_difference_in_the_end(int fault)
    {
        var (expected, requests) = await RunAsync(null, 0);
        requests.ShouldBeGreaterThan(Places);

        for (var place = 0; place < Places; place++)
        {
            var at = 1 + (place * requests / Places) + (fault * requests / Places / s_faults.Length);

            (await RunAsync(s_faults[fault], at)).State.ShouldBe(expected, $"after fault {fault} at request {at} of {requests}");
        }
    }

    [DynamoFact]
    public async Task What_is_written_for_a_policy_that_was_suspended_meanwhile_is_resolved()
    {
        await using var proxy = await FaultProxy.StartAsync(await DynamoServer.UrlAsync());
        var settings = DynamoServer.NewSettings();
        await using var stores = await OpenAsync(proxy.Url, settings);
        await using var others = await OpenAsync(await DynamoServer.UrlAsync(), settings);
        await PrepareAsync(stores);
        await WriteAsync(stores, Some.Bucket("a"));
        // The revisions of policies were read before: the purge finds nothing, because the finding is not written yet.
        proxy.On("*").Where(IsTransaction).Nth(1).Before(async _ =>
        {
            await others.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(5), None);
            (await others.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(5), 100, None)).ShouldBe(0);
        });

        await stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(Some.Bucket("a"), Some.Fails())], null, None);

        var finding = (await stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, None))!;
        (finding.State, finding.ResolvedReason).ShouldBe((FindingState.Resolved, ResolvedReason.PolicySuspended));
        (await stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).ShouldBeEmpty();
    }

    [DynamoFact]
    public async Task What_is_written_while_an_exception_is_added_follows_it()
    {
        await using var proxy = await FaultProxy.StartAsync(await DynamoServer.UrlAsync());
        var settings = DynamoServer.NewSettings();
        await using var stores = await OpenAsync(proxy.Url, settings);
        await using var others = await OpenAsync(await DynamoServer.UrlAsync(), settings);
        await PrepareAsync(stores);
        await WriteAsync(stores, Some.Bucket("a"));
        proxy.On("*").Where(IsTransaction).Nth(1).Before(_ => others.Exceptions.AddAsync([Some.Exception()], 10, None));

        await stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(Some.Bucket("a"), Some.Fails())], null, None);

        (await stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf("a"), Some.Public, None))!.State.ShouldBe(FindingState.Suppressed);
        (await stores.Findings.CountActiveByPolicyAsync(Some.Org, None)).ShouldBeEmpty();
    }

    /// <summary>Returns what is stored in the end, and how many requests that took.</summary>
    private static async Task<(string State, int Requests)> RunAsync(Action<FaultRule>? fault, int at)
    {
        await using var proxy = await FaultProxy.StartAsync(await DynamoServer.UrlAsync());
        var settings = DynamoServer.NewSettings();
        await using var stores = await OpenAsync(proxy.Url, settings);
        var before = proxy.Requests.Count;
        if (fault is not null)
        {
            fault(proxy.On("*").Where(r => r.Headers.ContainsKey("X-Amz-Target")).Nth(at));
        }

        foreach (var step in Steps(stores))
        {
            await RepeatedAsync(step);
        }

        var requests = proxy.Requests.Count - before;
        proxy.Heal();
        return (await StateAsync(stores), requests);
    }

    private static IEnumerable<Func<Task>> Steps(StoreSet stores)
    {
        yield return () => PrepareAsync(stores);
        var (a, b, c) = (Some.Bucket("a", 1), Some.Bucket("b", 1), Some.Bucket("c", 1));
        yield return () => WriteAsync(stores, a, b, c);
        yield return () => stores.Findings.ApplyAsync(
            Some.Org,
            [Some.Evaluated(a, Some.Fails()), Some.Evaluated(b, Some.Passes()), Some.Evaluated(c, Some.Fails(), Some.Fails(Some.Unversioned))], null, None);
        var changed = Some.Bucket("a", 5, """{"v":2}""");
        yield return () => WriteAsync(stores, changed, Some.Bucket("b", 6));
        yield return () => stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(changed, Some.Passes())], null, None);
        yield return () => stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("c", 9)], Some.At(9), None);
    }

    private static async Task PrepareAsync(StoreSet stores)
    {
        await stores.Accounts.AddAsync(Some.Account(), None);
        await stores.Policies.LaunchAsync(Some.Policy(), None);
        await stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
    }

    private static Task<IReadOnlyList<ResourceWrite>> WriteAsync(StoreSet stores, params CollectedResource[] buckets) =>
        stores.Resources.WriteAsync(Some.Org, buckets, Some.At(1), None);

    /// <summary>A worker repeats what it does not know the outcome of.</summary>
    private static async Task RepeatedAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (StoreUnavailableException)
        {
            await step();
        }
    }

    private static async Task<string> StateAsync(StoreSet stores)
    {
        var findings = (await stores.Findings.ListAsync(Some.Org, new FindingFilter(), new PageRequest(100), None)).Items
            .Select(f => $"{f.Arn} {f.PolicyId} {f.State} {f.ResolvedReason} {f.FirstSeen:O}");
        var resources = (await stores.Resources.ListAsync(Some.Org, new ResourceFilter(IncludeDeleted: true), new PageRequest(100), None)).Items
            .Select(r => $"{r.Arn} {r.Hash} {r.DescribeTime:O} {r.DeletedAt:O} {r.Configuration}");
        var verdicts = (await stores.Findings.CountVerdictsAsync(Some.Org, null, None)).Select(Some.Text);
        var counts = await stores.Summaries.CountResourcesAsync(Some.Org, null, None);
        return string.Join('\n', (string[])[.. findings, .. resources, .. verdicts, Some.Text(counts)]);
    }

    private static Task<StoreSet> OpenAsync(Uri url, DynamoSettings settings) =>
        StoreSets.PrepareAsync(DynamoServer.ProviderOf(url, settings), () => ValueTask.CompletedTask);

    private static bool IsTransaction(ProxiedRequest request) =>
        request.Headers.GetValueOrDefault("X-Amz-Target")?.EndsWith(".TransactWriteItems", StringComparison.Ordinal) == true;
}
