using System.Net;
using System.Text;
using System.Text.Json;

namespace Qrie.Tests.Api;

/// <summary>Lists of accepted findings of other tools become exceptions, and what has no equivalent is reported.</summary>
public sealed class ExceptionImportTests(SharedHosts hosts) : IClassFixture<SharedHosts>
{
    private const string Mutelist =
        """
        Mutelist:
          Accounts:
            "123456789012":
              Checks:
                "s3_bucket_object_versioning":
                  Regions: ["*"]
                  Resources: ["ci-logs", "arn:aws:s3:::own"]
                  Description: Logs need no versions
                "iam_rotate_access_key_90_days":
                  Regions: ["us-east-1"]
                  Resources: ["^robot$"]
            "*":
              Checks:
                "*":
                  Regions: ["eu-west-1", "eu-north-1"]
                  Resources: ["*"]
                  Tags: ["environment=dev | environment=test"]
                "s3_bucket_default_encryption":
                  Regions: ["*"]
                  Resources: ["*"]
                  Exceptions:
                    Accounts: ["210987654321"]
                "ecs_no_such_check":
                  Regions: ["*"]
                  Resources: ["*"]
                "s3_bucket_server_access_logging_enabled":
                  Regions: ["*"]
                  Resources: ["(a|b)+"]
            "210987654321":
              Checks:
                "*":
                  Regions: ["*"]
                  Resources: ["*"]
        """;

    private const string SecurityHub =
        """
        {"Findings": [
          {"Id": "one", "AwsAccountId": "123456789012", "Workflow": {"Status": "SUPPRESSED"}, "Compliance": {"SecurityControlId": "S3.14"},
           "Resources": [{"Id": "arn:aws:s3:::logs"}], "Note": {"Text": "Agreed in SEC-7"}},
          {"Id": "same", "AwsAccountId": "123456789012", "Workflow": {"Status": "SUPPRESSED"},
           "GeneratorId": "aws-foundational-security-best-practices/v/1.0.0/S3.14", "Resources": [{"Id": "arn:aws:s3:::logs"}]},
          {"Id": "account", "AwsAccountId": "123456789012", "Workflow": {"Status": "SUPPRESSED"}, "GeneratorId": "security-control/S3.1",
           "Resources": [{"Id": "AWS::::Account:123456789012"}]},
          {"Id": "open", "AwsAccountId": "123456789012", "Workflow": {"Status": "NEW"}, "GeneratorId": "security-control/S3.14", "Resources": []},
          {"Id": "other", "AwsAccountId": "123456789012", "Workflow": {"Status": "SUPPRESSED"}, "GeneratorId": "security-control/Nope.1",
           "Resources": [{"Id": "arn:aws:s3:::logs"}]},
          {"Id": "no-arn", "AwsAccountId": "123456789012", "Workflow": {"Status": "SUPPRESSED"}, "GeneratorId": "security-control/S3.14",
           "Resources": [{"Id": "AWS::::Account:123456789012"}]}
        ]}
        """;

    private static readonly string s_expires = DateTimeOffset.UtcNow.AddDays(100).ToString("yyyy-MM-dd");

    [Fact]
    public async Task A_mutelist_is_translated_as_far_as_it_has_an_equivalent()
    {
        var report = await ImportAsync(await hosts.EmptyAsync(), "prowler", Mutelist);

        report.GetProperty("applied").GetBoolean().ShouldBeFalse();
        report.GetProperty("exceptions").EnumerateArray().Select(e => e.GetProperty("exception")).Select(Short).ShouldBe(
        [
            "S3BucketVersioningDisabled arn:*:*:*:*:*ci-logs* - 123456789012 - Logs need no versions",
            "S3BucketVersioningDisabled arn:aws:s3:::own* - 123456789012 - Logs need no versions",
            "IAMAccessKeyNotRotated arn:*:*:*:*:robot - 123456789012 us-east-1,global from Prowler",
            "IAMAccessKeyNotRotated arn:*:*:*:*:*:robot - 123456789012 us-east-1,global from Prowler",
            "IAMAccessKeyNotRotated arn:*:*:*:*:*/robot - 123456789012 us-east-1,global from Prowler",
            "* * environment=dev * eu-west-1,eu-north-1 from Prowler",
            "* * environment=test * eu-west-1,eu-north-1 from Prowler",
        ]);
        report.GetProperty("exceptions")[2].GetProperty("notes").EnumerateArray().Select(n => n.GetString())
            .ShouldContain("us-east-1 includes global resources, as in Prowler.");
        report.GetProperty("untranslated").EnumerateArray().Select(u => u.GetProperty("source").GetString()!.Split(" (")[0]).ShouldBe(
            ["* s3_bucket_default_encryption", "* ecs_no_such_check", "* s3_bucket_server_access_logging_enabled", "210987654321 *"]);
        report.GetProperty("untranslated").EnumerateArray().ShouldAllBe(u => u.GetProperty("why").GetString()!.Length > 20);
    }

    [Fact]
    public async Task Suppressions_of_Security_Hub_are_translated_once()
    {
        var report = await ImportAsync(await hosts.EmptyAsync(), "securityhub", SecurityHub);

        report.GetProperty("exceptions").EnumerateArray().Select(e => e.GetProperty("exception")).Select(Short).ShouldBe(
        [
            "S3BucketVersioningDisabled arn:aws:s3:::logs - 123456789012 - Agreed in SEC-7",
            "S3AccountPublicAccessBlockDisabled * - 123456789012 - from Prowler",
        ]);
        report.GetProperty("repeated").GetInt32().ShouldBe(1);
        report.GetProperty("untranslated").EnumerateArray().Select(u => u.GetProperty("source").GetString()).ShouldBe(["open", "other", "no-arn"]);
    }

    [Fact]
    public async Task An_import_is_stored_on_request_and_repeating_it_changes_nothing()
    {
        await using var qrie = await RunningQrie.StartAsync();

        (await ImportAsync(qrie, "prowler", Mutelist, "&dry_run=false")).GetProperty("applied").GetBoolean().ShouldBeTrue();
        var again = await ImportAsync(qrie, "prowler", Mutelist, "&dry_run=false");

        (again.GetProperty("exceptions").GetArrayLength(), again.GetProperty("repeated").GetInt32()).ShouldBe((0, 7));
        (await qrie.AllAsync("/exceptions?state=active", "exceptions", pageSize: 3)).Count.ShouldBe(7);
        (await qrie.GetAsync("/audit?action=exception.import")).Body.GetProperty("audit").GetArrayLength().ShouldBe(7);
    }

    [Theory]
    [InlineData("prowler", "")]
    [InlineData("prowler", "a: [")]
    [InlineData("prowler", "Mutelist: {Accounts: {'*': {Checks: {x: 1}}, y: 2}}")]
    [InlineData("prowler", "Mutelist: &all {Accounts: *all}")]
    [InlineData("securityhub", "")]
    [InlineData("securityhub", "[{}, 1, null]")]
    [InlineData("securityhub", """{"Findings": {"Id": 1}}""")]
    [InlineData("securityhub", """{"Findings": [{"Workflow": {"Status": "SUPPRESSED"}, "GeneratorId": "x/S3.14", "Resources": [{"Id": 3}]}]}""")]
    public async Task What_is_no_list_is_reported_and_not_an_error(string format, string text)
    {
        var report = await ImportAsync(await hosts.EmptyAsync(), format, text, "&dry_run=false");

        report.GetProperty("exceptions").GetArrayLength().ShouldBe(0);
        report.GetProperty("untranslated").GetArrayLength().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("format=yaml&owner=me&expires_at=2099-01-01", "format")]
    [InlineData("format=prowler&owner=me", "expires_at")]
    [InlineData("format=prowler&owner=me&expires_at=tomorrow", "expires_at")]
    [InlineData("format=prowler&expires_at=2020-01-01", "owner")]
    [InlineData("format=prowler&owner=me&dry_run=no", "dry_run")]
    public async Task A_wrong_import_is_refused(string query, string field)
    {
        var (status, problem) = await (await hosts.EmptyAsync()).PostTextAsync($"/exceptions/import?{query}", Mutelist);

        status.ShouldBe(HttpStatusCode.BadRequest, problem.ToString());
        problem.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(problem.ToString());
    }

    private static string Short(JsonElement e)
    {
        string Text(string name) => e.GetProperty(name).GetString() ?? "*";
        string List(string name, string none) => e.GetProperty(name).GetArrayLength() == 0
            ? none : string.Join(',', e.GetProperty(name).EnumerateArray().Select(v => v.GetString()));
        var tag = e.GetProperty("tag_key").ValueKind == JsonValueKind.Null ? "-" : $"{Text("tag_key")}={Text("tag_value")}";
        return $"{Text("policy_id")} {Text("arn")} {tag} {List("account_ids", "*")} {List("regions", "-")} {Text("reason")}";
    }

    private static async Task<JsonElement> ImportAsync(RunningQrie qrie, string format, string text, string more = "")
    {
        using var content = new StringContent(text, Encoding.UTF8, "application/yaml");
        using var answer = await qrie.Http.PostAsync(
            $"/exceptions/import?format={format}&owner=me&reason=from%20Prowler&expires_at={s_expires}{more}", content);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return JsonElement.Parse(body);
    }
}
