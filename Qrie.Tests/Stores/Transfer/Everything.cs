using System.Security.Cryptography;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Accounts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Compliance;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores.Dynamo;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores.Transfer;

/// <summary>A store with something of everything, in two organizations, written through the ports of any kind of store.</summary>
internal static class Everything
{
    public const string Shop = "shop";
    public const string Web = "777788889999";

    /// <summary>What escaping, key texts and comparisons might get wrong.</summary>
    public const string OddText = "q\"\\/ <&'> \n\t\u2028 é 🛒 \uE000 ~";

    private const string ShopS3 = $"{Web}_s3";

    /// <summary>Longer than the keys of DynamoDB may be.</summary>
    private static readonly string s_longName = new string('x', 2100) + "é";

    private static readonly TriageActor s_actor = new("key", OddText, Some.At(120));

    public static readonly IReadOnlyList<string> Organizations = [Some.Org, Shop];

    private static CancellationToken None => CancellationToken.None;

    public static async Task FillAsync(StoreSet stores)
    {
        foreach (var step in DynamoPortFaultTests.Steps(stores))
        {
            await step();
        }

        await AccessAsync(stores);
        await VerdictsAsync(stores, await ResourcesAsync(stores));
        await ScansAsync(stores);
        await RestAsync(stores);
    }

    private static async Task AccessAsync(StoreSet stores)
    {
        await stores.Organizations.AddAsync(new Organization(Shop, OddText, Some.Noon), None);
        await stores.Keys.AddAsync(
            new ApiKey
            {
                Organization = Shop,
                KeyId = "key-of-shop",
                Name = OddText,
                Role = Role.Auditor,
                SecretHash = "hash",
                CreatedAt = Some.Noon,
                CreatedBy = "test",
                ExpiresAt = Some.At(1000),
            },
            None);
        await stores.Audit.BeginAsync(
            new AuditEntry
            {
                Organization = Shop,
                AuditId = "a1",
                At = Some.At(101),
                Actor = new Actor("cli:root", OddText, null, "10.0.0.1", "request"),
                Action = "account.register",
                Subject = Web,
                Status = AuditStatus.Begun,
                Before = Some.Json("""{ "a" : [1.50, "\ud83d\uded2", "\ud83d"] }"""),
                After = Some.Json("{}"),
            },
            None);
        await stores.Accounts.AddAsync(
            Some.Account(Web, Shop) with
            {
                Name = OddText,
                Ou = "/Production/Web",
                Tags = new Dictionary<string, string> { ["z"] = OddText, ["a"] = "" },
                RoleArn = "arn:aws:iam::777788889999:role/qrie",
                ExternalId = "external",
                Regions = ["eu-west-1"],
                Services = ["s3"],
                MemberOf = "o-123",
            },
            None);
        // An account that two organizations have had.
        await stores.Accounts.ChangeAsync(
            Shop, [new AccountChange(Some.AccountId, _ => Some.Account(Some.AccountId, Shop) with { Status = AccountStatus.Removed, RemovedAt = Some.At(1) })],
            allOrNothing: false, None);
        await stores.Accounts.RecordErrorAsync(Shop, Web, "s3", new AccountError("eu-west-1", null, "AccessDenied", OddText, Some.At(102)), None);
        await stores.ExternalIds.FindOrAddAsync(Shop, new Dictionary<string, string> { [Web] = "external" }, Some.Noon, None);
        await stores.Purges.BeginAsync(Shop, Some.AccountId, Some.At(103), None);
        await stores.Policies.LaunchAsync(Some.Policy(organization: Shop), None);
        await stores.Policies.LaunchAsync(
            Some.Policy(Some.Unversioned, Shop) with
            {
                Scope = new PolicyScope { IncludeOuPaths = ["/Production"], ExcludeTags = new Dictionary<string, IReadOnlyList<string>> { ["a"] = [OddText] } },
                Severity = 95,
                Params = new Dictionary<string, System.Text.Json.JsonElement> { ["days"] = Some.Json("1.50"), ["names"] = Some.Json("""["é",null]""") },
                Remediation = OddText,
            },
            None);
        await stores.Alerts.AddAsync(SomeAlerts.Rule("alert-of-shop", Shop), None);
    }

    private static async Task<Dictionary<string, CollectedResource>> ResourcesAsync(StoreSet stores)
    {
        await stores.Coverage.RecordAsync(Shop, Some.Coverage(Web), None);
        await stores.Coverage.RecordAsync(
            Shop, Some.Coverage(Web, "eu-west-1", "AWS::S3::AccessPoint") with { Outcome = ListOutcome.Denied, ErrorCode = "AccessDenied", Message = OddText },
            None);
        var random = Convert.ToBase64String(RandomNumberGenerator.GetBytes(300_000)); // 400 KB that cannot be compressed much
        List<CollectedResource> buckets =
            [
                Bucket("plain", 110) with { Tags = new Dictionary<string, string> { ["team"] = OddText, ["empty"] = "" } },
                Bucket("large", 110, $$"""{"data":"{{random}}"}"""),
                Bucket(s_longName, 110, $$"""{ "text": "{{new string('y', 3000)}}", "half": "\ud83d" }"""),
                Some.Bucket("denied", 110, unknown: Some.Denied("Policy", "Acl"), account: Web) with { Tags = null },
                Bucket("found", 110) with { Keys = [new LookupKey("name", "found"), new LookupKey("alias", null)] },
                Bucket("gone", 110) with { Tags = new Dictionary<string, string> { ["team"] = "x" } },
            ];
        await stores.Resources.WriteAsync(Shop, buckets, Some.At(110), None);
        return buckets.ToDictionary(bucket => bucket.Id);
    }

    private static async Task VerdictsAsync(StoreSet stores, Dictionary<string, CollectedResource> buckets)
    {
        var exception = Some.Exception(arn: Some.ArnOf("plain"), organization: Shop, untilChanged: true);
        await stores.Exceptions.AddAsync([exception, Some.Exception(organization: Shop, tag: ("team", OddText))], 10, None);
        var lookup = new Lookup(Some.BucketType, "name", "found", null);
        var found = await stores.Resources.LookUpAsync(Shop, lookup, None);
        var applied = await stores.Findings.ApplyAsync(
            Shop,
            [
                Of("plain", Some.Fails(evidence: $$"""{ "text" : {{Some.Text(OddText)}} }"""), Some.Fails(Some.Unversioned, severity: 95)),
                Of("large", Some.Passes(), Some.LeftOut(Some.Unversioned)) with { NextDue = Some.At(900) },
                Of(s_longName, Some.Fails(), Some.NotApplicable(Some.Unversioned)),
                Of("denied", Some.IsUnknown(), Some.IsUnknown(Some.Unversioned, attribute: "Policy", code: "é / \"x\"")),
                Of("found", Some.Passes(), Some.Passes(Some.Unversioned)) with { Dependencies = [new LookupDependency(lookup, found.Fingerprint)] },
                Of("gone", Some.Fails(), Some.Fails(Some.Unversioned)),
            ],
            "scan-of-shop", None);
        applied.Outcomes.ShouldAllBe(outcome => outcome == ApplyOutcome.Applied);
        await stores.Exceptions.SettleAsync(exception, None);
        await stores.Findings.RecordEvaluatedAsync(
            Shop, ShopS3, new EvaluatedUnit([Some.Public], new Dictionary<string, string> { [Some.BucketType] = "f" }, 1, Some.At(115)), None);
        await stores.Triage.ChangeAsync(
            Shop, [Finding("plain", Some.Unversioned), Finding("gone")], new TriageChange(Workflow.InProgress, "anna", "2026-12-24", OddText), s_actor, None);
        await stores.Triage.CommentAsync(Shop, Finding(s_longName), OddText, s_actor, None);
        await stores.Resources.DeleteAsync(Shop, [Some.Deletion("gone", 116, Web)], Some.At(116), None);
        await stores.Resources.DeleteAsync(Shop, [Some.Deletion("never", 116, Web) with { Type = "AWS::S3::AccessPoint" }], Some.At(116), None);
        // What was looked up changes: the verdicts that depend on it are due.
        await stores.Resources.WriteAsync(
            Shop, [Bucket("found", 117, """{"v":2}""") with { Keys = [new LookupKey("name", "found")] }], Some.At(117), None);
        await stores.Resources.MarkAbsentAsync(Shop, ShopS3, [Some.ArnOf("large")], Some.At(118), None);
        (await stores.Findings.ListStaleAsync(Shop, 10, None)).ShouldHaveSingleItem();

        EvaluatedResource Of(string name, params EvaluatedPolicy[] policies) => Some.Evaluated(buckets[name], policies);
    }

    private static async Task ScansAsync(StoreSet stores)
    {
        var full = ScanOf("scan-of-shop", 120, []) with { ScanType = ScanType.AntiEntropy, Trigger = "schedule", ScheduledFor = Some.At(119) };
        await stores.Scans.CreateAsync(full with { TotalUnits = 1, RemainingUnits = 1 }, [UnitOf(full.ScanId, "s3")], None);
        var unit = (await stores.Scans.ClaimNextAsync("worker", Some.At(121), TimeSpan.FromMinutes(1), 10, None))!;
        var changed = Bucket("plain", 122, """{"v":"drift"}""") with { Tags = new Dictionary<string, string> { ["team"] = OddText } };
        await stores.Resources.WriteAsync(Shop, [changed, Bucket("new", 122)], Some.At(122), full.ScanId, None);
        await stores.Scans.EndAsync(
            unit, UnitStatus.Failed,
            Some.Result(("calls", 3)) with
            {
                Errors = [new UnitError(Some.BucketType, "denied", "AccessDenied", OddText)],
                Calls = [new CountedCalls("s3:ListBuckets", 3, 2, 0, 1, 99, 5) { Denied = 2 }, new CountedCalls("s3:GetBucketAcl", 1, 0, 0, 0, 9, 5)],
            },
            Some.At(123), None);
        var waiting = ScanOf("waiting-scan", 130, ["s3", "ec2", "iam"]) with { AfterScanId = full.ScanId };
        await stores.Scans.CreateAsync(waiting, [.. ((string[])["s3", "ec2", "iam"]).Select(s => UnitOf(waiting.ScanId, s))], None);
        // One unit runs; one was begun and waits again.
        unit = (await stores.Scans.ClaimNextAsync("worker", Some.At(131), TimeSpan.FromHours(1), 10, None))!;
        var begun = (await stores.Scans.ClaimNextAsync("worker", Some.At(131), TimeSpan.FromHours(1), 10, None))!;
        await stores.Scans.RenewAsync(unit, Some.Result(("calls", 5)), Some.At(132), TimeSpan.FromHours(1), None);
        await stores.Scans.RenewAsync(begun, Some.Result(("calls", 7)), Some.At(132), TimeSpan.FromHours(1), None);
        await stores.Scans.ReleaseAsync(begun, None);
    }

    private static async Task RestAsync(StoreSet stores)
    {
        await stores.Events.SaveBatchAsync(
            new EventBatch(
                [new MessageResult(Shop, Web, "eu-west-1", MessageOutcome.Processed, Some.At(140), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(9))],
                [new Recheck(Shop, Web, "eu-west-1", "s3", Some.BucketType, "", 2, Some.At(140), Some.At(141))],
                [
                    (new DeadEvent("m-shop", Shop, Web, "eu-west-1", "s3/Put", OddText, 3, Some.At(140), true, new string('b', 250_000)),
                        new MessageResult(Shop, Web, "eu-west-1", MessageOutcome.Failed, null, null, null)),
                ],
                Some.At(140)),
            None);
        (await stores.Events.ClaimDueAsync(whole: true, Some.At(142), TimeSpan.FromMinutes(1), 10, None)).ShouldHaveSingleItem();
        await stores.Compliance.SaveDayAsync(
            Shop, new DateOnly(2026, 11, 21),
            [
                new RecordedScore(
                    default, "cis-5.0", RecordedScore.Everything, null, "5.0", "d", "p", new Score(1, 2, 3, 4, 5, 6, 7, new PairCounts(1, 2, 3, 4, 5, 6))),
                new RecordedScore(
                    default, "cis-5.0", RecordedScore.OfOu("/Production"), "1", "5.0", "d", "p", new Score(1, 0, 0, 0, 0, 0, 0, PairCounts.None)),
            ],
            None);
        await stores.Archives.AddAsync(
            new Archive
            {
                Organization = Shop,
                ArchiveId = "2",
                Reason = ArchiveReason.Schedule,
                AccountId = Web,
                Status = ArchiveStatus.Failed,
                CreatedAt = Some.Noon,
                FinishedAt = Some.At(5),
                Error = OddText,
            },
            None);
        // A message that collects events, and events that are in no message yet.
        await stores.Alerts.SaveMatchedAsync(Shop, [], [SomeAlerts.Message("m2", alertId: "alert-of-shop") with { Organization = Shop }], None);
        (await stores.Alerts.ReadOutboxAsync(10, None)).ShouldNotBeEmpty();
    }

    private static CollectedResource Bucket(string name, double at, string configuration = "{}") => Some.Bucket(name, at, configuration, account: Web);

    private static FindingIdentity Finding(string name, string policyId = Some.Public) => new(ShopS3, Some.ArnOf(name), policyId);

    private static Scan ScanOf(string id, double at, IReadOnlyCollection<string> services) => Some.Scan(id, at).Scan with
    {
        Organization = Shop,
        TotalUnits = services.Count,
        RemainingUnits = services.Count,
    };

    private static Unit UnitOf(string scanId, string service) => new()
    {
        Organization = Shop,
        ScanId = scanId,
        Kind = ScanKind.Inventory,
        AccountId = Web,
        Region = Regions.Global,
        Service = service,
    };
}
