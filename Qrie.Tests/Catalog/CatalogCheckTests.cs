using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Policies.Testing;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Catalog;

public class CatalogCheckTests
{
    [Fact]
    public void The_shipped_catalog_is_valid()
    {
        var report = CatalogCheck.Run([ShippedCatalog.Folder], ShippedCatalog.Shapes);

        report.Errors.ShouldBeEmpty();
        report.Failures.ShouldBeEmpty();
        report.Notes.ShouldBeEmpty();
        report.Policies.ShouldBeGreaterThanOrEqualTo(28);
    }

    [Fact]
    public void A_folder_with_errors_is_invalid()
    {
        var folder = Directory.CreateTempSubdirectory("catalog");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "policies"));
            File.WriteAllText(Path.Combine(folder.FullName, "policies", "S3Bad.yaml"), "id: S3Bad\nresource: AWS::S3::Bukkit\n");

            var report = CatalogCheck.Run([ShippedCatalog.Folder, folder.FullName], ShippedCatalog.Shapes);

            report.IsGood.ShouldBeFalse();
            report.Errors.ShouldContain(error => error.Line == 2 && error.Message.Contains("AWS::S3::Bukkit"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void An_expression_that_reads_differently_elsewhere_is_noted()
    {
        var folder = Directory.CreateTempSubdirectory("catalog");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "policies"));
            var text = File.ReadAllText(Path.Combine(ShippedCatalog.Folder, "policies", "s3", "S3BucketLoggingDisabled.yaml"))
                .Replace("S3BucketLoggingDisabled", "OwnLogging", StringComparison.Ordinal)
                .Replace("!(Logging.TargetBucket)", "!Logging.TargetBucket", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(folder.FullName, "policies", "OwnLogging.yaml"), text);

            var report = CatalogCheck.Run([ShippedCatalog.Folder, folder.FullName], ShippedCatalog.Shapes);

            report.IsGood.ShouldBeTrue(string.Join('\n', report.Errors));
            var note = report.Notes.ShouldHaveSingleItem();
            (Path.GetFileName(note.File), note.Line).ShouldBe(("OwnLogging.yaml", text.Split('\n').TakeWhile(l => !l.StartsWith("violation")).Count() + 1));
            note.Message.ShouldContain("(!a).b");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Every_call_has_its_IAM_action()
    {
        var actions = IamActionsFile.Read(Path.Combine(ShippedCatalog.Folder, "aws", "actions.yaml"));
        var permissions = new CatalogPermissions(EmulatedAws.Models, actions);

        var s3 = permissions.For(ShippedCatalog.Instance.FindType("AWS::S3::Bucket")!);

        s3.ShouldContain("s3:ListAllMyBuckets");
        s3.ShouldContain("s3:GetEncryptionConfiguration");
        s3.ShouldContain("s3:GetBucketPublicAccessBlock");
        s3.ShouldContain("s3:GetAccountPublicAccessBlock");
        s3.ShouldContain("s3:GetBucketVersioning");
        s3.ShouldContain("s3:GetBucketCORS");
        permissions.For(ShippedCatalog.Instance).ShouldAllBe(action => action.Split(':').Length == 2);
        permissions.For(ShippedCatalog.Instance).ShouldContain("ec2:DescribeInstances");
        permissions.For(ShippedCatalog.Instance).ShouldContain("iam:GetAccountAuthorizationDetails");
        actions.ActionFor(new ServiceOperation("apigateway", "GetRestApis"), "apigateway").ShouldBe("apigateway:GET");
        actions.ActionFor(new ServiceOperation("elbv2", "DescribeLoadBalancers"), "elasticloadbalancing")
            .ShouldBe("elasticloadbalancing:DescribeLoadBalancers");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_defines_the_events_that_affect_it(string type) => ShippedCatalog.Instance.FindType(type)!.Events.ShouldNotBeEmpty();

    public static TheoryData<string> Types() => [.. ShippedCatalog.Instance.Services.SelectMany(service => service.Resources).Select(type => type.Type)];
}
