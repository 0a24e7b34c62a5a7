using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Api.Protocol;
using Qrie.Domain.Catalog;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>A success without the requested content is not a response.</summary>
public sealed class ResponseTests : IDisposable
{
    /// <summary>One or two operations of each protocol, with the body of an empty response.</summary>
    private static readonly (string Service, string Operation, string Empty)[] _reads =
    [
        ("kms", "ListKeys", """{"Keys":[]}"""),
        ("dynamodb", "ListTables", """{"TableNames":[],"brandNew":1}"""),
        ("lambda", "ListFunctions", """{"Functions":[]}"""),
        ("eks", "ListClusters", """{"clusters":[],"nextToken":null}"""),
        ("rds", "DescribeDBClusters", Wrapped("DescribeDBClusters", "<DBClusters/>")),
        ("iam", "GetAccountSummary", Wrapped("GetAccountSummary", "<SummaryMap/>")),
        ("ec2", "DescribeVolumes", "<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>"),
        ("ec2", "DescribeAddresses", "<DescribeAddressesResponse><addressesSet/></DescribeAddressesResponse>"),
        ("s3", "ListBuckets", "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
        ("s3", "GetBucketAcl", "<AccessControlPolicy><AccessControlList/></AccessControlPolicy>"),
        ("s3", "GetBucketEncryption", "<ServerSideEncryptionConfiguration/>"),
        ("s3", "GetBucketLocation", "<LocationConstraint/>"),
        ("s3", "GetBucketPolicy", """{"Statement":[]}"""),
        ("s3", "GetBucketTagging", "<Tagging><TagSet/></Tagging>"),
        ("s3control", "ListAccessPoints", "<ListAccessPointsResult><AccessPointList/></ListAccessPointsResult>"),
        ("route53", "ListHostedZones", "<ListHostedZonesResponse><HostedZones/></ListHostedZonesResponse>"),
        ("cloudfront", "ListDistributions", "<DistributionList><Quantity>0</Quantity></DistributionList>"),
    ];

    private static readonly (string What, byte[] Body)[] _noAnswers =
    [
        ("nothing", []),
        ("blanks", Encoding.UTF8.GetBytes(" \r\n")),
        ("a page", Encoding.UTF8.GetBytes("<html><body>proxy login</body></html>")),
        ("a page with a doctype", Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body><p>login</body></html>")),
        ("a page of XHTML", Encoding.UTF8.GetBytes("""<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>""")),
        ("words", Encoding.UTF8.GetBytes("OK")),
        ("compressed", Compressed("{}")),
        ("bytes", [0xFF, 0xFE, 0x00, 0x80, 0x1F, 0x8B, 0x08]),
        ("another element", Encoding.UTF8.GetBytes("<DescribeSomethingElseResponse><volumeSet/><Buckets/></DescribeSomethingElseResponse>")),
        ("an error of S3", Encoding.UTF8.GetBytes("<?xml version=\"1.0\"?>\n<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>")),
        ("an error with a namespace", Encoding.UTF8.GetBytes("""<Error xmlns="urn:x"><Code>NoSuchBucketPolicy</Code></Error>""")),
        ("an error of the query protocol", Encoding.UTF8.GetBytes("<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>")),
        ("an error of EC2", Encoding.UTF8.GetBytes("<Response><Errors><Error><Code>InvalidVolume.NotFound</Code></Error></Errors></Response>")),
        ("an error of a JSON service", Encoding.UTF8.GetBytes("""{"__type":"com.amazonaws#ResourceNotFoundException","message":"m"}""")),
        ("a message", Encoding.UTF8.GetBytes("""{"message":"ok"}""")),
        ("an array", Encoding.UTF8.GetBytes("[]")),
        ("a null", Encoding.UTF8.GetBytes("null")),
        ("a text", Encoding.UTF8.GetBytes("\"text\"")),
        ("a number", Encoding.UTF8.GetBytes("0")),
        ("an object without anything", Encoding.UTF8.GetBytes("{}")),
    ];

    private readonly WireClient _wire = new();

    public static TheoryData<string, string, string> ResponsesWithoutData => new(
        from read in _reads
        from body in _noAnswers
        where read.Operation != "GetBucketPolicy" || !Encoding.UTF8.GetString(body.Body).StartsWith('{') // for S3 any object is a policy
        select (read.Service, read.Operation, body.What));

    public static TheoryData<string, string> Reads => new(_reads.Select(read => (read.Service, read.Operation)));

    public void Dispose() => _wire.Dispose();

    [Theory]
    [MemberData(nameof(ResponsesWithoutData))]
    public async Task A_foreign_body_is_an_unreadable_response(string service, string operation, string what) =>
        await Should.ThrowAsync<InvalidResponseException>(() => SendAsync(service, operation, _noAnswers.Single(n => n.What == what).Body));

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task An_empty_response_is_accepted_with_any_content_type(string service, string operation)
    {
        var body = Encoding.UTF8.GetBytes(_reads.Single(r => r.Operation == operation).Empty);

        (await SendAsync(service, operation, body)).Error.ShouldBeNull();
        var parameters = WireClient.AnyParameters(service, operation);
        (await _wire.SendAsync(service, operation, body, parameters, headers: [new("Content-Type", "text/html")])).Error.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task A_response_truncated_anywhere_is_unreadable(string service, string operation)
    {
        var body = Encoding.UTF8.GetBytes(_reads.Single(r => r.Operation == operation).Empty);
        for (var length = 0; length < body.Length; length++)
        {
            await Should.ThrowAsync<InvalidResponseException>(() => SendAsync(service, operation, body[..length]), $"{operation}, {length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Content_after_a_response_makes_it_unreadable(string service, string operation)
    {
        var body = _reads.Single(r => r.Operation == operation).Empty + "<html/>";

        await Should.ThrowAsync<InvalidResponseException>(() => SendAsync(service, operation, Encoding.UTF8.GetBytes(body)));
    }

    [Theory]
    [InlineData("ec2", "DescribeVpcs", """<a:DescribeVpcsResponse xmlns:a="urn:other"><a:vpcSet/></a:DescribeVpcsResponse>""")]
    [InlineData("ec2", "DescribeVpcs", """<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2013-02-01/"><vpcSet/></DescribeVpcsResponse>""")]
    [InlineData("s3", "ListBuckets", """<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets/></ListAllMyBucketsResult>""")]
    [InlineData("sqs", "ListQueues", "{}")]
    [InlineData("s3", "GetBucketVersioning", "<VersioningConfiguration/>")]
    [InlineData("s3", "GetBucketLogging", """<BucketLoggingStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/" />""")]
    [InlineData("s3", "GetBucketNotificationConfiguration", "<NotificationConfiguration/>")]
    [InlineData("s3", "GetBucketWebsite", "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>")]
    [InlineData("s3", "ListObjectVersions", "<ListVersionsResult><Name>b</Name></ListVersionsResult>")]
    [InlineData("lambda", "GetFunctionConcurrency", "{}")]
    [InlineData("wafv2", "GetWebACLForResource", "{}")]
    [InlineData("emr", "GetAutoTerminationPolicy", "{}")]
    [InlineData("guardduty", "GetAdministratorAccount", "{}")]
    [InlineData("kms", "ListResourceTags", "{}")]
    [InlineData("apigateway", "GetRestApis", """{"item":[],"_links":{}}""")]
    [InlineData("iam", "GetAccountAuthorizationDetails",
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult><UserDetailList/>"
        + "</GetAccountAuthorizationDetailsResult></GetAccountAuthorizationDetailsResponse>")]
    public async Task Members_that_AWS_may_omit_may_be_missing(string service, string operation, string body) =>
        (await SendAsync(service, operation, Encoding.UTF8.GetBytes(body))).Error.ShouldBeNull();

    [Theory]
    [InlineData("kms", "ListKeys", """{"Keys":{}}""")]
    [InlineData("kms", "ListKeys", """{"Keys":"none"}""")]
    [InlineData("kms", "ListKeys", """{"Keys":[{"KeyId":"k"},[]]}""")]
    [InlineData("kms", "ListKeys", """{"Truncated":false}""")]
    [InlineData("dynamodb", "ListTables", """{"TableNames":null}""")]
    [InlineData("cloudwatch", "ListMetrics", """{"NextToken":"t"}""")]
    [InlineData("config", "DescribeConfigurationRecorders", "{}")]
    [InlineData("iam", "GetUser", "<GetUserResponse><GetUserResult/></GetUserResponse>")]
    [InlineData("iam", "ListUsers", "<ListUsersResponse><ListUsersResult><IsTruncated>false</IsTruncated></ListUsersResult></ListUsersResponse>")]
    [InlineData("iam", "ListUsers", "<ListUsersResponse><Other><ListUsersResult><Users/></ListUsersResult></Other></ListUsersResponse>")]
    [InlineData("iam", "GetAccountAuthorizationDetails",
        "<GetAccountAuthorizationDetailsResponse><GetAccountAuthorizationDetailsResult/></GetAccountAuthorizationDetailsResponse>")]
    [InlineData("ec2", "DescribeInstances", "<DescribeInstancesResponse><requestId>r</requestId></DescribeInstancesResponse>")]
    [InlineData("s3", "GetBucketAcl", "<AccessControlPolicy><Owner/></AccessControlPolicy>")]
    [InlineData("s3", "ListBuckets", "<ListAllMyBucketsResult><Owner/></ListAllMyBucketsResult>")]
    public async Task A_response_without_required_members_is_unreadable(string service, string operation, string body) =>
        await Should.ThrowAsync<InvalidResponseException>(() => SendAsync(service, operation, Encoding.UTF8.GetBytes(body)));

    [Fact]
    public async Task A_success_with_an_error_in_its_header_is_unreadable() =>
        await Should.ThrowAsync<InvalidResponseException>(() => _wire.SendAsync(
            "kms", "ListKeys", """{"Keys":[]}"""u8.ToArray(), null, headers: [new("x-amzn-errortype", "InternalFailure")]));

    [Fact]
    public async Task The_message_contains_the_error_of_a_body_with_a_success_status()
    {
        var thrown = await Should.ThrowAsync<InvalidResponseException>(
            () => SendAsync("s3", "GetBucketAcl", "<Error><Code>NoSuchBucket</Code></Error>"u8.ToArray()));

        thrown.Message.ShouldContain(
            "the root element is <Error> instead of <AccessControlPolicy> or <GetBucketAclResponse> and carries the error NoSuchBucket");
    }

    [Fact]
    public void No_operation_accepts_an_empty_body_unless_no_member_is_bound_to_it()
    {
        var empty = Operations().Where(o => IsRead(() => Read(o.Service, o.Operation, []))).Select(o => $"{o.Service.Name}:{o.Operation.Name}").ToList();

        foreach (var name in empty.Select(e => e.Split(':')))
        {
            var operation = EmulatedAws.Models.FindOperation(name[0], name[1])!;
            var isBlob = operation.Output?.Payload is { } payload && operation.Output.FindMember(payload)!.Shape.Kind is ShapeKind.Blob;
            (operation.Method == "HEAD" || operation.Output is null || isBlob).ShouldBeTrue($"{name[0]}:{name[1]}");
        }

        string.Join(' ', empty.Order(StringComparer.Ordinal)).ShouldBe(MayBeEmpty);
    }

    [Fact]
    public void Every_call_of_the_catalog_refuses_foreign_bodies_and_accepts_a_minimal_response()
    {
        var calls = ShippedCatalog.Instance.Services.SelectMany(s => s.Resources).SelectMany(SourceWalker.Operations).Distinct().ToList();
        calls.Count.ShouldBeGreaterThan(70);
        foreach (var call in calls)
        {
            var (service, operation) = (EmulatedAws.Models.FindService(call.Service)!, EmulatedAws.Models.FindOperation(call.Service, call.Operation)!);
            foreach (var (what, body) in _noAnswers.Where(n => n.What is not ("an object without anything" or "a message" or "an error of a JSON service")))
            {
                IsRead(() => Read(service, operation, body)).ShouldBeFalse($"{call}: {what}");
            }

            IsRead(() => Read(service, operation, Least(service, operation))).ShouldBeTrue($"{call}: {Encoding.UTF8.GetString(Least(service, operation))}");
        }
    }

    [Fact]
    public void The_facts_about_responses_refer_to_existing_operations()
    {
        foreach (var (service, key, name) in EmulatedAws.Models.Responses.Named)
        {
            var operation = EmulatedAws.Models.FindOperation(service, name).ShouldNotBeNull($"{service} {key} {name}");
            EmulatedAws.Models.Responses.Sent(service, name).ShouldAllBe(member => operation.Output!.FindMember(member) != null, $"{service} {name}");
        }

        var s3 = EmulatedAws.Models.FindService("s3")!;
        s3.Operations.Where(o => o.Output is { HasBodyMembers: true, Payload: null } && EmulatedAws.Models.Responses.FindRoots("s3", o.Name) is null)
            .Select(o => o.Name).ShouldBeEmpty("the roots of S3 are not the names of its shapes");
    }

    [Fact]
    public void Random_bytes_are_never_a_response_and_never_a_crash()
    {
        var random = new Random(20261129);
        foreach (var (name, operation, empty) in _reads)
        {
            var service = EmulatedAws.Models.FindService(name)!;
            for (var i = 0; i < 300; i++)
            {
                var body = i % 2 == 0 ? new byte[random.Next(1, 200)] : Encoding.UTF8.GetBytes(empty);
                if (i % 2 == 0)
                {
                    random.NextBytes(body);
                    IsRead(() => Read(service, service.FindOperation(operation)!, body)).ShouldBeFalse(Convert.ToHexString(body));
                }
                else
                {
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                    IsRead(() => Read(service, service.FindOperation(operation)!, body)); // a changed tag may be valid; only the exception matters
                }
            }
        }
    }

    /// <summary>Operations with empty bodies: files and code, HEAD, and those without output.</summary>
    private const string MayBeEmpty =
        "apigateway:GetExport apigateway:GetSdk appsync:GetIntrospectionSchema cloudfront:GetConnectionFunction cloudfront:GetFunction "
        + "codeartifact:GetPackageVersionAsset glacier:GetJobOutput lakeformation:GetWorkUnitResults s3:GetObject s3:GetObjectTorrent s3:HeadBucket "
        + "sqs:ChangeMessageVisibility sqs:DeleteMessage";

    private static string Wrapped(string operation, string result) =>
        $"<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>";

    private static byte[] Compressed(string text)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionMode.Compress))
        {
            zip.Write(Encoding.UTF8.GetBytes(text));
        }

        return stream.ToArray();
    }

    private static IEnumerable<(ServiceModel Service, Operation Operation)> Operations() =>
        EmulatedAws.Models.Services.Select(s => EmulatedAws.Models.FindService(s)!).SelectMany(s => s.Operations.Select(o => (s, o)));

    /// <summary>The smallest body that satisfies the rule.</summary>
    private static byte[] Least(ServiceModel service, Operation operation)
    {
        var sent = operation.Response.Always.Concat(operation.Response.OneOf.Take(1)).ToList();
        if (service.IsJson)
        {
            return JsonSerializer.SerializeToUtf8Bytes(
                sent.ToDictionary(m => m.BodyName, m => m.Shape.Kind is ShapeKind.List ? (object)Array.Empty<int>() : new { }));
        }

        if (operation.Output?.Payload is { } payload && operation.Output.FindMember(payload)!.Shape.IsScalar)
        {
            return "{}"u8.ToArray();
        }

        var inner = string.Concat(sent.Select(m => $"<{m.BodyName}/>"));
        inner = operation.ResultWrapper is { } wrapper ? $"<{wrapper}>{inner}</{wrapper}>" : inner;
        var root = operation.Response.Roots![0];
        return Encoding.UTF8.GetBytes($"<{root}>{inner}</{root}>");
    }

    private static bool IsRead(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (InvalidResponseException)
        {
            return false;
        }
    }

    private static void Read(ServiceModel service, Operation operation, byte[] body) =>
        ResponseReader.Read(service, operation, new ArraySegment<byte>(body), 200, new NoHeaders(), redactor: null);

    private Task<Qrie.Aws.Api.Client.AwsResponse> SendAsync(string service, string operation, byte[] body) =>
        _wire.SendAsync(service, operation, body, WireClient.AnyParameters(service, operation));

    private sealed class NoHeaders : IResponseHeaders
    {
        public IEnumerable<string> Names => [];

        public string? Find(string name) => null;
    }
}
