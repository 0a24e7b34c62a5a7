using System.Text.Json;
using Microsoft.Playwright;

namespace Qrie.Ui.Tests;

public sealed class FindingTests(Chromium chromium, Demo demo)
{
    private const string Rows = "main table tbody tr";

    [BrowserFact]
    public async Task The_list_has_the_findings_of_rest_in_its_order()
    {
        var page = await demo.GetAsync("/findings?state=ACTIVE&page_size=50");
        await using var window = await demo.OpenAsync(chromium);

        await window.GoAsync("findings");

        await ShowsAsync(window, page);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Filters_are_in_the_address_and_survive_it()
    {
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync("findings");

        await window.Choice("Severity").SelectOptionAsync("critical");
        await window.AtAsync("*/findings?severity=critical");
        await window.Choice("Account").SelectOptionAsync("210987654321");
        await window.AtAsync("*account=210987654321*");
        var expected = await demo.GetAsync("/findings?state=ACTIVE&severity=critical&account=210987654321");

        await ShowsAsync(window, expected);
        await window.Page.ReloadAsync();
        await ShowsAsync(window, expected);
        await Assertions.Expect(window.Choice("Account")).ToHaveValueAsync("210987654321");

        await window.ClickAsync("Remove the filter severity");
        await window.Page.WaitForFunctionAsync("() => !location.search.includes('severity')");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_next_page_continues_the_first()
    {
        var first = await demo.GetAsync("/findings?state=ACTIVE&page_size=50");
        var second = await demo.GetAsync($"/findings?state=ACTIVE&page_size=50&next_token={first.GetProperty("next_token").GetString()}");
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync("findings");

        await window.ClickAsync("Next page");

        await ShowsAsync(window, second);
        await window.Page.GoBackAsync();
        await ShowsAsync(window, first);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_finding_opens_with_evidence_configuration_and_remediation()
    {
        var listed = (await demo.GetAsync("/findings?state=ACTIVE&policy=EC2SecurityGroupHighRiskPort&page_size=1")).GetProperty("findings")[0];
        var finding = await demo.GetAsync($"/findings/{listed.GetProperty("finding_id").GetString()}");
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync("findings?policy=EC2SecurityGroupHighRiskPort");

        await window.Page.Locator($"{Rows} .q-link").First.ClickAsync();
        var panel = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "Finding" });
        await panel.GetByText("Configuration, with what is in the evidence marked").WaitForAsync();

        foreach (var text in (string[])
            [
                finding.GetProperty("title").GetString()!, finding.GetProperty("arn").GetString()!,
                finding.GetProperty("remediation").GetString()!.Split('.')[0],
                $"from_port: {finding.GetProperty("evidence").GetProperty("rules")[0].GetProperty("from_port")}",
                finding.GetProperty("requirements")[0].GetProperty("framework_title").GetString()!,
            ])
        {
            await Assertions.Expect(panel).ToContainTextAsync(text);
        }

        await Assertions.Expect(panel.Locator(".q-marked").Filter(new() { HasText = "FromPort" }).First).ToBeVisibleAsync();
        await Assertions.Expect(panel.GetByRole(AriaRole.Link, new() { Name = "Open in the AWS console" })).ToHaveAttributeAsync(
            "href",
            $"https://{finding.GetProperty("region").GetString()}.console.aws.amazon.com/ec2/home?region={finding.GetProperty("region").GetString()}"
                + $"#SecurityGroup:groupId={finding.GetProperty("resource").GetProperty("resource_id").GetString()}");

        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(panel).ToHaveCountAsync(0);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task The_fix_command_of_a_finding_is_copied()
    {
        var withFix = await FirstWithFixAsync();
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync($"findings?id={withFix.GetProperty("finding_id").GetString()}");

        await window.ClickAsync("Copy the fix command");
        await window.Page.GetByText("Copied").WaitForAsync();

        (await window.Page.EvaluateAsync<string>("() => navigator.clipboard.readText()")).ShouldBe(withFix.GetProperty("fix").GetString());
        window.Problems.ShouldBeEmpty();
    }

    [BrowserTheory]
    [InlineData("policy", "By policy")]
    [InlineData("resource", "By resource")]
    [InlineData("account", "By account")]
    public async Task Groups_count_all_findings_that_match(string by, string button)
    {
        var answer = await demo.GetAsync($"/findings/groups?by={by}&state=ACTIVE&severity=high&page_size=50");
        var names = (await demo.GetAsync("/accounts")).EnumerateArray()
            .ToDictionary(a => a.GetProperty("account_id").GetString()!, a => a.GetProperty("name").GetString());
        await using var window = await demo.OpenAsync(chromium);

        await window.GoAsync("findings?severity=high");
        await window.ClickAsync(button);

        await Assertions.Expect(window.Page.Locator($"{Rows} td:first-child a")).ToHaveTextAsync(answer.GetProperty("groups").EnumerateArray().Select(g =>
            g.GetProperty("key").GetString()! is var key && by == "account" ? names[key] ?? key : by == "resource" ? key.Split(':', 6)[5] : key));
        await Assertions.Expect(window.Page.Locator($"{Rows} td:nth-child(3)")).ToHaveTextAsync(
            answer.GetProperty("groups").EnumerateArray().Select(g => $"{g.GetProperty("findings").GetInt64()}"));

        await window.Page.Locator($"{Rows} td:first-child a").First.ClickAsync();
        await window.AtAsync($"*{(by == "resource" ? "arn" : by)}=*");
        await window.ShowsAsync($"{Math.Min(50, answer.GetProperty("groups")[0].GetProperty("findings").GetInt64())} findings on this page");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserTheory]
    [InlineData("Severity", "severity", "descending")]
    [InlineData("Resource", "resource", "ascending")]
    [InlineData("Policy", "policy", "ascending")]
    [InlineData("Account", "account", "ascending")]
    public async Task A_column_sorts_the_list(string column, string sort, string direction)
    {
        var expected = await demo.GetAsync($"/findings?state=ACTIVE&sort={sort}&page_size=50");
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync("findings");
        var header = window.Page.GetByRole(AriaRole.Columnheader, new() { Name = column });
        await Assertions.Expect(window.Page.GetByRole(AriaRole.Columnheader, new() { Name = "First seen" })).ToHaveAttributeAsync("aria-sort", "descending");

        await header.GetByRole(AriaRole.Button).ClickAsync();

        await Assertions.Expect(header).ToHaveAttributeAsync("aria-sort", direction);
        await ShowsAsync(window, expected);
        window.Page.Url.ShouldEndWith($"sort={sort}");
        await window.Page.ReloadAsync();
        await ShowsAsync(window, expected);
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_text_is_found_in_resources_and_policies()
    {
        var expected = await demo.GetAsync("/findings?state=ACTIVE&text=bucket&page_size=50");
        await using var window = await demo.OpenAsync(chromium);
        await window.GoAsync("findings");

        await window.Page.GetByLabel("Text").FillAsync("bucket");
        await window.Page.GetByLabel("Text").PressAsync("Enter");

        await window.AtAsync("*text=bucket");
        await ShowsAsync(window, expected);
        expected.GetProperty("count").GetInt32().ShouldBeGreaterThan(0);
        window.Problems.ShouldBeEmpty();
    }

    private async Task<JsonElement> FirstWithFixAsync()
    {
        var page = await demo.GetAsync("/findings?state=ACTIVE&page_size=100");
        foreach (var finding in page.GetProperty("findings").EnumerateArray())
        {
            var detail = await demo.GetAsync($"/findings/{finding.GetProperty("finding_id").GetString()}");
            if (detail.GetProperty("fix").ValueKind == JsonValueKind.String)
            {
                return detail;
            }
        }

        throw new InvalidOperationException("No finding has a fix command.");
    }

    /// <summary>Waits until the list is that of an answer.</summary>
    private static Task ShowsAsync(Window window, JsonElement page) =>
        Assertions.Expect(window.Page.Locator($"{Rows} .q-link")).ToHaveTextAsync(page.GetProperty("findings").EnumerateArray().Select(Shown));

    private static string Shown(JsonElement finding) => finding.GetProperty("arn").GetString()!.Split(':', 6)[5];
}
