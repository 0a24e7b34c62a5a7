using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Tests.Catalog;

/// <summary>Type checks against the service models at load: a typo must not become a silent pass.</summary>
public class CatalogTypingTests
{
    private const string Service = """
        service: s3
        name: Amazon S3
        scope: global
        resources:
          - type: AWS::S3::Bucket
            list: { call: 's3:ListBuckets', select: Buckets }
            id: Name
            volatile: [CreationDate]
            describe:
              Versioning: { call: 's3:GetBucketVersioning', with: { Bucket: Name } }
              Encryption: { call: 's3:GetBucketEncryption', with: { Bucket: Name }, select: ServerSideEncryptionConfiguration }
              Lifecycle: { call: 's3:GetBucketLifecycleConfiguration', with: { Bucket: Name }, select: Rules }
              Grants: [{ call: 's3:GetBucketAcl', with: { Bucket: Name }, select: Grants }, { when: 'Permission', select: Grantee }]
              '_Help': { call: 's3:GetBucketLogging', with: { Bucket: Name } }
              Target: _Help.LoggingEnabled.TargetBucket
        """;

    private const string Policy = """
        id: S3Bad
        title: Bad
        description: Bad.
        resource: AWS::S3::Bucket
        category: encryption
        severity: 60
        params: { days: 5 }
        violation: "Versioning.Status != 'Enabled'"
        remediation: Good.
        tests:
          - { name: good, config: { Versioning: { Status: Enabled } }, expect: pass }
          - { name: bad, config: { Name: b }, expect: fail }
        """;

    [Fact]
    public void A_valid_file_loads() => Should.NotThrow(() => Load(Service, Policy));

    [Theory]
    [InlineData("s3:ListBuckets", "s3:ListBukets", "Qrie knows no operation s3:ListBukets")]
    [InlineData("s3:ListBuckets", "s3:CreateBucket", "or refuses to call it")]
    [InlineData("select: Buckets", "select: Bukets", "no member Bukets. Is Buckets meant?")]
    [InlineData("with: { Bucket: Name } }\n      Encryption", "with: { Buckt: Name } }\n      Encryption", "has no parameter 'Buckt'", "Is 'Bucket' meant?")]
    [InlineData("'s3:GetBucketVersioning', with: { Bucket: Name }", "'s3:GetBucketVersioning'", "refused without the parameter 'Bucket'")]
    [InlineData("with: { Bucket: Name }, select: Rules", "with: { Bucket: Nam }, select: Rules", "no member Nam")]
    [InlineData("id: Name", "id: Nme", "no member Nme")]
    [InlineData("id: Name", "id: Name\n    where: Versioning.Stat", "no member Stat")]
    [InlineData("id: Name", "id: Name\n    arn: '{Nmae}'", "no member Nmae")]
    [InlineData("id: Name", "id: Name\n    summary: { name: Nmae }", "no member Nmae")]
    [InlineData("volatile: [CreationDate]", "volatile: [Versioning.Status.Deep]", "does not exist")]
    [InlineData("select: Grantee", "select: Grantees", "no member Grantees")]
    [InlineData("_Help.LoggingEnabled.TargetBucket", "_Help.LoggingEnabled.Target", "no member Target")]
    [InlineData("id: Name", "id: Name\n    one: { with: { Prefx: $id } }", "has no parameter 'Prefx'", "Is 'Prefix' meant?")]
    public void An_unknown_AWS_service_is_refused(string right, string wrong, string message, string more = "") =>
        Fail(Service.Replace(right, wrong, StringComparison.Ordinal), Policy)
            .ShouldContain(error => error.ToString().Contains(message) && error.ToString().Contains(more) && error.Line > 0);

    [Theory]
    [InlineData("aws s3api get-bucket --bucket {Nmae}", "no member Nmae")]
    [InlineData("aws s3api get-bucket --bucket {Versioning.Statuss}", "no member Statuss")]
    public void A_fix_that_reads_an_unknown_attribute_is_refused(string fix, string message)
    {
        var errors = Fail(Service, Policy.Replace("remediation: Good.", $"remediation: Good.\nfix: {fix}", StringComparison.Ordinal));

        errors.ShouldContain(error => error.File == "S3Bad.yaml" && error.Line == 10 && error.ToString().Contains(message), errors[0].ToString());
    }

    [Theory]
    [InlineData("Versionning.Status != 'Enabled'", "no member Versionning. Is Versioning meant?")]
    [InlineData("Versioning.Statuss != 'Enabled'", "no member Statuss")]
    [InlineData("Encryption.Rules[].ApplyServerSideEncryptionByDefault.Algorithm", "no member Algorithm")]
    [InlineData("Encryption.Rules.ApplyServerSideEncryptionByDefault", "read from a list")]
    [InlineData("CreationDate > '2020-01-01'", "OrderingOfNonNumbers|order")]
    [InlineData("Versioning.Status == `true`", "equal")]
    [InlineData("Versioning.Status == $days", "equal")]
    [InlineData("Versioning.Status > $days", "order")]
    [InlineData("length(Encryption.Rules)", "The violation is a number")]
    [InlineData("age_days(Encryption)", "age_days")]
    [InlineData("_Help.LoggingEnabled", "no member _Help")]
    public void A_policy_that_reads_an_unknown_attribute_is_refused(string violation, string message)
    {
        var errors = Fail(Service, Policy.Replace("Versioning.Status != 'Enabled'", violation, StringComparison.Ordinal));

        errors.ShouldContain(
            error => error.File == "S3Bad.yaml" && error.Line == 8
                && message.Split('|').Any(part => error.ToString().Contains(part, StringComparison.OrdinalIgnoreCase)), errors[0].ToString());
    }

    [Theory]
    [InlineData("config: { Name: b }", "config: { Nmae: b }")]
    [InlineData("config: { Name: b }", "config: { Encryption: { Rules: [{ Algorithm: x }] } }")]
    public void A_case_with_an_unknown_attribute_is_refused(string right, string wrong) =>
        Fail(Service, Policy.Replace(right, wrong, StringComparison.Ordinal))
            .ShouldContain(error => error.Message.StartsWith("No such resource exists") && error.Line == 12);

    [Fact]
    public void Evidence_that_is_a_list_is_refused() =>
        Fail(Service, Policy.Replace("severity: 60", "severity: 60\nevidence: Encryption.Rules", StringComparison.Ordinal))
            .ShouldContain(error => error.Message == "The evidence is a list.");

    [Fact]
    public void The_unknown_attributes_may_be_read() =>
        Should.NotThrow(
            () => Load(
                Service, Policy.Replace("Versioning.Status != 'Enabled'", "!_unknown.Versioning && Versioning.Status != 'Enabled'", StringComparison.Ordinal)));

    private static ResourceCatalog Load(string service, string policy) => CatalogLoader.Load(
        [new CatalogFile("services/s3.yaml", service, CatalogFileKind.Service), new CatalogFile("S3Bad.yaml", policy, CatalogFileKind.Policy)],
        ShippedCatalog.Shapes);

    private static IReadOnlyList<CatalogError> Fail(string service, string policy) => Should.Throw<CatalogException>(() => Load(service, policy)).Errors;
}
