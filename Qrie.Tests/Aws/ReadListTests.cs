using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>Operations that are not on the reviewed list are refused before anything is sent.</summary>
public sealed class ReadListTests
{
    [Theory]
    [InlineData("s3", "GetObject", "customers' data")]
    [InlineData("s3", "ListObjectsV2", "customers' data")]
    [InlineData("secretsmanager", "GetSecretValue", "secrets")]
    [InlineData("secretsmanager", "BatchGetSecretValue", "secrets")]
    [InlineData("ssm", "GetParameter", "secrets")]
    [InlineData("ssm", "GetParameters", "secrets")]
    [InlineData("ssm", "GetParametersByPath", "secrets")]
    [InlineData("ssm", "GetParameterHistory", "secrets")]
    [InlineData("dynamodb", "GetItem", "customers' data")]
    [InlineData("dynamodb", "BatchGetItem", "customers' data")]
    [InlineData("dynamodb", "Query", "reads")]
    [InlineData("dynamodb", "Scan", "reads")]
    [InlineData("kinesis", "GetRecords", "customers' data")]
    [InlineData("sqs", "ReceiveMessage", "messages")]
    [InlineData("sqs", "SendMessage", "messages")]
    [InlineData("lambda", "GetFunction", "code")]
    [InlineData("logs", "GetLogEvents", "log")]
    [InlineData("logs", "FilterLogEvents", "reads")]
    [InlineData("sts", "AssumeRole", "credentials")]
    [InlineData("ec2", "GetPasswordData", "credentials")]
    [InlineData("ec2", "TerminateInstances", "reads")]
    [InlineData("s3", "DeleteBucket", "reads")]
    [InlineData("iam", "CreateAccessKey", "reads")]
    [InlineData("kms", "Decrypt", "reads")]
    [InlineData("kms", "GenerateDataKey", "reads")]
    [InlineData("kms", "GetParametersForImport", "credentials")]
    [InlineData("sts", "GetSessionToken", "credentials")]
    [InlineData("sts", "GetFederationToken", "credentials")]
    [InlineData("ecr", "GetAuthorizationToken", "credentials")]
    [InlineData("ecr-public", "GetAuthorizationToken", "credentials")]
    [InlineData("ecr", "GetDownloadUrlForLayer", "link")]
    [InlineData("ecr", "BatchGetImage", "data")]
    [InlineData("codeartifact", "GetAuthorizationToken", "credentials")]
    [InlineData("codeartifact", "GetPackageVersionAsset", "data")]
    [InlineData("redshift", "GetClusterCredentials", "credentials")]
    [InlineData("redshift", "GetClusterCredentialsWithIAM", "credentials")]
    [InlineData("redshift-serverless", "GetCredentials", "credentials")]
    [InlineData("emr", "GetClusterSessionCredentials", "credentials")]
    [InlineData("emr", "GetPersistentAppUIPresignedURL", "link")]
    [InlineData("emr-serverless", "GetDashboardForJobRun", "link")]
    [InlineData("lakeformation", "GetTemporaryGlueTableCredentials", "credentials")]
    [InlineData("cognito-identity", "GetCredentialsForIdentity", "credentials")]
    [InlineData("cognito-identity", "GetOpenIdToken", "credentials")]
    [InlineData("cognito-identity", "GetId", "makes")]
    [InlineData("cognito-idp", "ListUsers", "data")]
    [InlineData("cognito-idp", "ListUserPoolClientSecrets", "credentials")]
    [InlineData("cognito-idp", "GetTokensFromRefreshToken", "credentials")]
    [InlineData("apigateway", "GetApiKeys", "key values")]
    [InlineData("apigateway", "GetExport", "data")]
    [InlineData("apigateway", "GetSdk", "data")]
    [InlineData("appsync", "ListApiKeys", "credentials")]
    [InlineData("wafv2", "GetDecryptedAPIKey", "credentials")]
    [InlineData("wafv2", "GetSampledRequests", "data")]
    [InlineData("s3control", "GetDataAccess", "credentials")]
    [InlineData("rds", "DownloadDBLogFilePortion", "reads")]
    [InlineData("athena", "GetQueryResults", "data")]
    [InlineData("logs", "GetQueryResults", "log")]
    [InlineData("logs", "ListAnomalies", "log")]
    [InlineData("glue", "GetPartitions", "columns")]
    [InlineData("glue", "GetEntityRecords", "data")]
    [InlineData("glue", "ListStatements", "code")]
    [InlineData("cloudtrail", "LookupEvents", "log")]
    [InlineData("cloudtrail", "GetQueryResults", "data")]
    [InlineData("cloudformation", "GetTemplate", "template")]
    [InlineData("ec2", "GetConsoleOutput", "log")]
    [InlineData("ec2", "GetConsoleScreenshot", "log")]
    [InlineData("ec2", "GetInstanceUefiData", "keys")]
    [InlineData("ec2", "GetVpnConnectionDeviceSampleConfiguration", "credentials")]
    [InlineData("elbv2", "GetTrustStoreCaCertificatesBundle", "link")]
    [InlineData("inspector2", "BatchGetCodeSnippet", "code")]
    [InlineData("securityhub", "GetFindings", "redaction")]
    [InlineData("config", "GetResourceConfigHistory", "redaction")]
    [InlineData("sns", "GetEndpointAttributes", "devices")]
    [InlineData("ssm", "GetCommandInvocation", "output")]
    [InlineData("ssm", "GetInventory", "registry")]
    [InlineData("ssm", "StartSession", "reads")]
    [InlineData("stepfunctions", "GetExecutionHistory", "data")]
    [InlineData("xray", "BatchGetTraces", "data")]
    [InlineData("kinesis", "GetShardIterator", "data")]
    [InlineData("glacier", "GetJobOutput", "data")]
    [InlineData("acm", "ExportCertificate", "reads")]
    public async Task Operations_that_change_something_or_return_data_or_secrets_are_refused(string service, string operation, string reason)
    {
        using var aws = EmulatedAws.At(new Uri("http://127.0.0.1:9"));

        var refusal = await Should.ThrowAsync<OperationRefusedException>(
            () => aws.Api.CallAsync(new AwsCall(AwsPrincipal.Ambient, "us-east-1", service, operation), default));

        refusal.Message.ShouldContain($"{service}:{operation}");
        refusal.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("s3", "ListBuckets")]
    [InlineData("s3", "GetObjectLockConfiguration")]
    [InlineData("iam", "GenerateCredentialReport")]
    [InlineData("sqs", "GetQueueAttributes")]
    [InlineData("lambda", "GetFunctionConfiguration")]
    [InlineData("ssm", "DescribeParameters")]
    public void Operations_that_return_configuration_are_allowed(string service, string operation) =>
        EmulatedAws.Reads.Allows(service, operation).ShouldBeTrue();

    [Fact]
    public async Task An_unknown_service_or_operation_is_a_catalog_error()
    {
        using var aws = EmulatedAws.At(new Uri("http://127.0.0.1:9"));

        (await Should.ThrowAsync<AwsCallException>(() => aws.Api.CallAsync(new AwsCall(AwsPrincipal.Ambient, "us-east-1", "s4", "ListBuckets"), default)))
            .Message.ShouldBe("there is no service model s4");
        (await Should.ThrowAsync<AwsCallException>(() => aws.Api.CallAsync(new AwsCall(AwsPrincipal.Ambient, "us-east-1", "s3", "ListBukets"), default)))
            .Message.ShouldBe("s3 has no operation ListBukets that can be called");
    }

    [Fact]
    public void Every_operation_of_the_models_is_either_allowed_or_refused_and_no_other_is_listed()
    {
        var unreviewed = new List<string>();
        foreach (var service in EmulatedAws.Models.Services.Select(s => EmulatedAws.Models.FindService(s)!))
        {
            unreviewed.AddRange(service.Operations
                .Where(
                    o => EmulatedAws.Reads.FindRefusal(EmulatedAws.Models, service.Name, o.Name) is { } refusal && refusal.Contains("it has not been reviewed"))
                .Select(o => $"{service.Name}:{o.Name}"));
        }

        unreviewed.ShouldBeEmpty("review them and add them to catalog/aws/reads.json");
        EmulatedAws.Reads.Named.Where(n => EmulatedAws.Models.FindOperation(n.Service, n.Operation) is null)
            .ShouldBeEmpty("reads.json lists operations that no model has");
    }

    [Fact]
    public void No_allowed_operation_has_the_name_of_a_change()
    {
        string[] reads = [
            "List", "Describe", "Get", "BatchGet", "BatchDescribe", "Search", "Lookup",
            "Head", "GenerateCredentialReport", "GenerateServiceLastAccessedDetails"];

        EmulatedAws.Reads.Named
            .Where(n => EmulatedAws.Reads.Allows(n.Service, n.Operation) && !reads.Any(p => n.Operation.StartsWith(p, StringComparison.Ordinal)))
            .ShouldBeEmpty();
    }

    [Fact]
    public void A_user_model_without_a_reviewed_list_cannot_be_called()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-models-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "models"));
            File.WriteAllText(Path.Combine(folder, "models", "mine.json"), """
                {"service":"mine","id":"Mine","version":"1","protocol":"json","endpointPrefix":"mine","others":[],"operations":{"ListThings":{}},"shapes":{}}
                """);
            var models = ModelCatalog.Open(Path.Combine(AppContext.BaseDirectory, "catalog", "aws"), folder);

            models.FindOperation("mine", "ListThings").ShouldNotBeNull();
            EmulatedAws.Reads.FindRefusal(models, "mine", "ListThings").ShouldNotBeNull().ShouldContain("it has not been reviewed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_list_that_allows_and_refuses_the_same_operation_is_a_catalog_error()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-reads-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "reads.json"), """{"s3":{"allow":["GetObject"],"refuse":{"GetObject":"data"}}}""");

            Should.Throw<AwsCatalogException>(() => ReadList.Open(folder)).Message.ShouldContain("s3:GetObject is both allowed and refused");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
