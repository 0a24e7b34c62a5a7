using System.Text.Json;
using Qrie.Aws.Api.Protocol;
using Qrie.Domain.Inventory;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>A success without what was asked for, over HTTP to the verdict: it is unknown, never "nothing there".</summary>
public class UnreadableResponseTests
{
    private const string Bucket = "AWS::S3::Bucket";
    private const string Cluster = "AWS::RDS::DBCluster";
    private const string Region = "eu-central-1";

    /// <summary>Answers with status 200 that no S3 and no RDS operation gives.</summary>
    public static TheoryData<string, string> Answers => new()
    {
        { "text/xml", "" },
        { "text/xml", " \n" },
        { "text/html", "<html><body>proxy login</body></html>" },
        { "text/html", "<!DOCTYPE html><p>Sign in" },
        { "application/json", "{}" },
        { "text/xml", "<?xml version=\"1.0\"?>" },
        { "text/xml", "<Result/>" },
        { "text/xml", "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>" },
        { "text/xml", "<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>" },
    };

    [EmulatorTheory, MemberData(nameof(Answers))]
    public async Task A_list_that_is_no_list_is_not_complete_and_deletes_nothing(string contentType, string body)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var bucket = aws.Estate.Unique("stays");
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        aws.Proxy.On("s3:ListBuckets").Answer(_ => new FaultResponse(200, contentType, body));

        var collected = await aws.CollectAsync("s3");

        collected.End(Bucket).Outcome.ShouldBe(ListOutcome.Failed);
        collected.Gone.ShouldBeEmpty();
        (await aws.CollectOneAsync("s3", Bucket, bucket)).ShouldNotBeOfType<SingleCollectionResult.Gone>();
    }

    [EmulatorTheory, MemberData(nameof(Answers))]
    public async Task Database_clusters_are_not_gone_either(string contentType, string body)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        aws.Proxy.On("rds:DescribeDBClusters").Answer(_ => new FaultResponse(200, contentType, body));

        var collected = await aws.CollectAsync("rds", Region);

        collected.End(Cluster).Outcome.ShouldBe(ListOutcome.Failed);
        (await aws.CollectOneAsync("rds", Cluster, "any", Region)).ShouldNotBeOfType<SingleCollectionResult.Gone>();
    }

    [EmulatorTheory, MemberData(nameof(Answers))]
    public async Task An_attribute_that_is_answered_by_it_is_unknown_and_so_is_the_verdict(string contentType, string body)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var bucket = aws.Estate.Unique("open");
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        aws.Proxy.On("s3:GetBucketAcl").Answer(_ => new FaultResponse(200, contentType, body));
        aws.Proxy.On("s3:GetBucketPolicy").Answer(_ => new FaultResponse(200, contentType, body.Contains("Error", StringComparison.Ordinal) ? "" : body));

        var read = (await aws.CollectAsync("s3"))[bucket];

        read.Unknown.ShouldContainKey("Acl");
        Verdicts.Of(read, "S3BucketAclPublic").ShouldBe("unknown");
        Verdicts.Of(read, "S3BucketPolicyPublic").ShouldBe("unknown");
    }

    [EmulatorFact]
    public async Task The_reason_is_that_the_answer_could_not_be_read_and_once_is_tried_again()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var bucket = aws.Estate.Unique("odd");
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        aws.Proxy.On("s3:GetBucketAcl").Times(1).Answer(_ => new FaultResponse(200, "text/xml", ""));

        (await aws.CollectAsync("s3"))[bucket].Unknown.ShouldBeEmpty();

        aws.Proxy.On("s3:GetBucketVersioning").Answer(_ => new FaultResponse(200, "text/html", "<html></html>"));
        (await aws.CollectAsync("s3"))[bucket].Unknown.ShouldBe(new Dictionary<string, string> { ["Versioning"] = InvalidResponseException.Code });
    }

    [EmulatorTheory]
    [InlineData("ec2", "DescribeSecurityGroups", "AWS::EC2::SecurityGroup", "text/xml", "<DescribeSecurityGroupsResponse/>")]
    [InlineData("ec2", "DescribeVolumes", "AWS::EC2::Volume", "text/xml", "")]
    [InlineData("kms", "ListKeys", "AWS::KMS::Key", "application/x-amz-json-1.1", "{}")]
    [InlineData("kms", "ListKeys", "AWS::KMS::Key", "application/x-amz-json-1.1", "")]
    [InlineData("kms", "ListKeys", "AWS::KMS::Key", "application/x-amz-json-1.1", "null")]
    [InlineData("kms", "ListKeys", "AWS::KMS::Key", "application/x-amz-json-1.1", "[]")]
    [InlineData("kms", "ListKeys", "AWS::KMS::Key", "application/x-amz-json-1.1", """{"Keys": null}""")]
    [InlineData("lambda", "ListFunctions", "AWS::Lambda::Function", "application/json", "{}")]
    [InlineData("lambda", "ListFunctions", "AWS::Lambda::Function", "text/html", "<html/>")]
    [InlineData("lambda", "ListFunctions", "AWS::Lambda::Function", "application/json", """{"message": "Internal server error"}""")]
    [InlineData("sns", "ListTopics", "AWS::SNS::Topic", "text/xml", "<ListTopicsResponse/>")]
    [InlineData("sns", "ListTopics", "AWS::SNS::Topic", "text/xml", "<ListQueuesResponse><ListQueuesResult/></ListQueuesResponse>")]
    public async Task Each_protocol_has_its_own_ways_of_saying_nothing(string service, string operation, string type, string contentType, string body)
    {
        await using var aws = await EmulatedCollector.StartAsync();
        aws.Proxy.On($"{service}:{operation}").Answer(_ => new FaultResponse(200, contentType, body));

        var collected = await aws.CollectAsync(service, Region);

        collected.End(type).Outcome.ShouldBe(ListOutcome.Failed, JsonSerializer.Serialize(collected.End(type)));
    }
}
