using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Catalog;

/// <summary>Event names are checked against AWS's operations when the catalog loads.</summary>
public class EventNamesTests
{
    private const string Service = """
        service: s3
        name: Amazon S3
        scope: global
        apis: [s3, s3control]
        resources:
          - type: AWS::S3::Bucket
            list: { call: 's3:ListBuckets', select: Buckets }
            id: Name
            events:
              - names: [CreateBucket, 'PutBucketP*']
                id: requestParameters.bucketName
                also: { AWS::S3::Bucket: '$self.Name' }
        irrelevant:
          '*AccessPoint*': no type shows access points
          PutBucketPolicy: told otherwise
        """;

    private const string Names = """
        sources: { cloudwatch: monitoring.amazonaws.com }
        names:
          's3:PutPublicAccessBlock': [PutBucketPublicAccessBlock]
          's3control:PutPublicAccessBlock': PutAccountPublicAccessBlock
          's3control:CreateBucket': s3-outposts.amazonaws.com/CreateBucket
        others:
          s3.amazonaws.com: [JobCreated]
        """;

    [Fact]
    public void A_valid_file_loads()
    {
        var catalog = Load(Service, Names);

        catalog.Events.Find(new EventKey("s3.amazonaws.com", "PutBucketPublicAccessBlock")).Claims.Count.ShouldBe(1);
        catalog.Events.Find(new EventKey("s3.amazonaws.com", "PutBucketPolicy")).Reason.ShouldBe("told otherwise");
        catalog.EventNames.SourceOf("cloudwatch", "cloudwatch").ShouldBe("monitoring.amazonaws.com");
        catalog.EventNames.Of(new ServiceOperation("s3control", "CreateBucket"), "s3").ShouldBe([new EventKey("s3-outposts.amazonaws.com", "CreateBucket")]);
        catalog.EventNames.Of(new ServiceOperation("lambda", "CreateFunction20150331"), "lambda")
            .ShouldBe([new EventKey("lambda.amazonaws.com", "CreateFunction")]);
        catalog.EventNames.Others.ShouldBe([new EventKey("s3.amazonaws.com", "JobCreated")]);
    }

    [Theory]
    [InlineData("CreateBucket,", "CreateBukket,", "sends the event 'CreateBukket' from s3.amazonaws.com", "Did you mean 'CreateBucket'?", 10)]
    [InlineData("'PutBucketP*'", "'PutBuckit*'", "sends the event 'PutBuckit*'", "", 10)]
    [InlineData("CreateBucket,", "GetBucketAcl,", "No changing operation sends the event 'GetBucketAcl'", "", 10)]
    [InlineData("CreateBucket,", "PutPublicAccessBlock,", "No changing operation sends the event 'PutPublicAccessBlock'", "Did you mean", 10)]
    [InlineData("'*AccessPoint*'", "'*AccessPint*'", "sends the event '*AccessPint*'", "", 14)]
    [InlineData("PutBucketPolicy: told", "'*Policy': told", "'PutBucketPolicy' is claimed by a type and irrelevant, too", "written out beats a pattern", 15)]
    [InlineData("PutBucketPolicy: told", "CreateBucket: told", "'CreateBucket' is claimed by a type and irrelevant, too", "", 15)]
    [InlineData("PutBucketPolicy: told", "nowhere.amazonaws.com/Ping: told", "sends the event 'Ping' from nowhere.amazonaws.com", "", 15)]
    [InlineData("PutBucketPolicy: told otherwise", "PutBucketPolicy:", "'PutBucketPolicy' is empty", "", 15)]
    [InlineData("apis: [s3, s3control]", "apis: [s3, s3controll]", "There is no API 's3controll'", "", 4)]
    [InlineData("AWS::S3::Bucket: '$self.Name'", "AWS::S3::Bukket: '$self.Name'", "No service file has the resource type 'AWS::S3::Bukket'", "", 12)]
    [InlineData("$self.Name", "$self.Nmae", "no member Nmae", "", 12)]
    [InlineData("irrelevant:", "irrelevent:", "no key 'irrelevent'", "Did you mean 'irrelevant'?", 13)]
    public void An_event_name_without_an_operation_is_refused(string right, string wrong, string message, string more, int line) =>
        Fail(Service.Replace(right, wrong, StringComparison.Ordinal), Names)
            .ShouldContain(
                error => error.File == "services/s3.yaml" && error.Line == line && error.ToString().Contains(message) && error.ToString().Contains(more));

    [Theory]
    [InlineData("cloudwatch:", "cloudwach:", "There is no API 'cloudwach'", 1)]
    [InlineData("'s3:PutPublicAccessBlock'", "'s3:PutPublicAccesBlock'", "AWS has no operation s3:PutPublicAccesBlock", 3)]
    [InlineData("'s3:PutPublicAccessBlock'", "PutPublicAccessBlock", "'PutPublicAccessBlock' is not an operation", 3)]
    [InlineData("others:", "other:", "no key 'other'", 6)]
    [InlineData("[JobCreated]", "{ a: b }", "must be a text, not a map", 7)]
    public void An_error_in_the_table_is_reported(string right, string wrong, string message, int line) =>
        Fail(Service, Names.Replace(right, wrong, StringComparison.Ordinal))
            .ShouldContain(error => error.File == "aws/events.yaml" && error.Line == line && error.ToString().Contains(message));

    [Fact]
    public void A_user_table_can_add_but_not_replace_entries()
    {
        var own = new CatalogFile(
            "mine/aws/events.yaml", "names:\n  's3:PutPublicAccessBlock': Other\n  's3:PutBucketCors': SetCors\n", CatalogFileKind.EventNames);

        var errors = Should.Throw<CatalogException>(() => CatalogLoader.Load([.. Files(Service, Names), own], ShippedCatalog.Shapes)).Errors;

        errors.ShouldHaveSingleItem().ToString().ShouldStartWith("mine/aws/events.yaml(2,3): The events of s3:PutPublicAccessBlock are stated already.");
    }

    [Fact]
    public void A_service_without_a_model_may_have_any_event()
    {
        var service = Service.Replace("service: s3", "service: demo", StringComparison.Ordinal)
            .Replace("apis: [s3, s3control]\n", "", StringComparison.Ordinal);

        Should.NotThrow(() => CatalogLoader.Load([new CatalogFile("services/demo.yaml", service, CatalogFileKind.Service)], ShippedCatalog.Shapes));
    }

    private static ResourceCatalog Load(string service, string names) => CatalogLoader.Load(Files(service, names), ShippedCatalog.Shapes);

    private static List<CatalogFile> Files(string service, string names) =>
        [new CatalogFile("services/s3.yaml", service, CatalogFileKind.Service), new CatalogFile("aws/events.yaml", names, CatalogFileKind.EventNames)];

    private static IReadOnlyList<CatalogError> Fail(string service, string names) => Should.Throw<CatalogException>(() => Load(service, names)).Errors;
}
