using Microsoft.Playwright;
using Qrie.Tests.Api;

namespace Qrie.Ui.Tests;

/// <summary>What happens when the connection between the browser and the service is lost.</summary>
public sealed class ConnectionTests(Chromium chromium)
{
    [BrowserFact]
    public async Task A_lost_connection_is_told_and_taken_up_again_with_what_was_typed()
    {
        await using var qrie = await RunningQrie.StartAsync();
        await using var network = new CutConnection(qrie.Http.BaseAddress!);
        await using var window = await chromium.OpenAsync(network.Address);
        await window.GoAsync("accounts");
        await window.ClickAsync("Add an account");
        await window.Page.GetByLabel("Account id (12 digits)").FillAsync("210987654321");
        await window.Page.GetByLabel("Name", new() { Exact = true }).FillAsync("shop");
        var dialog = window.Page.GetByRole(AriaRole.Dialog, new() { Name = "The connection is lost" });
        await Assertions.Expect(dialog).ToHaveCountAsync(0);

        network.Cut();
        await Assertions.Expect(dialog).ToBeVisibleAsync();
        (await Axe.SeriousAsync(window)).ShouldBeEmpty();
        await window.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(dialog).ToBeVisibleAsync();

        network.Restore();
        try
        {
            await window.Page.GetByRole(AriaRole.Button, new() { Name = "Try now", Exact = true }).ClickAsync(new() { Timeout = 5000 });
        }
        catch (TimeoutException)
        {
            // The page tried by itself, just before.
        }

        await Assertions.Expect(dialog).ToHaveCountAsync(0);
        await window.ConfirmAsync("Add"); // what was typed is known to the service
        await window.AtAsync("*/accounts/210987654321");
        (await qrie.GetAsync("/accounts/210987654321")).Body.GetProperty("name").GetString().ShouldBe("shop");
        window.Problems.ShouldNotContain(t => t.Contains("Content Security Policy", StringComparison.Ordinal));
    }
}
