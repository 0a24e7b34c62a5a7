using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Qrie.Aws;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Events;

namespace Qrie.Tests.Aws;

public sealed class AwsServicesTests
{
    [Fact]
    public void All_registered_services_can_be_created()
    {
        using var services = Services([]);

        services.GetRequiredService<IAwsApi>().ShouldBeOfType<AwsApi>();
        services.GetRequiredService<PrincipalResolver>().ShouldNotBeNull();
        services.GetRequiredService<SqsQueues>().ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Aws:Endpoint", "http://a:1", "AWS_ENDPOINT_URL", "http://b:2", "http://a:1")]
    [InlineData("Aws:Endpoint", "", "AWS_ENDPOINT_URL", "http://b:2", "http://b:2")]
    [InlineData("Aws:Endpoint", "", "AWS_ENDPOINT_URL", "", null)]
    public void The_endpoint_is_that_of_Qries_setting_else_of_the_standard_variable(string key1, string value1, string key2, string value2, string? expected)
    {
        using var services = Services([KeyValuePair.Create(key1, value1), KeyValuePair.Create(key2, value2)]);

        services.GetRequiredService<IOptions<AwsApiOptions>>().Value.Endpoint.ShouldBe(expected);
    }

    [Theory]
    [InlineData("Aws:Region", "eu-west-1")]
    [InlineData("AWS_REGION", "eu-west-2")]
    [InlineData("AWS_DEFAULT_REGION", "eu-west-3")]
    public void The_region_is_that_of_the_first_source_that_has_one(string key, string region)
    {
        using var services = Services([KeyValuePair.Create(key, region)]);

        services.GetRequiredService<AwsRegion>().Name.ShouldBe(region);
    }

    [Theory]
    [InlineData("Aws:MaxAttempts", "0")]
    [InlineData("Aws:AttemptTimeout", "01:00:00")]
    [InlineData("Aws:RoleName", "no spaces please")]
    [InlineData("Aws:ExternalId", "x")]
    [InlineData("Aws:Endpoint", "not a url")]
    [InlineData("Aws:MaxConcurrency", "0")]
    public void A_value_out_of_range_is_refused_by_name(string key, string value)
    {
        using var services = Services([KeyValuePair.Create(key, value)]);

        var refusal = Should.Throw<OptionsValidationException>(() => services.GetRequiredService<IOptions<AwsApiOptions>>().Value);
        refusal.Message.ShouldContain(key.Split(':')[1]);
    }

    private static ServiceProvider Services(IEnumerable<KeyValuePair<string, string>> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build();
        return new ServiceCollection().AddLogging().AddQrieAws(configuration).BuildServiceProvider();
    }
}
