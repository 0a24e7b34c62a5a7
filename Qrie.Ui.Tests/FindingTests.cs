using System.Text.Json;
using Microsoft.Playwright;

namespace Qrie.Ui.Tests;

[Collection(Demo.Collection)]
public sealed class FindingTests(Demo demo)
{
    private const string Rows = "main table tbody tr";

    [BrowserFact]
    public async Task The_list_has_the_findings_of_rest_in_its_order()
    {
        var page = await demo.Service.GetAsync("/findings?state=ACTIVE&page_size=50");
        await using var window = await demo.OpenAsync();

        await window.GoAsync("findings");

        (await NamesAsync(window)).ShouldBe(page.GetProperty("findings").EnumerateArray().Select(Shown));
        window.Trouble.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Filters_are_in_the_address_and_survive_it()
    {
        await using var window = await demo.OpenAsync();
        await window.GoAsync("findings");

        await window.Choice("Severity").SelectOptionAsync("critical");
        await window.Page.WaitForURLAsync("**/findings?severity=critical");
        await window.Choice("Account").SelectOptionAsync("210987654321");
        await window.Page.WaitForURLAsync("**account=210987654321**");
        var expected = await demo.Service.GetAsync("/findings?state=ACTIVE&severity=critical&account=210987654321");
        await window.Page.GetByText($"{expected.GetProperty("count").GetInt32()} findings on this page").WaitForAsync();

        (await NamesAsync(window)).ShouldBe(expected.GetProperty("findings").EnumerateArray().Select(Shown));
        await window.Page.ReloadAsync();
        await window.ReadyAsync();
        (await NamesAsync(window)).ShouldBe(expected.GetProperty("findings").EnumerateArray().Select(Shown));
        (await window.Choice("Account").InputValueAsync()).ShouldBe("210987654321");

        await window.ClickAsync("Remove the filter severity");
        await window.Page.WaitForFunctionAsync("() => !location.search.includes('severity')");
        window.Trouble.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_next_page_continues_the_first()
    {
        var first = await demo.Service.GetAsync("/findings?state=ACTIVE&page_size=50");
        var second = await demo.Service.GetAsync($"/findings?state=ACTIVE&page_size=50&next_token={first.GetProperty("next_token").GetString()}");
        await using var window = await demo.OpenAsync();
        await window.GoAsync("findings");

        await window.ClickAsync("Next page");
        await window.Page.GetByRole(AriaRole.Button, new() { Name = "First page" }).WaitForAsync();

        (await NamesAsync(window)).ShouldBe(second.GetProperty("findings").EnumerateArray().Select(Shown));
        await window.Page.GoBackAsync();
        await window.Page.WaitForFunctionAsync("() => !location.search.includes('token')");
        await Assertions.Expect(window.Page.Locator($"{Rows} .q-link").First).ToHaveTextAsync(Shown(first.GetProperty("findings")[0]));
        window.Trouble.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_finding_opens_with_evidence_configuration_and_remediation()
    {
        var listed = (await demo.Service.GetAsync("/findings?state=ACTIVE&policy=EC2SecurityGroupHighRiskPort&page_size=1")).GetProperty("findings")[0];
        var finding = await demo.Service.GetAsync($"/findings/{listed.GetProperty("finding_id").GetString()}");
        await using var window = await demo.OpenAsync();
        await window.GoAsync("findings?policy=EC2SecurityGroupHighRiskPort");

        await window.Page.Locator($"{Rows} .q-link").First.ClickAsync();
        var panel = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Finding" });
        await panel.GetByText("Configuration, with what is in the evidence marked").WaitForAsync();

        var text = await panel.InnerTextAsync();
        text.ShouldContain(finding.GetProperty("title").GetString()!);
        text.ShouldContain(finding.GetProperty("arn").GetString()!);
        text.ShouldContain(finding.GetProperty("remediation").GetString()!.Split('.')[0]);
        text.ShouldContain($"from_port: {finding.GetProperty("evidence").GetProperty("rules")[0].GetProperty("from_port")}");
        (await panel.Locator(".q-marked").AllInnerTextsAsync()).ShouldContain(m => m.Contains("FromPort"));
        (await panel.GetByRole(AriaRole.Link, new() { Name = "Open in the AWS console" }).GetAttributeAsync("href"))
            .ShouldBe($"https://{finding.GetProperty("region").GetString()}.console.aws.amazon.com/ec2/home?region={finding.GetProperty("region").GetString()}"
                + $"#SecurityGroup:groupId={finding.GetProperty("resource").GetProperty("resource_id").GetString()}");

        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(panel).ToHaveCountAsync(0);
        window.Trouble.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_fix_command_of_a_finding_is_copied()
    {
        var withFix = await FirstWithFixAsync();
        await using var window = await demo.OpenAsync();
        await window.GoAsync($"findings?id={withFix.GetProperty("finding_id").GetString()}");

        await window.ClickAsync("Copy the fix command");
        await window.Page.GetByText("Copied").WaitForAsync();

        (await window.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()")).ShouldBe(withFix.GetProperty("fix").GetString());
        window.Trouble.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Groups_count_the_findings_of_the_page()
    {
        var page = await demo.Service.GetAsync("/findings?state=ACTIVE&page_size=100");
        var expected = page.GetProperty("findings").EnumerateArray().GroupBy(f => f.GetProperty("policy").GetString()!)
            .ToDictionary(g => g.Key, g => $"{g.Count()}");
        await using var window = await demo.OpenAsync();

        await window.GoAsync("findings");
        await window.ClickAsync("By policy");
        await window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "On this page" }).WaitForAsync();

        var rows = (await window.Page.Locator(Rows).AllInnerTextsAsync()).Select(r => r.Split('\t')).ToDictionary(r => r[0].Trim(), r => r[2].Trim());
        rows.ShouldBe(expected, ignoreOrder: true);
        window.Trouble.ShouldBeEmpty();
    }

    private async Task<JsonElement> FirstWithFixAsync()
    {
        var page = await demo.Service.GetAsync("/findings?state=ACTIVE&page_size=100");
        foreach (var finding in page.GetProperty("findings").EnumerateArray())
        {
            var detail = await demo.Service.GetAsync($"/findings/{finding.GetProperty("finding_id").GetString()}");
            if (detail.GetProperty("fix").ValueKind == JsonValueKind.String)
            {
                return detail;
            }
        }

        throw new InvalidOperationException("No finding has a fix command.");
    }

    private static async Task<IEnumerable<string>> NamesAsync(Window window) =>
        (await window.Page.Locator($"{Rows} .q-link").AllInnerTextsAsync()).Select(t => t.Trim());

    private static string Shown(JsonElement finding) => finding.GetProperty("arn").GetString()!.Split(':', 6)[5];
}
