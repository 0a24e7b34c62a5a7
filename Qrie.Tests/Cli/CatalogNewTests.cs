using Qrie.Api.Cli;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Policies.Testing;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Cli;

/// <summary>Files to begin with load, and fail only where their author has to write something.</summary>
public sealed class CatalogNewTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-catalog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_policy_loads_and_its_two_cases_are_the_authors()
    {
        var run = await RunCommand.AsTypedAsync($"catalog new policy DynamoDBTableOdd --type AWS::DynamoDB::Table --folder {_folder}");

        (run.Code, run.Errors).ShouldBe((0, ""));
        run.Output.ShouldContain(Path.Combine("policies", "dynamodb", "DynamoDBTableOdd.yaml"));
        var report = CatalogCheck.Run([ShippedCatalog.Folder, _folder], ShippedCatalog.Shapes);
        report.Errors.ShouldBeEmpty();
        report.Failures.Count.ShouldBe(2);
        report.Failures.ShouldAllBe(f => f.Contains("FILL IN") && f.Contains("FILL_IN"));
    }

    [Fact]
    public void A_policy_of_every_type_loads()
    {
        foreach (var type in ShippedCatalog.Instance.Services.SelectMany(s => s.Resources))
        {
            var file = Path.Combine(_folder, "policies", $"{type.Type.Replace(":", "")}Odd.yaml");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, CatalogDrafts.Policy(Path.GetFileNameWithoutExtension(file), type));
        }

        CatalogCheck.Run([ShippedCatalog.Folder, _folder], ShippedCatalog.Shapes).Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("athena", "ListDataCatalogs")]
    [InlineData("glue", "GetDatabases")]
    [InlineData("kinesis", "ListStreams")]
    [InlineData("opensearch", "ListDomainNames")]
    [InlineData("redshift", "DescribeClusters")]
    [InlineData("stepfunctions", "ListStateMachines")]
    public async Task A_service_loads(string api, string list)
    {
        var isList = list.StartsWith("List") || list.StartsWith("Describe");

        var run = await RunCommand.AsTypedAsync($"catalog new service {api} --folder {_folder}{(isList ? $" --list {list}" : "")}");

        (run.Code, run.Errors).ShouldBe((0, ""));
        var report = CatalogCheck.Run([ShippedCatalog.Folder, _folder], ShippedCatalog.Shapes);
        report.Errors.ShouldBeEmpty();
        var service = CatalogLoader.Load([ShippedCatalog.Folder, _folder], ShippedCatalog.Shapes).FindService(api)!;
        service.Resources.Count.ShouldBe(1);
        // Nothing that changes something is left out.
        EmulatedAws.Models.FindService(api)!.OtherOperations
            .Where(name => !service.Irrelevant.Keys.Any(k => k.Name == name) && !service.Resources[0].Events.Any(e => e.Names.Contains(name))).ShouldBeEmpty();
    }

    [Fact]
    public void A_service_loads_for_every_list_that_needs_no_parameter()
    {
        var reads = ReadList.OpenShipped();
        foreach (var api in EmulatedAws.Models.Services.Where(a => !ShippedCatalog.Instance.Services.Any(s => s.Apis.Contains(a))))
        {
            var model = EmulatedAws.Models.FindService(api)!;
            foreach (var (operation, rows) in CatalogDrafts.Lists(model, reads).Take(1))
            {
                var file = Path.Combine(_folder, "services", $"{api}.yaml");
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                File.WriteAllText(file, CatalogDrafts.Service(model, operation, rows));
            }
        }

        Directory.GetFiles(Path.Combine(_folder, "services")).Length.ShouldBeGreaterThan(30);
        CatalogCheck.Run([ShippedCatalog.Folder, _folder], ShippedCatalog.Shapes).Errors.Select(e => e.ToString()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("policy s3lower --type AWS::S3::Bucket", "is no id")]
    [InlineData("policy S3BucketOdd --type AWS::S3::Bukkit", "There is no resource type AWS::S3::Bukkit")]
    [InlineData("policy S3BucketPublic --type AWS::S3::Bucket", "There is a policy S3BucketPublic already")]
    [InlineData("service athene", "There is no model of athene")]
    [InlineData("service s3", "The catalog has the service s3 already")]
    [InlineData("service dax", "The catalog has the service dynamodb already")]
    [InlineData("service athena --list ListWork", "ListWork is no list of athena")]
    public async Task What_cannot_be_made_is_told(string what, string told)
    {
        var run = await RunCommand.AsTypedAsync($"catalog new {what} --folder {_folder}");

        run.Code.ShouldBe(2);
        run.Errors.ShouldContain(told);
        Directory.EnumerateFileSystemEntries(_folder).ShouldBeEmpty();
    }
}
