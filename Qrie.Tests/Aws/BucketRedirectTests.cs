using System.Net;
using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Metering;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>Redirects of S3 for a bucket in another region.</summary>
public sealed class BucketRedirectTests
{
    private const string Policy = """{"Version":"2012-10-17"}""";

    /// <summary>The response of S3 to a signature for us-east-1 and a bucket in eu-central-1.</summary>
    public static TheoryData<string, int, string, string, bool> Redirects => new()
    {
        { "an older region", 301, "PermanentRedirect", "<Endpoint>mine.s3.eu-central-1.amazonaws.com</Endpoint><Bucket>mine</Bucket>", true },
        { "another region by its own endpoint", 400, "AuthorizationHeaderMalformed", "<Region>eu-central-1</Region>", false },
        { "a young bucket", 307, "TemporaryRedirect", "<Endpoint>mine.s3.eu-central-1.amazonaws.com</Endpoint><Bucket>mine</Bucket>", true },
        { "an opt-in region", 400, "IllegalLocationConstraintException", "", true },
    };

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task The_request_is_repeated_in_the_region_of_the_bucket(
        string why, int status, string code, string details, bool tellsInHeader)
    {
        using var s3 = new ScriptedS3
        {
            Bucket = "mine",
            Region = "eu-central-1",
            Status = status,
            Code = code,
            Details = details,
            TellsInHeader = tellsInHeader,
        };

        var answer = await s3.CallAsync("GetBucketPolicy", new { Bucket = "mine" });

        answer.Error.ShouldBeNull(why);
        answer.Content.GetProperty("Policy").GetString().ShouldBe(Policy);
        s3.Asked.ShouldBe([("mine.s3.us-east-1.amazonaws.com", "us-east-1"), ("mine.s3.eu-central-1.amazonaws.com", "eu-central-1")]);
    }

    [Fact]
    public async Task A_response_to_HEAD_without_a_body_is_followed()
    {
        using var s3 = new ScriptedS3 { Bucket = "mine", Region = "eu-central-1", Status = 301, TellsInHeader = true };

        (await s3.CallAsync("HeadBucket", new { Bucket = "mine" })).Error.ShouldBeNull();

        s3.Asked.Select(a => a.Region).ShouldBe(["us-east-1", "eu-central-1"]);
    }

    [Theory]
    [InlineData("us-west-2.evil.example/?")]
    [InlineData("evil.example#")]
    [InlineData("US-WEST-2")]
    [InlineData("cn-north-1")]
    [InlineData("us-east-1")]
    [InlineData("")]
    public async Task Redirects_do_not_reach_other_hosts(string region)
    {
        using var s3 = new ScriptedS3
        {
            Bucket = "mine",
            Region = "eu-central-1",
            Status = 301,
            Code = "PermanentRedirect",
            Details = $"<Region>{region}</Region><Endpoint>evil.example</Endpoint>",
        };

        var answer = await s3.CallAsync("GetBucketPolicy", new { Bucket = "mine" });

        answer.Error!.Code.ShouldBe("PermanentRedirect");
        s3.Asked.ShouldBe([("mine.s3.us-east-1.amazonaws.com", "us-east-1")]);
    }

    [Fact]
    public async Task Circular_redirects_end_at_the_second()
    {
        using var s3 = new ScriptedS3
        {
            Bucket = "mine",
            Region = "nowhere",
            Status = 301,
            Code = "PermanentRedirect",
            Details = "<Region>eu-central-1</Region>",
        };

        var answer = await s3.CallAsync("GetBucketPolicy", new { Bucket = "mine" });

        answer.Error!.Code.ShouldBe("PermanentRedirect");
        s3.Asked.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_call_without_a_bucket_is_not_redirected()
    {
        using var s3 = new ScriptedS3
        {
            Bucket = "mine",
            Region = "eu-central-1",
            Status = 400,
            Code = "AuthorizationHeaderMalformed",
            Details = "<Region>eu-central-1</Region>",
        };

        (await s3.CallAsync("ListBuckets")).Error!.Code.ShouldBe("AuthorizationHeaderMalformed");

        s3.Asked.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_invalid_region_is_refused_before_anything_is_sent()
    {
        using var s3 = new ScriptedS3();

        (await Should.ThrowAsync<AwsCallException>(() => s3.CallAsync("ListBuckets", region: "evil.example/"))).Message.ShouldContain("is not a region");

        s3.Asked.ShouldBeEmpty();
    }

    [EmulatorFact]
    public async Task With_a_single_address_only_the_signature_changes()
    {
        await using var proxy = await FaultProxy.StartAsync();
        using var aws = EmulatedAws.At(proxy.Url);
        var estate = Estate.Create();
        var bucket = estate.Unique("far");
        await estate.DoAsync(
            "s3", "CreateBucket", new { Bucket = bucket, CreateBucketConfiguration = new { LocationConstraint = "eu-central-1" } }, "eu-central-1");
        proxy.On("s3:GetBucketAcl").ForRegion("us-east-1").Answer(_ => new FaultResponse(
            301, "application/xml",
            "<Error><Code>PermanentRedirect</Code><Message>wrong "
            + $"endpoint</Message><Endpoint>{bucket}.s3.eu-central-1.amazonaws.com</Endpoint><Bucket>{bucket}</Bucket></Error>",
            new Dictionary<string, string> { ["x-amz-bucket-region"] = "eu-central-1" }));

        var answer = await aws.Api.CallAsync(estate.Call("s3", "GetBucketAcl", new { Bucket = bucket }), default);

        answer.Error.ShouldBeNull();
        answer.Content.GetProperty("Grants").GetArrayLength().ShouldBe(1);
        proxy.RequestsFor("GetBucketAcl").Select(r => r.Region).ShouldBe(["us-east-1", "eu-central-1"]);
    }

    /// <summary>A fake S3 with one bucket at the addresses of the real one, without a network.</summary>
    private sealed class ScriptedS3 : HttpMessageHandler
    {
        private readonly CallMeter _meter = new();

        public string Bucket { get; init; } = "";

        public string Region { get; init; } = "";

        public int Status { get; init; }

        public string? Code { get; init; }

        public string Details { get; init; } = "";

        public bool TellsInHeader { get; init; }

        public List<(string Host, string Region)> Asked { get; } = [];

        public async Task<AwsResult> CallAsync(string operation, object? parameters = null, string region = "us-east-1")
        {
            using var engine = new AwsEngine(
                EmulatedAws.Models, new AwsApiOptions(), new AwsRegion("us-east-1"), _meter, TimeProvider.System, NullLogger.Instance,
                _ => Task.FromResult<AWSCredentials>(new BasicAWSCredentials("testing", "testing")), this);
            var call = new AwsCall(AwsPrincipal.Ambient, region, "s3", operation, parameters is null ? default : JsonSerializer.SerializeToElement(parameters));
            return await engine.SendAsync(call, redactor: null, default);
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            // Credential=testing/20261121/us-east-1/s3/aws4_request
            var signedFor = request.Headers.NonValidated["Authorization"].ToString().Split("Credential=")[1].Split('/')[2];
            Asked.Add((request.RequestUri!.Host, signedFor));
            var isRight = signedFor == Region && request.RequestUri.Host == $"{Bucket}.s3.{Region}.amazonaws.com";
            var body = isRight ? Policy : Code is null ? "" : $"<Error><Code>{Code}</Code><Message>m</Message>{Details}</Error>";
            var response = new HttpResponseMessage(isRight ? HttpStatusCode.OK : (HttpStatusCode)Status)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
            };
            if (TellsInHeader)
            {
                response.Headers.Add("x-amz-bucket-region", Region);
            }

            return Task.FromResult(response);
        }

        protected override void Dispose(bool disposing)
        {
            _meter.Dispose();
            base.Dispose(disposing);
        }
    }
}
