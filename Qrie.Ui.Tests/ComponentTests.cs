using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Qrie.Ui.Api;
using Qrie.Ui.Shared;

namespace Qrie.Ui.Tests;

/// <summary>Components with logic of their own, without a browser.</summary>
public sealed class ComponentTests : BunitContext
{
    [Fact]
    public void A_tree_marks_what_the_evidence_names_and_opens_the_way_to_it()
    {
        var configuration = JsonElement.Parse(
            """{"Rules":[{"FromPort":22,"Open":true},{"FromPort":443}],"Owner":{"Name":"a"},"_unknown":{"Tags":"AccessDenied"}}""");
        var marks = JsonMarks.Of(configuration, JsonElement.Parse("""{"rule":{"FromPort":443},"open":true}"""));

        var tree = Render<JsonTree>(p => p.Add(t => t.Value, configuration).Add(t => t.Marks, marks));

        tree.FindAll(".q-marked").Select(m => m.TextContent.Trim()).ShouldBe(["Open: true", "1: {1}"]);
        tree.FindAll("details").Where(d => d.HasAttribute("open")).Select(d => d.FirstElementChild!.TextContent.Trim())
            .ShouldBe(["{3}", "Rules: [2]", "0: {2}"]);
        tree.Find(".q-unread").TextContent.ShouldContain("AccessDenied");
    }

    [Fact]
    public void A_tree_shows_markup_as_text()
    {
        var tree = Render<JsonTree>(p => p.Add(t => t.Value, JsonElement.Parse("""{"<b>name</b>":"<script>x</script>"}""")));

        tree.FindAll("b, script").ShouldBeEmpty();
        tree.Find(".q-leaf").TextContent.ShouldBe("<b>name</b>: \"<script>x</script>\"");
    }

    [Fact]
    public void A_scope_is_built_of_accounts_units_and_tags()
    {
        var scope = new EditedScope();
        Account[] accounts = [Account("111111111111", "/Prod/Web"), Account("222222222222", "/Prod")];
        var editor = Render<ScopeEditor>(p => p.Add(e => e.Value, scope).Add(e => e.Accounts, accounts));

        editor.FindAll(".q-scoperow").Select(r => r.FirstElementChild!.TextContent).ShouldBe(["111111111111", "222222222222", "Prod", "Web"]);
        editor.FindAll(".q-scoperow")[3].ClassList.ShouldContain("q-depth-1");
        editor.FindAll(".q-scoperow select")[0].Change("out");
        editor.FindAll(".q-scoperow select")[2].Change("in");
        editor.FindAll("textarea")[0].Change("team=web\nteam = shop\nowner");

        var built = scope.ToScope();
        built.ExcludeAccounts.ShouldBe(["111111111111"]);
        built.IncludeOuPaths.ShouldBe(["/Prod"]);
        built.IncludeTags["team"].ShouldBe(["web", "shop"]);
        built.IncludeTags["owner"].ShouldBe([""]);
        editor.Find("legend").TextContent.ShouldBe("Scope: a part");

        editor.FindAll(".q-scoperow select")[0].Change("");
        scope.ToScope().ExcludeAccounts.ShouldBeEmpty();
    }

    [Fact]
    public void A_scope_is_edited_as_it_was_stored()
    {
        var stored = new Scope(["1"], ["2"], Tags("a", "x", "y"), Tags("b", ""), ["/P"], ["/Q"]);
        var scope = new EditedScope();

        scope.Read(stored);

        JsonSerializer.Serialize(scope.ToScope()).ShouldBe(JsonSerializer.Serialize(stored));
    }

    [Fact]
    public void A_header_tells_how_the_list_is_sorted_and_sorts_it()
    {
        string? chosen = null;
        var headers = Render<SortHeader>(p => p.Add(h => h.Name, "Severity").Add(h => h.Value, "severity").Add(h => h.Current, "policy")
            .Add(h => h.Falling, true).Add(h => h.Changed, EventCallback.Factory.Create<string?>(this, sort => chosen = sort)));
        headers.Find("th").HasAttribute("aria-sort").ShouldBeFalse();

        headers.Find("button").Click();
        chosen.ShouldBe("severity");
        headers.Render(p => p.Add(h => h.Current, "severity"));
        headers.Find("th").GetAttribute("aria-sort").ShouldBe("descending");
    }

    [Fact]
    public void A_chart_of_weeks_has_its_numbers_in_a_table()
    {
        var weeks = Enumerable.Range(0, 3).Select(i => new Week(new DateOnly(2026, 11, 2).AddDays(7 * i), 10, 5 + i, i, 1, 0, 0, i == 2)).ToList();

        var chart = Render<TrendChart>(p => p.Add(c => c.Weeks, weeks));
        chart.FindAll("tbody tr").Select(r => r.Children[1].TextContent).ShouldBe(["5", "6", "7"]);
        chart.FindAll("circle").Count.ShouldBe(3);
        chart.Markup.ShouldContain("This week");

        Render<TrendChart>(p => p.Add(c => c.Weeks, [new Week(new DateOnly(2026, 11, 2), 0, 0, 0, 0, 0, 0, true)])).FindAll("svg").ShouldBeEmpty();
    }

    private static Dictionary<string, IReadOnlyList<string>> Tags(string key, params string[] values) => new() { [key] = values };

    private static Account Account(string id, string ou) => new(
        id, ou, null, "active", new Dictionary<string, string>(), null, false, null, null, default, null, null, null,
        new AccountHealth(new Dictionary<string, DateTimeOffset>(), null, null, null, null));
}
