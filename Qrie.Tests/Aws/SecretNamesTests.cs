using System.Text;
using System.Text.Json;
using Qrie.Aws.Api.Redaction;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Aws;

/// <summary>Secrets recognized by user-defined names.</summary>
public sealed class SecretNamesTests
{
    private static readonly Redactor _redactor = new(EmulatedAws.TestKey(), RedactionRules.None);

    [Theory]
    [InlineData("password")]
    [InlineData("db_password")]
    [InlineData("DbPasswd2")]
    [InlineData("ApiToken")]
    [InlineData("GITHUB_TOKEN")]
    [InlineData("client-secret")]
    [InlineData("API_KEY")]
    [InlineData("apikey")]
    [InlineData("SecretKey")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("private-key")]
    public void A_tag_or_option_named_as_a_secret_is_redacted(string key)
    {
        foreach (var (list, name, value) in new[] { ("Tags", "Key", "Value"), ("tagSet", "key", "value"),
            ("Tags", "TagKey", "TagValue"), ("OptionSettings", "OptionName", "Value") })
        {
            var swept = Sweep(
                $$"""{"{{list}}":[{"{{name}}":"{{key}}","{{value}}":"open"},"""
                + $$"""{"{{value}}":"open","{{name}}":"{{key}}"},{"{{name}}":"Name","{{value}}":"shown"}]}""");

            swept.ShouldNotContain("\"open\"", customMessage: $"{list} {name}");
            swept.ShouldContain("\"shown\"");
            JsonElement.Parse(swept).GetProperty(list)[0].GetProperty(value).GetProperty("matches")[0].GetString().ShouldBe(SecretNames.Id);
        }

        Sweep($$"""{"Tags":{"{{key}}":"open","Name":"shown"} }""").ShouldNotContain("\"open\"");
    }

    [Theory]
    [InlineData("""{"Tags":[{"Key":"password_policy","Value":"strong"},{"Key":"tokenizer","Value":"bert"},{"Key":"secret-rotation","Value":"on"}]}""")]
    [InlineData("""{"Attributes":[{"Key":"access_logs.s3.enabled","Value":"true"}],"NextToken":"abc","HttpTokens":"required"}""")]
    [InlineData("""{"PasswordPolicy":{"MinimumPasswordLength":8},"Secret":"arn:aws:secretsmanager:us-east-1:1:secret:x"}""")]
    public void Other_names_and_AWSs_own_members_are_not_redacted(string json) => Sweep(json).ShouldBe(json);

    [Fact]
    public void Environment_options_of_Elastic_Beanstalk_are_secret_and_settings_are_not()
    {
        var swept = Sweep("""
            {"ConfigurationSettings":[{"OptionSettings":[
            {"Namespace":"aws:elasticbeanstalk:managedactions","OptionName":"ManagedActionsEnabled","Value":"true"},
            {"Namespace":"aws:elasticbeanstalk:application:environment","OptionName":"P","Value":"open1"},
            {"Value":"P=open2","OptionName":"EnvironmentVariables","Namespace":"aws:cloudformation:template:parameter"}]}]}
            """);

        swept.ShouldContain("\"true\"");
        swept.ShouldNotContain("open");
    }

    private static string Sweep(string json) =>
        Encoding.UTF8.GetString(_redactor.Sweep(Encoding.UTF8.GetBytes(json), EmulatedAws.Models.FindOperation("ec2", "DescribeVpcs")!).Span);
}
