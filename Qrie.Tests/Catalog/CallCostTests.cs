using Qrie.Domain.Catalog.Reference;

namespace Qrie.Tests.Catalog;

/// <summary>What the reference says that a type costs.</summary>
public class CallCostTests
{
    [Theory]
    [InlineData("AWS::SQS::Queue", "2, 1 each")]
    [InlineData("AWS::EC2::Region", "7")]
    [InlineData("AWS::Route53::HostedZone", "2, 1 for 10, 1 each")]
    [InlineData("AWS::Backup::BackupPlan", "1, 3 each, 1 for each part")]
    [InlineData("AWS::ECS::Service", "1, 1 for 10, 1 for each part")]
    public void Calls_are_counted_by_what_they_read(string type, string expected) =>
        CallCosts.Of(ShippedCatalog.Instance.FindType(type)!).ToString().ShouldBe(expected);

    /// <summary>What costs a call for every resource is dear: none needs more than what buckets do, of which no list tells anything.</summary>
    [Fact]
    public void No_type_needs_more_calls_for_each_resource_than_buckets() =>
        ShippedCatalog.Instance.Services.SelectMany(s => s.Resources).Where(t => t.Type != "AWS::S3::Bucket" && CallCosts.Of(t).Each > 5)
            .Select(t => t.Type).ShouldBeEmpty();
}
