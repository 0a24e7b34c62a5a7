using System.Net;
using System.Text.Json;
using Qrie.Tests.Api;

namespace Qrie.Tests.Emulator;

/// <summary>End to end over real HTTP: from buckets in the emulator to findings and coverage in the API, with every kind of AWS error.</summary>
public sealed class SliceTests : IAsyncLifetime
{
    private static readonly string[] Policies = ["S3BucketPublic", "S3BucketVersioningDisabled", "S3BucketEncryptionDisabled", "S3BucketMfaDeleteDisabled"];
    private static readonly object AllBlocked = new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true };

    private readonly Estate _estate = Estate.Create();
    private FaultProxy _proxy = null!;
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync();
        _qrie = await RunningQrie.StartAtAsync(_proxy.Url);
        await RegisterAsync(_estate);
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [EmulatorFact]
    public async Task Buckets_have_findings_for_missing_settings()
    {
        await CreateAsync("good", blocked: AllBlocked, versioning: "Enabled", encrypted: true);
        await CreateAsync("bad", blocked: null, versioning: null, encrypted: false);
        await CreateAsync(
            "half", blocked: new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = false },
            versioning: "Suspended", encrypted: true);
        await ScanAsync();
        await LaunchAllAsync();

        (await ActiveAsync()).ShouldBe(
            [
                // moto does not support MFA delete, so versioned buckets lack it.
                ("good", "S3BucketMfaDeleteDisabled"),
                ("bad", "S3BucketPublic"), ("bad", "S3BucketVersioningDisabled"), ("bad", "S3BucketEncryptionDisabled"),
                ("half", "S3BucketPublic"), ("half", "S3BucketVersioningDisabled"),
            ],
            ignoreOrder: true);
    }

    [EmulatorFact]
    public async Task Unusual_buckets_are_read_in_their_region_with_their_tags()
    {
        var name = _estate.Unique("with.dots-and-things");
        await _estate.DoAsync(
            "s3", "CreateBucket", new { Bucket = name, CreateBucketConfiguration = new { LocationConstraint = "eu-central-1" } }, "eu-central-1");
        await _estate.DoAsync(
            "s3", "PutBucketTagging", new { Bucket = name, Tagging = new { TagSet = new[] { new { Key = "Größe", Value = "日本語 & <more>" } } } });
        await ScanAsync();
        var bucket = (await _qrie.AllAsync($"/resources?account={_estate.AccountId}&type=AWS::S3::Bucket", "resources")).Single();

        bucket.GetProperty("arn").GetString().ShouldBe($"arn:aws:s3:::{name}");
        bucket.GetProperty("region").GetString().ShouldBe("eu-central-1");
        bucket.GetProperty("tags").GetProperty("Größe").GetString().ShouldBe("日本語 & <more>");
        _proxy.Requests.Where(r => r.Operation == "GetBucketVersioning" && r.AccountId == _estate.AccountId).ShouldAllBe(r => r.Region == "eu-central-1");
    }

    [EmulatorFact]
    public async Task Two_accounts_are_read_with_separate_roles()
    {
        var other = Estate.Create();
        await RegisterAsync(other);
        await CreateAsync("mine");
        await other.DoAsync("s3", "CreateBucket", new { Bucket = other.Unique("theirs") });
        await ScanAsync();

        (await BucketsAsync(_estate)).ShouldBe([_estate.Unique("mine")]);
        (await BucketsAsync(other)).ShouldBe([other.Unique("theirs")]);
        var assumed = _proxy.Requests.Where(r => r.Operation == "AssumeRole").Select(r => Uri.UnescapeDataString(r.BodyText)).ToList();
        assumed.Count(b => b.Contains($"arn:aws:iam::{_estate.AccountId}:role/QrieReadOnly-{_estate.AccountId}") && b.Contains("an-external-id")).ShouldBe(1);
        assumed.Count(b => b.Contains($"arn:aws:iam::{other.AccountId}:role/QrieReadOnly-{other.AccountId}") && b.Contains("an-external-id")).ShouldBe(1);
    }

    [EmulatorFact]
    public async Task The_account_of_the_credentials_is_read_without_a_role()
    {
        var scan = await _qrie.ScanAsync(new { kind = "inventory", account_id = MotoServer.BaseAccount, service = "s3" });

        scan.GetProperty("status").GetString().ShouldBe("completed");
        _proxy.Requests.ShouldContain(r => r.Operation == "ListBuckets" && r.AccountId == MotoServer.BaseAccount);
        _proxy.Requests.ShouldNotContain(r => r.Operation == "AssumeRole");
    }

    [EmulatorFact]
    public async Task A_denied_read_is_unknown_with_its_code_and_findings_stay_unchanged()
    {
        await CreateAsync("open-finding", versioning: null);
        await CreateAsync("no-finding", versioning: "Enabled");
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        (await ActiveAsync()).ShouldBe([("open-finding", "S3BucketVersioningDisabled")]);

        _proxy.On("s3:GetBucketVersioning").ForAccount(_estate.AccountId).AccessDenied();
        await CreateAsync("never-read");
        await ScanAsync();
        await EvaluateAsync();

        (await ActiveAsync()).ShouldBe([("open-finding", "S3BucketVersioningDisabled")]);
        var coverage = await CoverageAsync();
        var unknown = coverage.GetProperty("unknown_verdicts").EnumerateArray().Single();
        unknown.GetProperty("policy_id").GetString().ShouldBe("S3BucketVersioningDisabled");
        unknown.GetProperty("attribute").GetString().ShouldBe("Versioning");
        unknown.GetProperty("error_code").GetString().ShouldBe("AccessDenied");
        unknown.GetProperty("resources").GetInt32().ShouldBe(3);
        coverage.GetProperty("unknown_attributes").EnumerateArray().Single().GetProperty("resources").GetInt32().ShouldBe(3);
        BucketList(coverage).GetProperty("outcome").GetString().ShouldBe("complete");
        var bucket = (await _qrie.AllAsync($"/resources?account={_estate.AccountId}&type=AWS::S3::Bucket", "resources"))[0];
        bucket.GetProperty("configuration").GetProperty("_unknown").GetProperty("Versioning").GetString().ShouldBe("AccessDenied");
    }

    [EmulatorFact]
    public async Task A_read_that_succeeds_again_has_a_verdict_and_leaves_coverage()
    {
        await CreateAsync("later", versioning: null);
        _proxy.On("s3:GetBucketVersioning").ForAccount(_estate.AccountId).Times(1).AccessDenied();
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        (await ActiveAsync()).ShouldBeEmpty();

        await ScanAsync();
        await EvaluateAsync();

        (await ActiveAsync()).ShouldBe([("later", "S3BucketVersioningDisabled")]);
        (await CoverageAsync()).GetProperty("unknown_verdicts").GetArrayLength().ShouldBe(0);
        (await CoverageAsync()).GetProperty("unknown_attributes").GetArrayLength().ShouldBe(0);
    }

    [EmulatorFact]
    public async Task A_denied_list_deletes_nothing_is_shown_in_coverage_and_does_not_affect_other_accounts()
    {
        var other = Estate.Create();
        await RegisterAsync(other);
        await CreateAsync("stays", versioning: null);
        await other.DoAsync("s3", "CreateBucket", new { Bucket = other.Unique("theirs") });
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");

        await _estate.DoAsync("s3", "DeleteBucket", new { Bucket = _estate.Unique("stays") });
        _proxy.On("s3:ListBuckets").ForAccount(_estate.AccountId).AccessDenied();
        var scan = await ScanAsync();

        scan.GetProperty("status").GetString().ShouldBe("completed");
        (await BucketsAsync(_estate)).ShouldBe([_estate.Unique("stays")]);
        (await ActiveAsync()).ShouldBe([("stays", "S3BucketVersioningDisabled")]);
        var lists = BucketList(await CoverageAsync());
        lists.GetProperty("outcome").GetString().ShouldBe("denied");
        lists.GetProperty("error_code").GetString().ShouldBe("AccessDenied");
        lists.GetProperty("last_success_at").ValueKind.ShouldBe(JsonValueKind.String);
        BucketList(await CoverageAsync(other)).GetProperty("outcome").GetString().ShouldBe("complete");
    }

    [EmulatorTheory]
    [InlineData("text/xml", "")]
    [InlineData("text/html", "<html><body>proxy login</body></html>")]
    public async Task An_answer_that_says_nothing_deletes_nothing_and_resolves_no_finding(string contentType, string body)
    {
        var bucket = await CreateAsync("stays", versioning: null);
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        await _qrie.LaunchAsync("S3BucketPublic");
        var before = await ActiveAsync();
        before.Count.ShouldBe(2);

        foreach (var operation in new[] { "ListBuckets", "GetBucketVersioning", "GetPublicAccessBlock", "GetBucketAcl", "GetBucketPolicy" })
        {
            _proxy.On($"s3:{operation}").ForAccount(_estate.AccountId).Answer(_ => new FaultResponse(200, contentType, body));
            await ScanAsync();
            await EvaluateAsync();

            (await BucketsAsync(_estate)).ShouldBe([bucket], operation);
            (await ActiveAsync()).ShouldBe(before, ignoreOrder: true, operation);
        }

        BucketList(await CoverageAsync()).GetProperty("error_code").GetString().ShouldBe(Qrie.Aws.Api.Protocol.InvalidResponseException.Code);
    }

    [EmulatorFact]
    public async Task A_role_that_cannot_be_assumed_affects_only_its_account()
    {
        var other = Estate.Create();
        await RegisterAsync(other);
        await other.DoAsync("s3", "CreateBucket", new { Bucket = other.Unique("theirs") });
        _proxy.On("sts:AssumeRole").About(_estate.AccountId).AccessDenied("Not authorized to perform sts:AssumeRole");
        var scan = await ScanAsync();

        scan.GetProperty("status").GetString().ShouldBe("completed");
        BucketList(await CoverageAsync()).GetProperty("outcome").GetString().ShouldBe("denied");
        (await BucketsAsync(other)).ShouldBe([other.Unique("theirs")]);
    }

    [EmulatorFact]
    public async Task A_deleted_bucket_is_removed_and_its_findings_are_resolved()
    {
        await CreateAsync("short-lived", versioning: null);
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        await _estate.DoAsync("s3", "DeleteBucket", new { Bucket = _estate.Unique("short-lived") });
        var scan = await ScanAsync();

        scan.GetProperty("counters").GetProperty("resources_deleted").GetInt32().ShouldBe(1);
        (await BucketsAsync(_estate)).ShouldBeEmpty();
        var finding = (await _qrie.AllAsync($"/findings?account={_estate.AccountId}", "findings")).Single();
        finding.GetProperty("state").GetString().ShouldBe("RESOLVED");
        finding.GetProperty("resolved_reason").GetString().ShouldBe("RESOURCE_DELETED");
    }

    [EmulatorFact]
    public async Task A_bucket_deleted_between_list_and_describe_is_deleted_and_not_unknown()
    {
        var name = await CreateAsync("vanishing");
        await CreateAsync("staying");
        _proxy.On("s3:GetBucketVersioning").About(name).Times(1).Before(_ => _estate.DoAsync("s3", "DeleteBucket", new { Bucket = name }));
        var scan = await ScanAsync();

        scan.GetProperty("status").GetString().ShouldBe("completed");
        (await BucketsAsync(_estate)).ShouldBe([_estate.Unique("staying")]);
        (await CoverageAsync()).GetProperty("unknown_attributes").GetArrayLength().ShouldBe(0);
    }

    [EmulatorFact]
    public async Task Throttling_delays_a_scan_without_losses()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync($"bucket-{i}", versioning: "Enabled");
        }

        _proxy.On("s3:*").ForAccount(_estate.AccountId).TokenBucket(5, perSecond: 20);
        var scan = await ScanAsync();

        scan.GetProperty("status").GetString().ShouldBe("completed");
        (await BucketsAsync(_estate)).Count.ShouldBe(5);
        (await CoverageAsync()).GetProperty("unknown_attributes").GetArrayLength().ShouldBe(0);
    }

    [EmulatorFact]
    public async Task Broken_connections_and_server_errors_are_retried()
    {
        await CreateAsync("sturdy", versioning: "Enabled");
        _proxy.On("s3:ListBuckets").ForAccount(_estate.AccountId).Times(1).Reset();
        _proxy.On("s3:GetBucketVersioning").ForAccount(_estate.AccountId).Times(1).Truncate();
        _proxy.On("s3:GetBucketAcl").ForAccount(_estate.AccountId).Times(1).ServerError(503);
        await ScanAsync();

        (await BucketsAsync(_estate)).ShouldBe([_estate.Unique("sturdy")]);
        (await CoverageAsync()).GetProperty("unknown_attributes").GetArrayLength().ShouldBe(0);
    }

    [EmulatorFact]
    public async Task An_unchanged_estate_is_written_and_evaluated_only_once()
    {
        await CreateAsync("same", versioning: null);
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var again = await ScanAsync();
        var evaluated = await EvaluateAsync();

        again.GetProperty("counters").GetProperty("resources_unchanged").GetInt32().ShouldBe(2); // the bucket, and the account settings
        again.GetProperty("counters").TryGetProperty("resources_changed", out _).ShouldBeFalse();
        evaluated.GetProperty("counters").GetProperty("processed_resources").GetInt32().ShouldBe(1);
        evaluated.GetProperty("counters").TryGetProperty("resources_evaluated", out _).ShouldBeFalse();
    }

    [EmulatorFact]
    public async Task Fixing_a_bucket_resolves_its_finding_and_breaking_it_again_reopens_it()
    {
        var name = await CreateAsync("wavering", versioning: null);
        await ScanAsync();
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var opened = await FindingAsync();
        await VersioningAsync(name, "Enabled");
        var resolved = await FindingAsync();
        await VersioningAsync(name, "Suspended");
        var reopened = await FindingAsync();

        opened.GetProperty("state").GetString().ShouldBe("ACTIVE");
        resolved.GetProperty("state").GetString().ShouldBe("RESOLVED");
        resolved.GetProperty("resolved_reason").GetString().ShouldBe("COMPLIANT");
        reopened.GetProperty("state").GetString().ShouldBe("ACTIVE");
        reopened.GetProperty("resolved_at").ValueKind.ShouldBe(JsonValueKind.Null);
        reopened.GetProperty("first_seen").GetString().ShouldBe(opened.GetProperty("first_seen").GetString());
        reopened.GetProperty("evidence").GetProperty("versioning").GetProperty("status").GetString().ShouldBe("Suspended");

        async Task VersioningAsync(string bucket, string status)
        {
            await _estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = bucket, VersioningConfiguration = new { Status = status } });
            await ScanAsync();
            await EvaluateAsync();
        }
    }

    private async Task RegisterAsync(Estate estate) =>
        (await _qrie.PostAsync("/accounts", new { account_id = estate.AccountId, external_id = "an-external-id" })).Status.ShouldBe(HttpStatusCode.Created);

    private async Task<string> CreateAsync(string name, object? blocked = null, string? versioning = null, bool encrypted = false)
    {
        var bucket = _estate.Unique(name);
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        if (blocked is not null)
        {
            await _estate.DoAsync("s3", "PutPublicAccessBlock", new { Bucket = bucket, PublicAccessBlockConfiguration = blocked });
        }

        if (versioning is not null)
        {
            await _estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = bucket, VersioningConfiguration = new { Status = versioning } });
        }

        if (encrypted)
        {
            var rule = new { ApplyServerSideEncryptionByDefault = new { SSEAlgorithm = "AES256" } };
            await _estate.DoAsync("s3", "PutBucketEncryption", new { Bucket = bucket, ServerSideEncryptionConfiguration = new { Rules = new[] { rule } } });
        }

        return bucket;
    }

    /// <summary>All accounts except the emulator's base account, which other tests fill.</summary>
    private async Task<JsonElement> ScanAsync()
    {
        JsonElement mine = default;
        foreach (var account in (await _qrie.GetAsync("/accounts")).Body.EnumerateArray()
            .Select(a => a.GetProperty("account_id").GetString()).Where(a => a != MotoServer.BaseAccount))
        {
            var scan = await _qrie.ScanAsync(new { kind = "inventory", account_id = account, service = "s3" });
            mine = account == _estate.AccountId ? scan : mine;
        }

        return mine;
    }

    private Task<JsonElement> EvaluateAsync() => _qrie.ScanAsync(new { kind = "policy", account_id = _estate.AccountId });

    private async Task LaunchAllAsync()
    {
        foreach (var policy in Policies)
        {
            await _qrie.LaunchAsync(policy);
        }
    }

    private async Task<List<(string Bucket, string Policy)>> ActiveAsync() =>
        [.. (await _qrie.AllAsync($"/findings?account={_estate.AccountId}&state=ACTIVE", "findings")).Select(f => (
            f.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..].Replace($"-{_estate.AccountId}", "", StringComparison.Ordinal),
            f.GetProperty("policy").GetString()!))];

    private async Task<JsonElement> FindingAsync() => (await _qrie.AllAsync($"/findings?account={_estate.AccountId}", "findings")).Single();

    private async Task<List<string>> BucketsAsync(Estate estate) =>
        [.. (await _qrie.AllAsync($"/resources?account={estate.AccountId}&type=AWS::S3::Bucket", "resources"))
            .Select(r => r.GetProperty("arn").GetString()!["arn:aws:s3:::".Length..])];

    private static JsonElement BucketList(JsonElement coverage) =>
        coverage.GetProperty("lists").EnumerateArray().Single(l => l.GetProperty("type").GetString() == "AWS::S3::Bucket");

    private async Task<JsonElement> CoverageAsync(Estate? of = null) => (await _qrie.GetAsync($"/coverage?account={(of ?? _estate).AccountId}")).Body;
}
