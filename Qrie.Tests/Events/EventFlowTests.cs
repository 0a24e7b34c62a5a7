using System.Net;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Tests.Api;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events;

/// <summary>End to end: a change in the emulated account and its record in an SQS queue become findings in the API.</summary>
public sealed class EventFlowTests : IAsyncLifetime
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly Estate _base = Estate.Of(MotoServer.BaseAccount);
    private readonly Estate _estate = Estate.Create();
    private FaultProxy _proxy = null!;
    private RunningQrie _qrie = null!;
    private string _queue = "";

    public async ValueTask InitializeAsync()
    {
        _queue = await QueueAsync($"events-{Guid.NewGuid():N}");
        await StartAsync(_queue);
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [EmulatorFact]
    public async Task A_bucket_is_created_fixed_and_deleted_by_events_only()
    {
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var bucket = _estate.Unique("followed");
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await SendAsync(S3("CreateBucket", bucket));
        await UntilAsync(async () => await FindingAsync(bucket) is { ValueKind: JsonValueKind.Object } f && f.GetProperty("state").GetString() == "ACTIVE");

        await _estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = bucket, VersioningConfiguration = new { Status = "Enabled" } });
        await SendAsync(S3("PutBucketVersioning", bucket));
        await UntilAsync(async () => (await FindingAsync(bucket)).GetProperty("state").GetString() == "RESOLVED");

        await _estate.DoAsync("s3", "DeleteBucket", new { Bucket = bucket });
        await SendAsync(S3("DeleteBucket", bucket));
        await UntilAsync(async () => (await _qrie.AllAsync($"/resources?account={_estate.AccountId}&type=AWS::S3::Bucket", "resources")).Count == 0);

        // A late event of its creation does not restore it.
        await SendAsync(S3("CreateBucket", bucket, DateTimeOffset.UtcNow.AddMinutes(-5)));
        await ReceivedAsync(4);
        (await _qrie.AllAsync($"/resources?account={_estate.AccountId}&type=AWS::S3::Bucket", "resources")).ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task Every_message_is_completed_once_and_counted()
    {
        var bucket = _estate.Unique("counted");
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await SendAsync(
            S3("PutBucketTagging", bucket),
            "not JSON {",
            "{\"detail\": {\"eventName\": \"X\"}}",
            Record("s3.amazonaws.com", "GetBucketAcl", new { bucketName = bucket }, readOnly: true),
            Record("s3.amazonaws.com", "DeleteBucket", new { bucketName = bucket }, errorCode: "AccessDenied"),
            Record("quantum.amazonaws.com", "Entangle", new { }),
            Record("s3.amazonaws.com", "PutBucketTagging", new { bucketName = bucket }, account: "999999999999"),
            Record("ec2.amazonaws.com", "CreateVpc", new { }, region: "ap-south-1"));
        var health = await ReceivedAsync(8);

        var outcomes = health.GetProperty("outcomes").EnumerateObject().ToDictionary(o => o.Name, o => o.Value.GetInt32());
        (outcomes["processed"], outcomes["malformed"], outcomes["read_only"], outcomes["failed_call"], outcomes["unclaimed"], outcomes["unknown_account"])
            .ShouldBe((1, 2, 1, 1, 1, 1));
        (health.GetProperty("processed").GetInt32(), health.GetProperty("dead").GetInt32(), health.GetProperty("ignored").GetInt32()).ShouldBe((1, 2, 5));
        var dead = (await _qrie.GetAsync("/events/dead")).Body.GetProperty("dead").EnumerateArray().ToList();
        dead.Select(d => (d.GetProperty("receives").GetInt32(), d.GetProperty("held_by").GetString())).ShouldAllBe(d => d.Item1 == 3 && d.Item2 == "store");
        dead.Select(d => d.GetProperty("body").GetString()).ShouldContain("not JSON {");
        (await WaitingAsync(_queue)).ShouldBe(0, "completed messages are deleted");
    }

    [EmulatorFact]
    public async Task A_redrive_policy_dead_letters_malformed_messages_and_redriving_returns_them()
    {
        var aside = await QueueAsync($"aside-{Guid.NewGuid():N}");
        var queue = await QueueAsync($"with-redrive-{Guid.NewGuid():N}", new
        {
            RedrivePolicy = JsonSerializer.Serialize(
                new { deadLetterTargetArn = $"arn:aws:sqs:us-east-1:{MotoServer.BaseAccount}:{aside.Split('/')[^1]}", maxReceiveCount = 3 }),
        });
        await RestartAsync(queue);
        await SendAsync("poison", S3("PutBucketTagging", _estate.Unique("no-such-bucket")));
        await UntilAsync(async () => await WaitingAsync(aside) == 1 && await WaitingAsync(queue) == 0);

        var dead = (await _qrie.GetAsync("/events/dead")).Body.GetProperty("dead").EnumerateArray().Single();
        (dead.GetProperty("held_by").GetString(), dead.GetProperty("reason").GetString()!.Length > 10).ShouldBe(("queue", true));
        var redriven = await _qrie.PostAsync("/events/dead/redrive", new { message_ids = new[] { dead.GetProperty("message_id").GetString() } });
        redriven.Body.GetProperty("redriven").GetInt32().ShouldBe(1);
        await UntilAsync(async () => await WaitingAsync(aside) == 1 && (await _qrie.GetAsync("/events/dead")).Body.GetProperty("dead").GetArrayLength() == 1);
        (await ReceivedAsync(3)).GetProperty("outcomes").GetProperty("malformed").GetInt32().ShouldBe(2, "once each time that it was sent");
    }

    [EmulatorFact]
    public async Task An_unreadable_resource_is_unknown_and_its_findings_stay()
    {
        await _qrie.LaunchAsync("S3BucketVersioningDisabled");
        var bucket = _estate.Unique("denied");
        await _estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await SendAsync(S3("CreateBucket", bucket));
        await UntilAsync(async () => await FindingAsync(bucket) is { ValueKind: JsonValueKind.Object });

        await _estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = bucket, VersioningConfiguration = new { Status = "Enabled" } });
        _proxy.On("s3:*").ForAccount(_estate.AccountId).AccessDenied();
        await SendAsync(S3("PutBucketVersioning", bucket, DateTimeOffset.UtcNow.AddSeconds(1)));
        await UntilAsync(async () => (await _qrie.GetAsync("/coverage")).Body.GetProperty("unknown_verdicts").EnumerateArray()
            .Any(u => u.GetProperty("account_id").GetString() == _estate.AccountId && u.GetProperty("policy_id").GetString() == "S3BucketVersioningDisabled"));

        (await FindingAsync(bucket)).GetProperty("state").GetString().ShouldBe("ACTIVE", "a failed read is neither a pass nor a finding");
    }

    private async Task StartAsync(string queue)
    {
        _proxy = await FaultProxy.StartAsync();
        _qrie = await RunningQrie.StartAtAsync(
            _proxy.Url, store: null, $"--Events:QueueUrl={queue}", "--Events:Visibility=00:00:20", "--Aws:Regions=us-east-1");
        (await _qrie.PostAsync("/accounts", new { account_id = _estate.AccountId, external_id = "an-external-id" })).Status.ShouldBe(HttpStatusCode.Created);
    }

    private async Task RestartAsync(string queue)
    {
        await DisposeAsync();
        _queue = queue;
        await StartAsync(queue);
    }

    private async Task<string> QueueAsync(string name, object? attributes = null) =>
        (await _base.DoAsync("sqs", "CreateQueue", attributes is null ? new { QueueName = name } : (object)new { QueueName = name, Attributes = attributes }))
            .GetProperty("QueueUrl").GetString()!;

    private async Task SendAsync(params string[] bodies)
    {
        foreach (var body in bodies)
        {
            await _base.DoAsync("sqs", "SendMessage", new { QueueUrl = _queue, MessageBody = body });
        }
    }

    private static async Task<long> WaitingAsync(string queue)
    {
        using var aws = await EmulatedAws.StartAsync();
        var state = await new SqsEventQueue(new SqsQueues(aws.Engine, aws.Options, new AwsRegion("us-east-1")), queue).ReadStateAsync(default);
        return state.Waiting + state.InFlight;
    }

    private async Task<JsonElement> FindingAsync(string bucket) =>
        (await _qrie.AllAsync($"/findings?account={_estate.AccountId}", "findings"))
            .SingleOrDefault(f => f.GetProperty("arn").GetString() == $"arn:aws:s3:::{bucket}");

    private async Task<JsonElement> ReceivedAsync(int messages)
    {
        await UntilAsync(async () => (await _qrie.GetAsync("/events/health")).Body.GetProperty("received").GetInt32() >= messages);
        return (await _qrie.GetAsync("/events/health")).Body;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            clock.Elapsed.ShouldBeLessThan(TimeLimit);
            await Task.Delay(100);
        }
    }

    private string S3(string name, string bucket, DateTimeOffset? at = null) => Record("s3.amazonaws.com", name, new { bucketName = bucket }, at);

    private string Record(
        string source, string name, object parameters, DateTimeOffset? at = null, bool readOnly = false,
        string? errorCode = null, string? account = null, string region = "us-east-1") =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["version"] = "0",
            ["id"] = Guid.NewGuid().ToString(),
            ["detail-type"] = "AWS API Call via CloudTrail",
            ["source"] = "aws.s3",
            ["account"] = account ?? _estate.AccountId,
            ["region"] = region,
            ["detail"] = new
            {
                eventVersion = "1.09",
                eventSource = source,
                eventName = name,
                awsRegion = region,
                eventTime = (at ?? DateTimeOffset.UtcNow).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture),
                recipientAccountId = account ?? _estate.AccountId,
                requestParameters = parameters,
                readOnly,
                errorCode,
                eventCategory = "Management",
                eventType = "AwsApiCall",
            },
        });
}
