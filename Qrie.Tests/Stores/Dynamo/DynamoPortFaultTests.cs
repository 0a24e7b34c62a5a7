using System.Text.RegularExpressions;
using Amazon.DynamoDBv2.Model;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Alerts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Compliance;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Dynamo;
using Qrie.Dynamo.Tables;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>One fault at a request of any port: the calls do not fail, and the tables have the same items in the end.</summary>
public partial class DynamoPortFaultTests
{
    /// <summary>The answer is lost, the request is lost, DynamoDB throttles, DynamoDB fails.</summary>
    private static readonly Action<FaultRule>[] s_faults = [rule => rule.Truncate(), rule => rule.Reset(), rule => rule.Throttle(), rule => rule.ServerError()];

    private static readonly HashSet<string> s_ofTransactions = ["Version", "Writer", "WriterBefore", "ForVersion", "ExpiresAt"];

    private static readonly TriageActor s_actor = new("key", "A key", Some.At(20));

    private static CancellationToken None => CancellationToken.None;

    [DynamoTheory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_fault_at_any_request_leaves_the_same_items(int fault)
    {
        var (expected, requests) = await RunAsync(null, 0);
        requests.ShouldBeGreaterThan(150);
        var every = requests / (DynamoServer.IsSoak ? 20 : 4);

        for (var at = 1 + (fault * every / s_faults.Length); at <= requests; at += every)
        {
            (await RunAsync(s_faults[fault], at)).Items.ShouldBe(expected, $"after fault {fault} at request {at} of {requests}");
        }
    }

    private static Task<(List<string> Items, int Requests)> RunAsync(Action<FaultRule>? fault, int at) => DynamoServer.WithTablesAsync(async (url, settings) =>
    {
        await using var proxy = await FaultProxy.StartAsync(url);
        var oneShard = settings with { CounterShards = 1 }; // a process chooses its shard at random
        await using var stores = await StoreSets.PrepareAsync(DynamoServer.ProviderOf(proxy.Url, oneShard), () => ValueTask.CompletedTask);
        var before = proxy.Requests.Count;
        if (fault is not null)
        {
            fault(proxy.On("*").Where(r => r.Headers.ContainsKey("X-Amz-Target")).Nth(at));
        }

        foreach (var step in Steps(stores))
        {
            await step();
        }

        var requests = proxy.Requests.Count - before;
        return (await ItemsAsync(url, settings), requests);
    });

    /// <summary>A history that writes through every port.</summary>
    internal static IEnumerable<Func<Task>> Steps(StoreSet stores)
    {
        var (a, b, c) = (Some.Bucket("a", 1), Some.Bucket("b", 1), Some.Bucket("c", 1));
        var exception = Some.Exception();
        yield return () => stores.Installation.SetSettingAsync("name", "value", None);
        yield return () => stores.Organizations.AddAsync(new Organization(Some.Org, "Name", Some.Noon), None);
        yield return () => stores.Keys.AddAsync(
            new ApiKey { Organization = Some.Org, KeyId = "key", Role = Role.Admin, SecretHash = "hash", CreatedAt = Some.Noon, CreatedBy = "test" }, None);
        yield return () => stores.Keys.RecordUseAsync(new Dictionary<string, DateTimeOffset> { ["key"] = Some.At(3) }, None);
        yield return () => stores.Keys.RevokeAsync(Some.Org, "key", Some.At(4), None);
        yield return () => stores.RefusedLogins.AddAsync([new RefusedLoginCount(new DateOnly(2026, 11, 21), default, 2)], None);
        yield return () => stores.Audit.BeginAsync(Entry("1", AuditStatus.Begun), None);
        yield return () => stores.Audit.EndAsync(Entry("1", AuditStatus.Begun), [Entry("2", AuditStatus.Done), Entry("3", AuditStatus.Done)], None);
        yield return () => stores.Accounts.AddAsync(Some.Account(), None);
        yield return () => stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);
        yield return () => stores.Accounts.RecordRegionsAsync(
            Some.Org, new Dictionary<string, IReadOnlyList<string>> { [Some.AccountId] = ["us-east-1"] }, None);
        yield return () => stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(2), None);
        yield return () => stores.ExternalIds.FindOrAddAsync(Some.Org, new Dictionary<string, string> { [Some.AccountId] = "id" }, Some.Noon, None);
        yield return () => stores.Policies.LaunchAsync(Some.Policy(), None);
        yield return () => stores.Policies.LaunchAsync(Some.Policy(Some.Unversioned), None);
        yield return () => stores.Alerts.AddAsync(SomeAlerts.Rule(), None);
        yield return () => stores.Coverage.RecordAsync(Some.Org, Some.Coverage(), None);
        yield return () => stores.Resources.WriteAsync(Some.Org, [a, b, c], Some.At(1), None);
        yield return () => stores.Findings.ApplyAsync(
            Some.Org,
            [Some.Evaluated(a, Some.Fails()), Some.Evaluated(b, Some.Passes()), Some.Evaluated(c, Some.Fails(), Some.Fails(Some.Unversioned))], null, None);
        yield return () => stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, Some.EvaluatedUnit(Some.At(3), Some.Public), None);
        yield return () => stores.Triage.ChangeAsync(
            Some.Org, [new FindingIdentity(Some.S3, Some.ArnOf("a"), Some.Public)], new TriageChange(Workflow.Notified, "someone", null, "text"), s_actor,
            None);
        yield return () => stores.Triage.CommentAsync(Some.Org, new FindingIdentity(Some.S3, Some.ArnOf("c"), Some.Public), "comment", s_actor, None);
        yield return () => stores.Exceptions.AddAsync([exception], 10, None);
        yield return () => stores.Exceptions.ReconsiderAsync(
            Some.Org, [new FindingIdentity(Some.S3, Some.ArnOf("c"), Some.Public)], Some.At(5), None);
        yield return () => stores.Exceptions.SettleAsync(exception, None);
        yield return () => stores.Exceptions.RemoveAsync(Some.Org, exception.ExceptionId, Some.At(6), None);
        yield return () => stores.Exceptions.ReleaseAsync(Some.Org, exception.ExceptionId, Some.At(6), 10, None);
        yield return () => stores.Resources.WriteAsync(Some.Org, [Some.Bucket("a", 7, """{"v":2}"""), Some.Bucket("b", 8)], Some.At(8), None);
        yield return () => stores.Resources.MarkAbsentAsync(Some.Org, Some.S3, [Some.ArnOf("b")], Some.At(9), None);
        yield return () => stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("c", 9)], Some.At(9), None);
        yield return () => stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(10), None);
        yield return () => stores.Findings.ResolvePolicyAsync(Some.Org, Some.Public, ResolvedReason.PolicySuspended, Some.At(10), 10, None);
        yield return () => ScanAsync(stores);
        yield return () => stores.Events.SaveBatchAsync(
            new EventBatch(
                [new MessageResult(Some.Org, Some.AccountId, "us-east-1", MessageOutcome.Processed, Some.At(11), TimeSpan.FromSeconds(1), null)],
                [new Recheck(Some.Org, Some.AccountId, "us-east-1", "s3", Some.BucketType, "a", 0, Some.At(5), Some.At(10))],
                [
                    (new DeadEvent("m1", Some.Org, Some.AccountId, "us-east-1", "s3/Put", "It failed.", 3, Some.At(11), false, "{}"),
                        new MessageResult(Some.Org, Some.AccountId, "us-east-1", MessageOutcome.Failed, null, null, null)),
                ],
                Some.At(11)),
            None);
        yield return () => RecheckAsync(stores);
        yield return () => AlertAsync(stores);
        yield return () => stores.Compliance.SaveAttestationAsync(
            Some.Org,
            new Attestation
            {
                Framework = "demo",
                Requirement = "1.1",
                IsMet = true,
                Text = "Seen.",
                AttestedBy = "test",
                AttestedAt = Some.Noon,
                ExpiresAt = Some.At(1000),
            },
            None);
        yield return () => stores.Archives.AddAsync(
            new Archive { Organization = Some.Org, ArchiveId = "1", Reason = ArchiveReason.Manual, Status = ArchiveStatus.Pending, CreatedAt = Some.Noon },
            None);
        yield return () => PurgeAsync(stores);
        yield return () => stores.Retention.DeleteAuditAsync(Some.Org, Some.At(1000), 10, None);
    }

    private static AuditEntry Entry(string id, AuditStatus status) => new()
    {
        Organization = Some.Org,
        AuditId = id,
        At = Some.At(1),
        Actor = new Actor("key", null, Role.Admin, null, null),
        Action = "policy.launch",
        Subject = "policy",
        Status = status,
    };

    private static async Task ScanAsync(StoreSet stores)
    {
        var (scan, units) = Some.Scan("scan-1", 12, (Some.AccountId, "s3"), (Some.AccountId, "ec2"));
        await stores.Scans.CreateAsync(scan, units, None);
        for (var i = 0; i < 2; i++)
        {
            var unit = (await stores.Scans.ClaimNextAsync("worker", Some.At(13), TimeSpan.FromMinutes(1), 10, None))!;
            (await stores.Scans.RenewAsync(unit, Some.Result(("calls", 1)), Some.At(14), TimeSpan.FromMinutes(1), None)).ShouldBeTrue();
            if (i == 0)
            {
                await stores.Scans.ReleaseAsync(unit, None);
                unit = (await stores.Scans.ClaimNextAsync("worker", Some.At(15), TimeSpan.FromMinutes(1), 10, None))!;
            }

            (await stores.Scans.EndAsync(unit, UnitStatus.Done, Some.Result(("calls", 2)), Some.At(16), None)).ShouldBeTrue();
        }

        (scan, units) = Some.Scan("scan-2", 17, (Some.AccountId, "s3"));
        await stores.Scans.CreateAsync(scan, units, None);
        (await stores.Scans.CancelAsync(Some.Org, "scan-2", Some.At(18), None)).ShouldBeTrue();
    }

    private static async Task RecheckAsync(StoreSet stores)
    {
        var due = (await stores.Events.ClaimDueAsync(whole: false, Some.At(20), TimeSpan.FromMinutes(1), 10, None)).Single();
        await stores.Events.AdvanceAsync([(due, due with { Attempt = 1, DueAt = Some.At(30) })], None);
    }

    private static async Task AlertAsync(StoreSet stores)
    {
        var events = await stores.Alerts.ReadOutboxAsync(100, None);
        events.Count.ShouldBeGreaterThan(3);
        (await stores.Alerts.SaveMatchedAsync(Some.Org, [.. events.Select(e => e.Seq)], [SomeAlerts.Message()], None)).ShouldBeTrue();
        var message = (await stores.Alerts.ListDueAsync(Some.At(60), 10, None)).Single();
        var begun = (await stores.Alerts.BeginAsync(message, Some.At(60), Some.At(120), None))!;
        await stores.Alerts.EndAsync(begun with { Status = DeliveryStatus.Delivered, FinishedAt = Some.At(61) }, None);
    }

    private static async Task PurgeAsync(StoreSet stores)
    {
        await stores.Resources.WriteAsync(Some.Org, [Some.Bucket("z", 1, account: Some.OtherAccountId)], Some.At(1), None);
        await stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);
        await stores.Purges.BeginAsync(Some.Org, Some.OtherAccountId, Some.At(30), None);
        while (await stores.Purges.DeleteNextAsync(Some.Org, Some.OtherAccountId, 10, Some.At(31), None))
        {
            // Until nothing is left.
        }
    }

    /// <summary>All items, without what names the transaction that wrote them.</summary>
    internal static async Task<List<string>> ItemsAsync(Uri url, DynamoSettings settings)
    {
        using var client = DynamoServer.ClientOf(url);
        var lines = new List<string>();
        foreach (var table in StoreTables.All)
        {
            var items = (await client.ScanAsync(new Amazon.DynamoDBv2.Model.ScanRequest { TableName = settings.TablePrefix + table.Name })).Items;
            lines.AddRange(items.Where(item => item.GetValueOrDefault("PK")?.S.StartsWith("event-batches", StringComparison.Ordinal) != true)
                .Select(item => $"{table.Name} " + string.Join(", ", item.Where(m => !s_ofTransactions.Contains(m.Key))
                    .OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}={Ids().Replace(Text(m.Value), "id")}"))));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    private static string Text(AttributeValue value) => value.S ?? value.N ?? (value.B is { } bytes ? Convert.ToHexString(bytes.ToArray()) : "…");

    [GeneratedRegex("[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")]
    private static partial Regex Ids();
}
