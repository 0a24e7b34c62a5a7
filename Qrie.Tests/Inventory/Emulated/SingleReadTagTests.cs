using Qrie.Domain.Inventory;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>Tags that one call returns for a whole region: a read of one resource after an event asks for its own.</summary>
public sealed class SingleReadTagTests(ITestOutputHelper output)
{
    [EmulatorFact]
    public async Task A_single_read_has_the_tags_of_a_scan()
    {
        var estate = Estate.Create();
        var tags = new Dictionary<string, string> { ["team"] = "orders" };
        await estate.DoAsync("sns", "CreateTopic", new { Name = "tagged", Tags = new[] { new { Key = "team", Value = "orders" } } });
        await estate.DoAsync("sqs", "CreateQueue", new { QueueName = "tagged", tags });
        await using var aws = await EmulatedCollector.StartAsync(estate.AccountId);
        foreach (var (service, type) in (List<(string, string)>)[("sns", "AWS::SNS::Topic"), ("sqs", "AWS::SQS::Queue")])
        {
            var scanned = (await aws.CollectAsync(service, "us-east-1")).Resources.Single(r => r.Type == type);
            var seen = aws.Proxy.Requests.Count;
            var one = (await aws.CollectOneAsync(service, type, scanned.Id, "us-east-1")).ShouldBeOfType<SingleCollectionResult.Found>().Resource;

            foreach (var request in aws.Proxy.Requests.Skip(seen))
            {
                output.WriteLine($"{request} {request.BodyText}");
            }

            scanned.Tags.ShouldBe(tags);
            one.Tags.ShouldBe(tags, service);
            one.Hash.ShouldBe(scanned.Hash);
        }
    }
}
