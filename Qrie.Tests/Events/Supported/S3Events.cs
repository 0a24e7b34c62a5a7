using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>The events of S3 that the former system followed.</summary>
public sealed class S3Events(SupportedEvents qrie) : IClassFixture<SupportedEvents>
{
    private const string Bucket = "example-logs";
    private const string OfNew = "S3BucketPublic S3BucketVersioningDisabled S3BucketEncryptionDisabled S3BucketLoggingDisabled "
        + "S3BucketInsecureTransportAllowed S3BucketLifecycleMissing";

    private static readonly object _allBlocked =
        new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true };
    private static readonly object _encrypted = new { Rules = new[] { new { ApplyServerSideEncryptionByDefault = new { SSEAlgorithm = "aws:kms" } } } };

    private static readonly EventCase[] _all =
    [
        new("CreateBucket", Name, Make) { Opens = OfNew },
        new("DeleteBucket", Made, s => s.S3Async("DeleteBucket", new { Bucket = s[Bucket] }))
        {
            Deletes = $"AWS::S3::Bucket {OfNew}",
        },
        new("PutBucketPolicy", Made, Publish) { Opens = "S3BucketPolicyPublic" },
        new("DeleteBucketPolicy", Published, s => s.S3Async("DeleteBucketPolicy", new { Bucket = s[Bucket] })) { Resolves = "S3BucketPolicyPublic" },
        new("PutBucketAcl", Made, Open) { Opens = "S3BucketAclPublic S3BucketAclInUse" },
        new("PutBucketPublicAccessBlock", Made, Block) { Resolves = "S3BucketPublic" },
        new("DeletePublicAccessBlock", Blocked, s => s.S3Async("DeletePublicAccessBlock", new { Bucket = s[Bucket] })) { Opens = "S3BucketPublic" },
        new("PutBucketOwnershipControls", Opened, s => s.S3Async("PutBucketOwnershipControls", new
        {
            Bucket = s[Bucket],
            OwnershipControls = new { Rules = new[] { new { ObjectOwnership = "BucketOwnerEnforced" } } },
        })) { Resolves = "S3BucketAclPublic S3BucketAclInUse" },
        new("PutBucketEncryption", Made, Encrypt) { Resolves = "S3BucketEncryptionDisabled" },
        new("DeleteBucketEncryption", Encrypted, s => s.S3Async("DeleteBucketEncryption", new { Bucket = s[Bucket] })) { Opens = "S3BucketEncryptionDisabled" },
        new("PutBucketVersioning", Made, Version) { How = "on", Resolves = "S3BucketVersioningDisabled", Opens = "S3BucketMfaDeleteDisabled" },
        new("PutBucketVersioning", Versioned, s =>
            s.S3Async("PutBucketVersioning", new { Bucket = s[Bucket], VersioningConfiguration = new { Status = "Suspended" } }))
        {
            How = "off", Opens = "S3BucketVersioningDisabled", Resolves = "S3BucketMfaDeleteDisabled",
        },
        new("PutBucketReplication", Versioned, Replicate) { Shows = "AWS::S3::Bucket Replication.Rules[?Status == 'Enabled']" },
        new("PutBucketLogging", Loggable, Log) { Resolves = "S3BucketLoggingDisabled" },
        new("PutBucketCors", Made, s => s.S3Async("PutBucketCors", new
        {
            Bucket = s[Bucket],
            CORSConfiguration = new { CORSRules = new[] { new { AllowedMethods = new[] { "GET" }, AllowedOrigins = new[] { "*" } } } },
        })) { Shows = "AWS::S3::Bucket Cors[?contains(AllowedOrigins, '*')]" },
        new("PutBucketLifecycleConfiguration", Made, s => s.S3Async("PutBucketLifecycleConfiguration", new
        {
            Bucket = s[Bucket],
            LifecycleConfiguration = new { Rules = new[] { new { ID = "old", Status = "Enabled",
                Filter = new { Prefix = "" }, Expiration = new { Days = 1 } } } },
        })) { Resolves = "S3BucketLifecycleMissing", Shows = "AWS::S3::Bucket Lifecycle[?Expiration.Days == `1`]" },
        new("PutBucketTagging", Made, s =>
            s.S3Async("PutBucketTagging", new { Bucket = s[Bucket], Tagging = new { TagSet = new[] { new { Key = "stage", Value = "prod" } } } }))
        {
            Shows = "AWS::S3::Bucket Tags[?Key == 'stage' && Value == 'prod']",
        },
    ];

    public static TheoryData<string> Names => SupportedEvents.NamesOf(_all);

    [EmulatorTheory, MemberData(nameof(Names))]
    public Task An_event_has_the_expected_effect(string name) => qrie.RunAsync(_all.Single(c => c.Name == name));

    [Fact]
    public void Every_event_has_a_case() => SupportedEvents.Missing("s3.amazonaws.com", _all).ShouldBeEmpty();

    private static Task Name(EventScene s)
    {
        s[Bucket] = s.Estate.Unique(Bucket);
        return Task.CompletedTask;
    }

    private static Task Make(EventScene s) => s.S3Async("CreateBucket", new { Bucket = s[Bucket] });

    private static async Task Made(EventScene s)
    {
        await Name(s);
        await Make(s);
    }

    private static Task Publish(EventScene s) => s.S3Async("PutBucketPolicy", new
    {
        Bucket = s[Bucket],
        Policy =
            $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{s[Bucket]}}/*"}]}""",
    });

    private static Task Published(EventScene s) => Then(s, Publish);

    private static Task Open(EventScene s) => s.S3Async("PutBucketAcl", new { Bucket = s[Bucket], ACL = "public-read" });

    private static Task Opened(EventScene s) => Then(s, Open);

    private static Task Block(EventScene s) => s.S3Async("PutPublicAccessBlock", new { Bucket = s[Bucket], PublicAccessBlockConfiguration = _allBlocked });

    private static Task Blocked(EventScene s) => Then(s, Block);

    private static Task Encrypt(EventScene s) => s.S3Async("PutBucketEncryption", new { Bucket = s[Bucket], ServerSideEncryptionConfiguration = _encrypted });

    private static Task Encrypted(EventScene s) => Then(s, Encrypt);

    private static Task Version(EventScene s) =>
        s.S3Async("PutBucketVersioning", new { Bucket = s[Bucket], VersioningConfiguration = new { Status = "Enabled" } });

    private static Task Versioned(EventScene s) => Then(s, async scene =>
    {
        await Version(scene);
        var target = scene.Estate.Unique("copies");
        await scene.S3Async("CreateBucket", new { Bucket = target });
        await scene.S3Async("PutBucketVersioning", new { Bucket = target, VersioningConfiguration = new { Status = "Enabled" } });
    });

    private static Task Replicate(EventScene s) => s.S3Async("PutBucketReplication", new
    {
        Bucket = s[Bucket],
        ReplicationConfiguration = new
        {
            Role = $"arn:aws:iam::{s.Estate.AccountId}:role/replicate",
            Rules = new[] { new { ID = "all", Status = "Enabled", Priority = 1, Destination = new { Bucket = $"arn:aws:s3:::{s.Estate.Unique("copies")}" } } },
        },
    });

    private static Task Log(EventScene s) => s.S3Async("PutBucketLogging", new
    {
        Bucket = s[Bucket],
        BucketLoggingStatus = new { LoggingEnabled = new { TargetBucket = s.Estate.Unique("access"), TargetPrefix = "log/" } },
    });

    /// <summary>The bucket, and one for its access logs.</summary>
    private static Task Loggable(EventScene s) => Then(s, async scene =>
    {
        var target = scene.Estate.Unique("access");
        await scene.S3Async("CreateBucket", new { Bucket = target });
        await scene.S3Async("PutBucketPolicy", new
        {
            Bucket = target,
            Policy =
                """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"""
                + $$"""
                "Action":"s3:PutObject","Resource":"arn:aws:s3:::{{target}}/*"}]}
                """,
        });
    });

    private static async Task Then(EventScene s, Func<EventScene, Task> more)
    {
        await Made(s);
        await more(s);
    }
}
