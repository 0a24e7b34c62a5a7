using Qrie.Domain.Dashboard;
using Qrie.Tests.Catalog;

namespace Qrie.Tests.Dashboard;

/// <summary>The events that would have reported an unannounced change, with the shipped catalog.</summary>
public sealed class LikelyEventsTests
{
    [Theory]
    [InlineData("AWS::S3::Bucket", "CreateBucket")]
    [InlineData("AWS::IAM::User", "CreateUser")]
    [InlineData("AWS::IAM::Role", "CreateRole CreateServiceLinkedRole")]
    [InlineData("AWS::IAM::ManagedPolicy", "CreatePolicy")]
    [InlineData("AWS::EC2::Instance", "RunInstances RunScheduledInstances ImportInstance")]
    [InlineData("AWS::EC2::RouteTable", "CreateRouteTable")]
    [InlineData("AWS::EC2::VPC", "CreateVpc CreateDefaultVpc")]
    [InlineData("AWS::EC2::EIP", "AllocateAddress CreateNatGateway")]
    public void For_a_new_resource_the_creating_events_are_likely(string type, string events) =>
        Of(type, DriftChange.Created).ShouldBe(events.Split(' '), ignoreOrder: true);

    [Theory]
    [InlineData("AWS::S3::Bucket", "DeleteBucket")]
    [InlineData("AWS::EC2::Instance", "TerminateInstances BidEvictedEvent")]
    [InlineData("AWS::IAM::Role", "DeleteRole DeleteServiceLinkedRole")]
    public void For_a_deleted_resource_the_deleting_events_are_likely(string type, string events) =>
        Of(type, DriftChange.Deleted).ShouldBe(events.Split(' '), ignoreOrder: true);

    [Theory]
    [InlineData("AWS::S3::Bucket", "Versioning", "PutBucketVersioning")]
    [InlineData("AWS::S3::Bucket", "Encryption", "PutBucketEncryption DeleteBucketEncryption")]
    [InlineData("AWS::S3::Bucket", "Policy PolicyStatus", "PutBucketPolicy DeleteBucketPolicy")]
    [InlineData("AWS::S3::Bucket", "Tags", "PutBucketTagging DeleteBucketTagging")]
    [InlineData("AWS::IAM::User", "LoginProfile", "*LoginProfile")]
    [InlineData("AWS::IAM::User", "AccessKeys", "CreateAccessKey UpdateAccessKey DeleteAccessKey")]
    [InlineData("AWS::IAM::User", "MFADevices", "EnableMFADevice DeactivateMFADevice")]
    [InlineData("AWS::IAM::Account", "PasswordPolicy", "UpdateAccountPasswordPolicy DeleteAccountPasswordPolicy")]
    public void For_a_changed_attribute_the_events_that_name_it_are_likely(string type, string attributes, string events) =>
        Of(type, DriftChange.Changed, attributes.Split(' ')).ShouldBe(events.Split(' '), ignoreOrder: true);

    [Fact]
    public void All_changing_events_are_likely_if_none_names_the_attribute()
    {
        var all = Of("AWS::S3::Bucket", DriftChange.Changed);

        all.Count.ShouldBeGreaterThan(20);
        all.ShouldNotContain("DeleteBucket");
        Of("AWS::S3::Bucket", DriftChange.Changed, "Location", "Versioning").ShouldBe(all);
    }

    [Fact]
    public void Every_type_with_events_has_likely_events_for_every_kind_of_change()
    {
        foreach (var type in ShippedCatalog.Instance.Services.SelectMany(s => s.Resources).Where(t => t.Events.Count > 0))
        {
            Of(type.Type, DriftChange.Changed).ShouldNotBeEmpty(type.Type);
            if (!type.IsSingleton)
            {
                Of(type.Type, DriftChange.Created).ShouldNotBeEmpty(type.Type);
                Of(type.Type, DriftChange.Deleted).ShouldNotBeEmpty(type.Type);
            }
        }
    }

    private static List<string> Of(string type, DriftChange change, params string[] attributes)
    {
        var definition = ShippedCatalog.Instance.FindType(type)!;
        return [.. LikelyEvents.Of(definition, ShippedCatalog.Instance.FindService(definition.Service)!.EventSource, change, attributes).Select(e => e.Name)];
    }
}
