using System.Text.Json;

namespace Qrie.Ui.Tests;

/// <summary>axe-core, which finds what hinders people who use a keyboard or a screen reader, or see badly.</summary>
internal static class Axe
{
    private static readonly Lazy<string> s_script = new(() => File.ReadAllText(Find()));

    /// <summary>What is serious or critical in the page, with the first element of each.</summary>
    public static async Task<IReadOnlyList<string>> SeriousAsync(Window window)
    {
        // Through the debugger, which the page's content security policy does not bind.
        await window.Page.EvaluateAsync($"{s_script.Value}; null");
        var json = await window.Page.EvaluateAsync<string>(
            "async () => JSON.stringify((await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => "
            + "({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.length, html: v.nodes[0].html, why: v.nodes[0].failureSummary })))");
        return
        [
            .. JsonElement.Parse(json).EnumerateArray().Where(v => v.GetProperty("impact").GetString() is "serious" or "critical")
                .Select(v => $"{v.GetProperty("id")} ({v.GetProperty("nodes")}): {v.GetProperty("help")}: {v.GetProperty("html")}: {v.GetProperty("why")}"),
        ];
    }

    /// <summary>Where <c>npm install --prefix artifacts/npm axe-core</c> puts it.</summary>
    private static string Find()
    {
        var artifacts = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName;
        var path = Path.Combine(artifacts, "npm", "node_modules", "axe-core", "axe.min.js");
        return File.Exists(path) ? path
            : throw new FileNotFoundException($"{path} is missing: npm install --prefix artifacts/npm axe-core@4.14.1");
    }
}
