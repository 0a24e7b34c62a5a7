using System.Diagnostics;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class ConcurrencyTests(ITestOutputHelper output)
{
    [EmulatorFact]
    public async Task Eight_hundred_calls_from_32_tasks_to_8_services_have_no_wrong_response()
    {
        var estate = Estate.Create();
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = estate.Unique("b") });
        await estate.DoAsync("iam", "CreateUser", new { UserName = "someone" });
        await estate.DoAsync("sqs", "CreateQueue", new { QueueName = "a-queue" });
        await estate.DoAsync("sns", "CreateTopic", new { Name = "a-topic" });
        await estate.DoAsync("kms", "CreateKey", new { Description = "a-key" });
        await estate.DoAsync("logs", "CreateLogGroup", new { logGroupName = "a-group" });
        await estate.DoAsync("iam", "CreateRole", new { RoleName = "r", AssumeRolePolicyDocument = "{}" });
        await estate.DoAsync("lambda", "CreateFunction", new
        {
            FunctionName = "a-function",
            Runtime = "python3.12",
            Handler = "a.b",
            Role = $"arn:aws:iam::{estate.AccountId}:role/r",
            Code = new { ZipFile = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" },
        });
        (string Service, string Operation, string Expected)[] calls =
        [
            ("s3", "ListBuckets", estate.Unique("b")), ("iam", "ListUsers", "user/someone"), ("sqs", "ListQueues", "a-queue"), ("sns", "ListTopics", "a-topic"),
            ("kms", "ListKeys", $"arn:aws:kms:us-east-1:{estate.AccountId}"),
            ("logs", "DescribeLogGroups", "a-group"), ("lambda", "ListFunctions", "a-function"),
            ("ec2", "DescribeVpcs", "172.31.0.0/16"),
        ];
        using var aws = await EmulatedAws.StartAsync();
        var next = -1;
        var wrong = 0;
        var watch = Stopwatch.StartNew();

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var n && n < 800)
            {
                var (service, operation, expected) = calls[n % calls.Length];
                var answer = await aws.Api.CallAsync(estate.Call(service, operation), default);
                if (answer.Error is not null || !answer.Content.GetRawText().Contains(expected, StringComparison.Ordinal))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        }));

        output.WriteLine($"800 calls in {watch.Elapsed.TotalSeconds:0.0} s");
        wrong.ShouldBe(0);
        aws.Meter.Snapshot().Where(c => c.Key.AccountId == estate.AccountId).Sum(c => c.Value.Calls).ShouldBe(800);
    }
}
