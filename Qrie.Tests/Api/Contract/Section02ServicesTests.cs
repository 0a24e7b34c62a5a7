namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.2.</summary>
public sealed class Section02ServicesTests(ServiceWithData service) : IClassFixture<ServiceWithData>
{
    [Theory]
    [InlineData("/services")]
    [InlineData("/services?supported=true")]
    [InlineData("/api/services")]
    public async Task Only_collected_services_are_listed_in_the_order_of_the_old_system(string path)
    {
        var services = (await service.Qrie.GetAsync(path)).Body.EnumerateArray()
            .Select(s => (s.GetProperty("service_name").GetString()!, s.GetProperty("display_name").GetString()!)).ToList();

        services.Take(3).ShouldBe([("s3", "S3"), ("ec2", "EC2"), ("iam", "IAM")]);
        services.ShouldContain(("rds", "RDS"));
        services.Skip(3).Select(s => s.Item1).ShouldBeInOrder();
    }
}
