using System.Net;
using System.Text.Json;
using Qrie.Tests.Api;
using Qrie.Ui.Api;
using Qrie.Ui.Shared;

namespace Qrie.Ui.Tests;

/// <summary>How texts and values become what is shown, without a browser.</summary>
public sealed class ShownTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "<script")]
    [InlineData("[a](javascript:alert(1))", "href=\"javascript")]
    [InlineData("![a](https://evil.example.com/x.png)", "<img")]
    [InlineData("<a href='https://x' onclick='y'>z</a>", "<a")]
    [InlineData("[a](data:text/html,x)", "href=\"data")]
    public void Markdown_of_others_can_do_nothing(string text, string never) =>
        MarkdownHtml.Render(text, null).ShouldNotContain(never, Case.Insensitive);

    [Fact]
    public void Markdown_keeps_its_form()
    {
        var html = MarkdownHtml.Render("Use `aws s3` or\n\n- [this](https://example.com)\n- **that**", null);

        html.ShouldContain("<code>aws s3</code>");
        html.ShouldContain("<strong>that</strong>");
        html.ShouldContain("href=\"https://example.com\"");
        html.ShouldContain("rel=\"noreferrer noopener\"");
    }

    [Fact]
    public void The_part_that_evidence_names_is_marked()
    {
        var configuration = JsonElement.Parse("""{"Rules":[{"FromPort":22,"Source":"0.0.0.0/0"},{"FromPort":443}],"Owner":"a","Tags":{}}""");

        var whole = JsonMarks.Of(configuration, JsonElement.Parse("""{"violation":[{"FromPort":443}]}"""));
        var member = JsonMarks.Of(configuration, JsonElement.Parse("""{"from_port":22}"""));
        var nothing = JsonMarks.Of(configuration, JsonElement.Parse("""{"other":22}"""));

        whole.Contains("/Rules/1").ShouldBeTrue();
        whole.Contains("/Rules/0").ShouldBeFalse();
        whole.IsOnTheWay("/Rules").ShouldBeTrue();
        member.Contains("/Rules/0/FromPort").ShouldBeTrue();
        member.Contains("/Rules/1/FromPort").ShouldBeFalse();
        nothing.Count.ShouldBe(0);
        var named = JsonElement.Parse("""{"GroupId":"sg-1","FromPort":22}""");
        JsonMarks.Of(named, JsonElement.Parse("""{"group_id":"sg-1","from_port":22}""")).Contains("/GroupId").ShouldBeFalse(); // says of what it speaks
        JsonMarks.Of(named, JsonElement.Parse("""{"group_id":"sg-1"}""")).Contains("/GroupId").ShouldBeTrue();
    }

    [Fact]
    public async Task Every_policy_of_the_catalog_can_go_on_in_the_studio()
    {
        await using var qrie = await RunningQrie.StartAsync();
        var (_, policies) = await qrie.GetAsync("/policies");
        var wrong = new List<string>();

        foreach (var id in policies.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString()!))
        {
            var (_, json) = await qrie.GetAsync($"/policies/{id}/definition");
            var yaml = PolicyYaml.Of(json.Deserialize<PolicyDefinition>(ApiJson.Options)!);
            var (status, answer) = await qrie.PostAsync("/policies/evaluate", new { policy = yaml, configuration = new { } });
            if (status != HttpStatusCode.OK)
            {
                wrong.Add($"{id}: {answer.GetProperty("detail")}");
            }
        }

        wrong.ShouldBeEmpty();
    }
}
