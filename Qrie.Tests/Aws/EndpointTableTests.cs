using Qrie.Aws.Api.Models;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

public sealed class EndpointTableTests
{
    private static readonly EndpointTable _table = EmulatedAws.Models.Endpoints;

    [Theory]
    [InlineData("ec2", "eu-west-1", "ec2.eu-west-1.amazonaws.com", "eu-west-1")]
    [InlineData("iam", "eu-west-1", "iam.amazonaws.com", "us-east-1")]
    [InlineData("iam", "us-gov-east-1", "iam.us-gov.amazonaws.com", "us-gov-west-1")]
    [InlineData("iam", "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("s3", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn", "cn-north-1")]
    [InlineData("route53", "ap-southeast-2", "route53.amazonaws.com", "us-east-1")]
    [InlineData("organizations", "eu-central-1", "organizations.us-east-1.amazonaws.com", "us-east-1")]
    [InlineData("cloudfront", "eu-central-1", "cloudfront.amazonaws.com", "us-east-1")]
    [InlineData("elbv2", "sa-east-1", "elasticloadbalancing.sa-east-1.amazonaws.com", "sa-east-1")]
    [InlineData("sts", "ap-southeast-3", "sts.ap-southeast-3.amazonaws.com", "ap-southeast-3")]
    [InlineData("ec2", "eusc-de-east-1", "ec2.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1")]
    [InlineData("a-service-of-the-user", "eu-west-1", "a-service-of-the-user.eu-west-1.amazonaws.com", "eu-west-1")]
    [InlineData("ec2", "eu-west-99", "ec2.eu-west-99.amazonaws.com", "eu-west-99")]
    public void Hosts_and_signing_regions_are_those_of_AWS(string service, string region, string host, string signingRegion)
    {
        var endpoint = _table.Resolve(service, region);

        (endpoint.Url.AbsoluteUri, endpoint.SigningRegion).ShouldBe(($"https://{host}/", signingRegion));
    }

    [Theory]
    [InlineData("eu-west-1", "aws", "us-east-1")]
    [InlineData("cn-north-1", "aws-cn", "cn-northwest-1")]
    [InlineData("us-gov-east-1", "aws-us-gov", "us-gov-west-1")]
    [InlineData("us-gov-north-7", "aws-us-gov", "us-gov-west-1")]
    [InlineData("moon-base-1", "aws", "us-east-1")]
    public void A_region_determines_its_partition_and_the_region_of_global_services(string region, string partition, string defaultRegion)
    {
        var found = _table.PartitionOf(region);

        (found.Name, found.DefaultRegion).ShouldBe((partition, defaultRegion));
    }

    [Fact]
    public void Partitions_know_their_regions() => _table.FindPartition("aws")!.Regions.ShouldContain("ap-southeast-3");

    [Theory]
    [InlineData("iam", "eu-west-1", true)]
    [InlineData("cloudfront", "eu-west-1", true)]
    [InlineData("s3", "eu-west-1", false)]
    [InlineData("organizations", "eu-west-1", true)]
    public void Global_services_are_known(string service, string region, bool expected) => _table.IsGlobal(service, region).ShouldBe(expected);

    [Fact]
    public void Listed_regions_of_a_service_are_known_and_a_new_region_is_never_listed()
    {
        _table.IsListed("ec2", "eu-west-1").ShouldBeTrue();
        _table.IsListed("apprunner", "af-south-1").ShouldBeFalse();
        _table.IsListed("ec2", "eu-west-99").ShouldBeFalse();
    }
}
