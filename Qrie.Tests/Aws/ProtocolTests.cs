using System.Text;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Client;
using Qrie.Aws.Api.Protocol;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>The special cases of the five protocols, without an emulator.</summary>
public sealed class ProtocolTests : IDisposable
{
    private const string EmptyAcl = "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>";

    private readonly WireClient _wire = new();

    public void Dispose() => _wire.Dispose();

    [Fact]
    public async Task Interleaved_flat_lists_are_joined()
    {
        var answer = await AnswerAsync("s3", "ListObjectVersions",
            "<ListVersionsResult><Version><Key>a</Key></Version><DeleteMarker><Key>x</Key></DeleteMarker><Name>b</Name>"
            + "<Version><Key>c</Key></Version><DeleteMarker><Key>y</Key></DeleteMarker></ListVersionsResult>");

        answer.GetRawText().ShouldBe("""{"Name":"b","Versions":[{"Key":"a"},{"Key":"c"}],"DeleteMarkers":[{"Key":"x"},{"Key":"y"}]}""");
    }

    [Theory]
    [InlineData("1700000000", "2023-11-14T22:13:20+00:00")]
    [InlineData("1700000000.123456", "2023-11-14T22:13:20.123456+00:00")]
    [InlineData("1.700000000123E9", "2023-11-14T22:13:20.123000+00:00")]
    public async Task Times_in_JSON_keep_their_microseconds(string wire, string expected)
    {
        var answer = await AnswerAsync("kms", "DescribeKey", $$$"""{"KeyMetadata":{"CreationDate":{{{wire}}},"KeyId":"k"}}""");

        answer.GetProperty("KeyMetadata").GetProperty("CreationDate").GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task Nulls_and_unknown_members_of_JSON_are_dropped_and_empty_lists_are_not()
    {
        var answer = await AnswerAsync("ecs", "ListClusters", """{"clusterArns":[],"nextToken":null,"brandNew":{"a":[1,2]}}""");

        answer.GetRawText().ShouldBe("""{"clusterArns":[]}""");
    }

    [Fact]
    public async Task Empty_text_in_XML_is_an_empty_string_but_not_a_number()
    {
        var answer = await AnswerAsync("ec2", "DescribeVolumes", """
            <DescribeVolumesResponse><volumeSet><item><size/><snapshotId/></item></volumeSet><nextToken/></DescribeVolumesResponse>
            """);

        answer.GetRawText().ShouldBe("""{"Volumes":[{"SnapshotId":""}],"NextToken":""}""");
    }

    [Fact]
    public async Task A_bucket_location_is_the_text_of_the_root_and_an_empty_one_is_null()
    {
        (await AnswerAsync("s3", "GetBucketLocation", "<LocationConstraint>eu-west-1</LocationConstraint>")).GetRawText()
            .ShouldBe("""{"LocationConstraint":"eu-west-1"}""");
        (await AnswerAsync("s3", "GetBucketLocation", "<LocationConstraint/>")).GetRawText().ShouldBe("""{"LocationConstraint":null}""");
    }

    [Fact]
    public async Task The_type_attribute_of_a_grantee_is_a_member()
    {
        var answer = await AnswerAsync("s3", "GetBucketAcl",
            "<AccessControlPolicy><AccessControlList><Grant>"
            + """<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>i</ID></Grantee>"""
            + "<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>");

        answer.GetProperty("Grants")[0].GetProperty("Grantee").GetRawText().ShouldBe("""{"Type":"CanonicalUser","ID":"i"}""");
    }

    [Fact]
    public async Task IAM_policies_are_decoded()
    {
        var answer = await AnswerAsync("iam", "GetUserPolicy",
            "<GetUserPolicyResponse><GetUserPolicyResult><UserName>u</UserName><PolicyName>p</PolicyName>"
            + "<PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</PolicyDocument></GetUserPolicyResult></GetUserPolicyResponse>");

        answer.GetProperty("PolicyDocument").GetProperty("Version").GetString().ShouldBe("2012-10-17");
    }

    [Theory]
    [InlineData("kms", """{"__type":"com.amazonaws.kms#NotFoundException:http://x","message":"m"}""", null, "NotFoundException", "m")]
    [InlineData("lambda", """{"Message":"m"}""", "ResourceNotFoundException:http://internal", "ResourceNotFoundException", "m")]
    [InlineData(
        "iam", "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>m</Message></Error></ErrorResponse>", null, "NoSuchEntity", "m")]
    [InlineData(
        "ec2", "<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>m</Message></Error></Errors></Response>",
        null, "InvalidGroup.NotFound", "m")]
    [InlineData("s3", "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>", null, "NoSuchBucket", "m")]
    [InlineData("s3", "", null, "400", "HTTP status 400 without a message")]
    [InlineData("kms", "<html>Bad Gateway</html>", null, "400", "HTTP status 400 without a message")]
    [InlineData("s3", "not xml at all", null, "400", "HTTP status 400 without a message")]
    public async Task The_error_code_is_found_in_any_location(string service, string body, string? typeHeader, string code, string message)
    {
        var operation = EmulatedAws.Models.FindService(service)!.Operations
            .First(o => o.Name.StartsWith("List", StringComparison.Ordinal) && !(o.Input?.Members.Any(m => m.IsRequired) ?? false)).Name;
        var response = await SendAsync(
            service, operation, body, status: 400, headers: typeHeader is null ? [] : [KeyValuePair.Create("x-amzn-errortype", typeHeader)]);

        (response.Error?.Code, response.Error?.Message).ShouldBe((code, message));
    }

    [Fact]
    public async Task Services_that_migrated_from_the_query_protocol_return_their_old_code()
    {
        var response = await SendAsync(
            "sqs", "ListQueues", """{"__type":"com.amazonaws.sqs#QueueDoesNotExist"}""", status: 400,
            headers: [KeyValuePair.Create("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")]);

        response.Error!.Code.ShouldBe("AWS.SimpleQueueService.NonExistentQueue");
        _wire.Last!.Headers["x-amzn-query-mode"].ShouldBe("true");
    }

    [Theory]
    [InlineData("s3", "ListBuckets", "<ListAllMyBucketsResult><Buckets><Bucket><Name>a</Name>")]
    [InlineData("iam", "ListUsers", "<ListUsersResponse><ListUsersResult><Users><member>")]
    [InlineData("iam", "ListUsers", "<ListUsersResponse><Somewhat")]
    [InlineData("kms", "ListKeys", "{\"Keys\":[{\"KeyId\":\"a\"")]
    [InlineData("kms", "ListKeys", "<html>hello</html>")]
    public async Task A_truncated_or_foreign_body_is_never_a_response(string service, string operation, string body) =>
        await Should.ThrowAsync<InvalidResponseException>(() => SendAsync(service, operation, body));

    [Fact]
    public async Task EC2_names_have_a_capital_first_letter_and_lists_are_flat()
    {
        await AnswerAsync(
            "ec2", "DescribeInstances", "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>",
            new { Filters = new[] { new { Name = "tag:a b", Values = new[] { "x", "y&z" } } }, InstanceIds = new[] { "i-1" }, MaxResults = 5 });

        Encoding.UTF8.GetString(_wire.Last!.Body).ShouldBe(
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3Aa%20b&Filter.1.Value.1=x&Filter.1.Value.2=y%26z&InstanceId.1=i-1&MaxResults=5");
    }

    [Fact]
    public async Task A_bucket_is_part_of_the_host_name_unless_it_has_dots()
    {
        await SendAsync("s3", "GetBucketAcl", EmptyAcl, new { Bucket = "plain-bucket" }, isEmulator: false);
        _wire.Last!.Url.AbsoluteUri.ShouldBe("https://plain-bucket.s3.eu-west-1.amazonaws.com/?acl");

        await SendAsync("s3", "GetBucketAcl", EmptyAcl, new { Bucket = "with.dots" }, isEmulator: false);
        _wire.Last!.Url.AbsoluteUri.ShouldBe("https://s3.eu-west-1.amazonaws.com/with.dots?acl");
    }

    [Fact]
    public async Task The_account_of_S3_control_is_in_the_host_name_once()
    {
        await SendAsync("s3control", "GetPublicAccessBlock", "<PublicAccessBlockConfiguration/>", new { AccountId = "111122223333" }, isEmulator: false);

        _wire.Last!.Url.Host.ShouldBe("111122223333.s3-control.eu-west-1.amazonaws.com");
        _wire.Last!.Headers["x-amz-account-id"].ShouldBe("111122223333");
    }

    [Theory]
    [InlineData("route53", "GetHostedZone", """{"Id":"/hostedzone/Z1"}""", """{"Id":"Z1"}""")]
    [InlineData("glacier", "ListVaults", "{}", """{"accountId":"-"}""")]
    [InlineData("s3", "ListObjectsV2", """{"Bucket":"b"}""", """{"Bucket":"b","EncodingType":"url"}""")]
    public void Parameters_are_prepared_as_boto3_does(string service, string operation, string given, string sent)
    {
        var model = EmulatedAws.Models.FindService(service)!;

        ServiceQuirks.PrepareParameters(model, model.FindOperation(operation)!, JsonElement.Parse(given)).GetRawText().ShouldBe(sent);
    }

    [Fact]
    public void URL_encoded_object_keys_are_decoded_and_templates_are_objects()
    {
        var s3 = EmulatedAws.Models.FindService("s3")!;
        var listing = JsonElement.Parse("""{"EncodingType":"url","Prefix":"a%2Fb","Contents":[{"Key":"k+%C3%A9%2Bx","Size":1}]}""");
        ServiceQuirks.FinishResponse(s3, s3.FindOperation("ListObjectsV2")!, JsonElement.Parse("{}"), listing)
            .GetProperty("Contents")[0].GetProperty("Key").GetString().ShouldBe("k é+x");

        var formation = EmulatedAws.Models.FindService("cloudformation")!;
        var template = JsonElement.Parse("""{"TemplateBody":"{\"Resources\":{}}"}""");
        ServiceQuirks.FinishResponse(formation, formation.FindOperation("GetTemplate")!, default, template)
            .GetProperty("TemplateBody").ValueKind.ShouldBe(JsonValueKind.Object);
    }

    [Fact]
    public async Task A_missing_or_invalid_parameter_is_detected_before_anything_is_sent()
    {
        (await Should.ThrowAsync<ParameterException>(() => SendAsync("s3", "GetBucketAcl", ""))).Code.ShouldBe(ParameterException.Missing);
        (await Should.ThrowAsync<ParameterException>(() => SendAsync("s3", "GetBucketAcl", "", new { Bucket = "" }))).Code.ShouldBe(ParameterException.Missing);
        (await Should.ThrowAsync<ParameterException>(() => SendAsync("ec2", "DescribeVpcs", "", new { VpcIds = "vpc-1" }))).Code
            .ShouldBe(ParameterException.WrongType);
        await Should.ThrowAsync<AwsCallException>(() => SendAsync("s3", "GetBucketAcl", "", new { Bukket = "b" }));
        _wire.Last.ShouldBeNull();
    }

    private async Task<JsonElement> AnswerAsync(string service, string operation, string body, object? parameters = null)
    {
        parameters ??= EmulatedAws.Models.FindOperation(service, operation)!.Input?.Members.Where(m => m.IsRequired).ToDictionary(m => m.Name, _ => "x");
        var response = await SendAsync(service, operation, body.Trim(), parameters);
        response.Error.ShouldBeNull();
        return response.Content;
    }

    private Task<AwsResponse> SendAsync(
        string service, string operation, string body, object? parameters = null, int status = 200,
        IEnumerable<KeyValuePair<string, string>>? headers = null, bool isEmulator = true) =>
        _wire.SendAsync(service, operation, Encoding.UTF8.GetBytes(body), parameters, status, headers, isEmulator);
}
