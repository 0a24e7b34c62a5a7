using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;

namespace Qrie.Tests.Support;

/// <summary>Default test objects, which a test changes only where it matters (<c>Some.Bucket("a") with { … }</c>).</summary>
public static class Some
{
    public const string Org = "default";
    public const string AccountId = "111122223333";
    public const string OtherAccountId = "444455556666";
    public const string S3 = "111122223333_s3";
    public const string BucketType = "AWS::S3::Bucket";
    public const string Public = "S3BucketPublic";
    public const string Unversioned = "S3BucketVersioningDisabled";
    public const string Fingerprint = "fingerprint-1";

    /// <summary>The base of all times in tests.</summary>
    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static readonly ListScope Buckets = new(AccountId, "s3", Regions.Global, BucketType);

    /// <summary>A value as text, to compare values with any collections.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value);

    /// <summary>Seconds after noon.</summary>
    public static DateTimeOffset At(double seconds) => Noon.AddSeconds(seconds);

    public static JsonElement Json(string json) => JsonElement.Parse(json);

    public static string ArnOf(string bucket) => $"arn:aws:s3:::{bucket}";

    public static Account Account(string id = AccountId, string organization = Org) => new()
    {
        Organization = organization,
        AccountId = id,
        CreatedAt = Noon,
        UpdatedAt = Noon,
    };

    /// <summary>A bucket described at a time; its hash is computed from its configuration, as by a collector.</summary>
    public static CollectedResource Bucket(
        string name = "a", double at = 0, string configuration = "{}", IReadOnlyDictionary<string, string>? unknown = null, string account = AccountId) => new()
        {
            AccountId = account,
            Service = "s3",
            Type = BucketType,
            Arn = ArnOf(name),
            Id = name,
            Region = "eu-west-1",
            ListedIn = Regions.Global,
            Tags = new Dictionary<string, string>(),
            Configuration = Json(configuration),
            Unknown = unknown ?? new Dictionary<string, string>(),
            Hash = HashOf(configuration, unknown),
            DescribeTime = At(at),
        };

    public static string HashOf(string configuration, IReadOnlyDictionary<string, string>? unknown = null) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(configuration + string.Join(';', unknown ?? new Dictionary<string, string>()))))[..16];

    public static IReadOnlyDictionary<string, string> Denied(params string[] attributes) => attributes.ToDictionary(a => a, _ => "AccessDenied");

    public static ResourceDeletion Deletion(string name = "a", double at = 0, string account = AccountId) =>
        new(AccountService.Of(account, "s3"), ArnOf(name), BucketType, name, "eu-west-1", Regions.Global, At(at));

    public static LaunchedPolicy Policy(string id = Public, string organization = Org) => new()
    {
        Organization = organization,
        PolicyId = id,
        Status = PolicyStatus.Active,
        CreatedAt = Noon,
        UpdatedAt = Noon,
    };

    /// <summary>The evaluation of a bucket, by default one second after its description.</summary>
    public static EvaluatedResource Evaluated(CollectedResource resource, params EvaluatedPolicy[] policies) => new()
    {
        AccountService = AccountService.Of(resource.AccountId, resource.Service),
        Arn = resource.Arn,
        Type = resource.Type,
        Region = resource.Region,
        DescribeTime = resource.DescribeTime,
        Hash = resource.Hash,
        Fingerprint = Fingerprint,
        Policies = policies,
        EvaluatedAt = resource.DescribeTime.AddSeconds(1),
    };

    public static EvaluatedPolicy Fails(string policyId = Public, long revision = 1, int severity = 60, string evidence = """{"violation":true}""") =>
        new(policyId, revision, severity, new PolicyVerdict { Verdict = Verdict.Fail, Evidence = Json(evidence) });

    public static EvaluatedPolicy Passes(string policyId = Public, long revision = 1) =>
        new(policyId, revision, 60, new PolicyVerdict { Verdict = Verdict.Pass });

    public static EvaluatedPolicy NotApplicable(string policyId = Public, long revision = 1) =>
        new(policyId, revision, 60, new PolicyVerdict { Verdict = Verdict.NotApplicable });

    public static EvaluatedPolicy IsUnknown(string policyId = Public, long revision = 1, string attribute = "Acl", string code = "AccessDenied") =>
        new(policyId, revision, 60, new PolicyVerdict { Verdict = Verdict.Unknown, Reason = new UnknownReason(attribute, code) });

    public static EvaluatedPolicy LeftOut(string policyId = Public, long revision = 1) => new(policyId, revision, 60, null);

    /// <summary>An exception in force for ten days, by default of a policy.</summary>
    public static FindingException Exception(
        string? policyId = Public, string? arn = null, double at = 0, string organization = Org, bool untilChanged = false,
        (string Key, string? Value)? tag = null,
        params string[] accounts) => new()
        {
            Organization = organization,
            ExceptionId = Guid.CreateVersion7(At(at)).ToString(),
            Scope = new ExceptionScope(policyId, arn, tag?.Key, tag?.Value, accounts, []),
            Owner = "owner",
            Reason = "reason",
            UntilChanged = untilChanged,
            CreatedAt = At(at),
            CreatedBy = "test",
            ExpiresAt = At(at).AddDays(10),
            IsPending = true,
        };

    /// <summary>Records that everything was evaluated by some policies, at a time.</summary>
    public static EvaluatedUnit EvaluatedUnit(DateTimeOffset at, params string[] policyIds) => new(policyIds, new Dictionary<string, string>(), 0, at);

    public static Coverage Coverage(string account = AccountId, string region = Regions.Global, string type = BucketType) => new()
    {
        AccountId = account,
        Region = region,
        Service = "s3",
        Type = type,
        Outcome = ListOutcome.Complete,
        CheckedAt = Noon,
        LastSuccessAt = Noon,
    };

    /// <summary>A queued scan with one pending unit per (account, service).</summary>
    public static (Scan Scan, IReadOnlyList<Unit> Units) Scan(string id, double createdAt = 0, params (string Account, string Service)[] units)
    {
        var scan = new Scan
        {
            Organization = Org,
            ScanId = id,
            Kind = ScanKind.Inventory,
            ScanType = ScanType.Bootstrap,
            Trigger = "manual",
            Status = ScanStatus.Queued,
            CreatedAt = At(createdAt),
            TotalUnits = units.Length,
            RemainingUnits = units.Length,
        };
        return (scan, [.. units.Select(u => new Unit
        {
            Organization = Org,
            ScanId = id,
            Kind = ScanKind.Inventory,
            AccountId = u.Account,
            Region = Regions.Global,
            Service = u.Service,
        })]);
    }

    public static UnitResult Result(params (string Counter, long Value)[] counters) =>
        new(new ScanCounters(counters.Select(c => KeyValuePair.Create(c.Counter, c.Value))), []);

    public static string Numbered(string prefix, int number) => prefix + number.ToString("0000", CultureInfo.InvariantCulture);
}
