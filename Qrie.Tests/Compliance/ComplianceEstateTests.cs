using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Compliance;

/// <summary>
/// An account in the emulator that was made for this: <c>estate-states.txt</c> beside this file says, requirement by requirement, what its state must be and
/// why. The whole service reads, evaluates and assesses it.
/// </summary>
public sealed class ComplianceEstateTests : IAsyncLifetime
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);
    private static readonly object AllBlocked = new { BlockPublicAcls = true, IgnorePublicAcls = true, BlockPublicPolicy = true, RestrictPublicBuckets = true };

    private readonly Estate _estate = Estate.Create();
    private FaultProxy _proxy = null!;
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await FaultProxy.StartAsync();
        _qrie = await RunningQrie.StartAtAsync(_proxy.Url, settings: "--Aws:Regions=us-east-1");
        await BuildAsync();
        (await _qrie.PostAsync("/accounts", new { account_id = _estate.AccountId })).Status.ShouldBe(HttpStatusCode.Created);
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [EmulatorFact]
    public async Task Every_requirement_has_the_state_that_the_account_was_made_for_and_a_refused_read_lets_nothing_rise()
    {
        await FinishAsync("/scans", new { kind = "inventory", account_id = _estate.AccountId });
        await FinishAsync("/frameworks/cis-5.0/launch", new { scope = new { include_accounts = new[] { _estate.AccountId } } });
        await FinishAsync("/frameworks/lgpd/launch", new { scope = new { include_accounts = new[] { _estate.AccountId } } });

        var before = new Dictionary<(string Framework, string Requirement), string>();
        foreach (var framework in (string[])["cis-5.0", "lgpd"])
        {
            foreach (var (requirement, state) in await StatesAsync(framework))
            {
                before[(framework, requirement)] = state;
            }
        }

        var expected = await ExpectedAsync();
        expected.Where(e => before.GetValueOrDefault(e.Key) != e.Value)
            .Select(e => $"{e.Key.Framework} {e.Key.Requirement}: expected {e.Value}, was {before.GetValueOrDefault(e.Key) ?? "not there"}")
            .Concat(before.Keys.Except(expected.Keys).Select(k => $"{k.Framework} {k.Requirement}: nothing expected, was {before[k]}"))
            .ShouldBeEmpty();
        var scores = await ScoresAsync();

        // From now on Qrie may neither read policies of buckets nor list databases.
        _proxy.On("s3:GetBucketPolicy").ForAccount(_estate.AccountId).AccessDenied();
        _proxy.On("rds:DescribeDBInstances").ForAccount(_estate.AccountId).AccessDenied();
        await FinishAsync("/scans", new { kind = "inventory", account_id = _estate.AccountId });
        await FinishAsync("/scans", new { kind = "policy", account_id = _estate.AccountId });

        var cis = await StatesAsync("cis-5.0");
        cis["2.1.1"].ShouldBe("unknown"); // failed by a bucket whose policy is not known any more
        cis["2.2.2"].ShouldBe("unknown"); // passed by the database that may not be the only one any more
        cis["2.2.1"].ShouldBe("failed"); // the database that was read is still unencrypted
        foreach (var (requirement, state) in cis)
        {
            var was = before[("cis-5.0", requirement)];
            (state == was || (was is "passed" or "failed" or "not_applicable" && state == "unknown")).ShouldBeTrue($"{requirement}: {was} became {state}");
        }

        foreach (var (framework, percent) in await ScoresAsync())
        {
            percent.ShouldBeLessThanOrEqualTo(scores[framework], framework);
        }
    }

    /// <summary>Well kept in some respects and badly in others; why is in estate-states.txt.</summary>
    private async Task BuildAsync()
    {
        Task DoAsync(string service, string operation, object? parameters = null) => _estate.DoAsync(service, operation, parameters);
        await DoAsync("iam", "UpdateAccountPasswordPolicy", new { MinimumPasswordLength = 14, PasswordReusePrevention = 24 });
        await DoAsync("iam", "CreateUser", new { UserName = "anna" });
        await DoAsync("iam", "CreateLoginProfile", new { UserName = "anna", Password = "Correct-horse-battery-9" });
        await DoAsync("iam", "CreateUser", new { UserName = "robot" });
        await DoAsync("iam", "CreateAccessKey", new { UserName = "robot" });
        await DoAsync("s3control", "PutPublicAccessBlock", new { _estate.AccountId, PublicAccessBlockConfiguration = AllBlocked });
        foreach (var name in (string[])["tls", "plain"])
        {
            var bucket = _estate.Unique(name);
            await DoAsync("s3", "CreateBucket", new { Bucket = bucket });
            await DoAsync("s3", "PutPublicAccessBlock", new { Bucket = bucket, PublicAccessBlockConfiguration = AllBlocked });
        }

        var tls = _estate.Unique("tls");
        await DoAsync("s3", "PutBucketPolicy", new { Bucket = tls, Policy = RefusesPlainHttp(tls) });
        await DoAsync(
            "rds", "CreateDBInstance",
            new
            {
                DBInstanceIdentifier = "orders",
                Engine = "postgres",
                DBInstanceClass = "db.m5.large",
                AllocatedStorage = 20,
                MasterUsername = "owner",
                MasterUserPassword = "Correct-horse-9",
                StorageEncrypted = false,
                AutoMinorVersionUpgrade = true,
                PubliclyAccessible = false,
                MultiAZ = true,
            });
        await DoAsync("ec2", "EnableEbsEncryptionByDefault");
        await DoAsync("ec2", "CreateVolume", new { AvailabilityZone = "us-east-1a", Size = 1, Encrypted = true });
    }

    private static string RefusesPlainHttp(string bucket) => JsonSerializer.Serialize(new
    {
        Version = "2012-10-17",
        Statement = new[]
        {
            new Dictionary<string, object>
            {
                ["Effect"] = "Deny",
                ["Principal"] = "*",
                ["Action"] = "s3:*",
                ["Resource"] = new[] { $"arn:aws:s3:::{bucket}", $"arn:aws:s3:::{bucket}/*" },
                ["Condition"] = new Dictionary<string, object> { ["Bool"] = new Dictionary<string, string> { ["aws:SecureTransport"] = "false" } },
            },
        },
    });

    private async Task FinishAsync(string path, object body)
    {
        var (status, answer) = await _qrie.PostAsync(path, body);
        ((int)status).ShouldBeInRange(200, 299, answer.ToString());
        await _qrie.FinishedAsync(answer.GetProperty("scan_id").GetString()!, TimeLimit);
    }

    private async Task<Dictionary<string, string>> StatesAsync(string framework)
    {
        var (status, answer) = await _qrie.GetAsync($"/frameworks/{framework}?account={_estate.AccountId}");
        status.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return answer.GetProperty("requirements").EnumerateArray()
            .ToDictionary(r => r.GetProperty("id").GetString()!, r => r.GetProperty("state").GetString()!);
    }

    private async Task<Dictionary<string, double>> ScoresAsync() =>
        (await _qrie.GetAsync($"/frameworks?account={_estate.AccountId}")).Body.GetProperty("frameworks").EnumerateArray()
        .Where(f => f.GetProperty("score").GetProperty("percent").ValueKind == JsonValueKind.Number)
        .ToDictionary(f => f.GetProperty("id").GetString()!, f => f.GetProperty("score").GetProperty("percent").GetDouble());

    private static async Task<Dictionary<(string Framework, string Requirement), string>> ExpectedAsync([CallerFilePath] string source = "") =>
        (await File.ReadAllLinesAsync(Path.Combine(Path.GetDirectoryName(source)!, "estate-states.txt")))
        .Select(line => line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length == 3)
        .ToDictionary(words => (words[0], words[1]), words => words[2]);
}
