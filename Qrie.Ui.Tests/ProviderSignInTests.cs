using System.Diagnostics;
using Microsoft.Playwright;
using Qrie.Tests.Api;
using Qrie.Tests.Api.Access;
using Qrie.Tests.Api.Access.SignIn;

namespace Qrie.Ui.Tests;

/// <summary>Signing in to the console through an identity provider, in a browser.</summary>
public sealed class ProviderSignInTests(Chromium chromium) : IAsyncLifetime
{
    private OidcProvider _provider = null!;
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync()
    {
        _provider = await OidcProvider.StartAsync();
        _qrie = await RunningQrie.StartAsync(ambient: null, settings: _provider.Settings(
            ("audit", "auditor", null, null), ("root", "admin", null, null), ("one", "reader", null, "111111111111")));
    }

    public async ValueTask DisposeAsync()
    {
        await _qrie.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [BrowserFact]
    public async Task One_signs_in_through_the_provider_and_out_of_both()
    {
        _provider.SignedIn = ("user-7", "ada@example.com", ["audit"]);
        await using var window = await chromium.OpenAsync(_qrie.Http.BaseAddress!);

        await window.Page.GotoAsync("/ui/scans?page=1");
        await window.AtAsync("*/ui/sign-in?to=*");
        await ProviderLink(window).ClickAsync();
        await window.AtAsync("*/ui/scans*");
        await window.ReadyAsync();
        await window.ShowsAsync("auditor · default", ".q-who");
        await window.ShowsAsync("ada@example.com", ".q-who");
        (await window.Page.EvaluateAsync<string>("() => document.cookie")).ShouldBe("");
        (await window.Page.GetByRole(AriaRole.Button, new() { Name = "Start a scan" }).CountAsync()).ShouldBe(0);

        await window.Page.GotoAsync("/ui/sign-in");
        await window.ClickAsync("Sign out");
        await window.Page.GetByRole(AriaRole.Link, new() { Name = "as well" }).ClickAsync();
        await window.AtAsync("*/ui/sign-in");
        await window.Page.GotoAsync("/ui/");
        await window.AtAsync("*/ui/sign-in*");

        _provider.EndedSessions.ShouldHaveSingleItem().Split('.').Length.ShouldBe(3, "the provider knows whom to sign out");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task Signing_out_ends_the_other_pages_of_the_session()
    {
        _provider.SignedIn = ("user-7", "ada", ["root"]);
        await using var window = await SignedInAsync();
        await window.GoAsync("scans");
        var other = await window.Page.Context.NewPageAsync();
        await other.GotoAsync("/ui/sign-in");

        await other.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await window.Page.GetByText("Your session has ended.").First.WaitForAsync();
    }

    [BrowserFact]
    public async Task Whoever_has_no_rights_or_is_refused_by_the_provider_stays_outside()
    {
        await using var window = await chromium.OpenAsync(_qrie.Http.BaseAddress!);
        _provider.SignedIn = ("user-8", "eve", ["others"]);
        await window.Page.GotoAsync("/ui/sign-in");
        await ProviderLink(window).ClickAsync();
        await window.Page.GetByText("none of your groups has rights").WaitForAsync();

        _provider.SignedIn = null;
        await ProviderLink(window).ClickAsync();
        await window.Page.GetByText("The identity provider did not sign you in").WaitForAsync();

        await window.Page.GotoAsync("/ui/session/callback?code=stolen&state=invented");
        await window.Page.GetByText("The identity provider did not sign you in").WaitForAsync();
        await window.Page.GotoAsync("/ui/scans");
        await window.AtAsync("*/ui/sign-in*");
    }

    [BrowserFact]
    public async Task A_reader_of_one_account_sees_that_account()
    {
        using var admin = await _qrie.ClientAsync(Qrie.Domain.Access.Role.Admin);
        foreach (var account in new[] { "111111111111", "222222222222" })
        {
            await admin.CallAsync("POST", "/accounts", new { account_id = account, name = $"name of {account}" });
        }

        _provider.SignedIn = ("user-9", "bob", ["one"]);
        await using var window = await SignedInAsync();

        await window.GoAsync("accounts");

        await window.ShowsAsync("name of 111111111111");
        (await window.TextAsync()).ShouldNotContain("222222222222");
        await window.GoAsync("findings");
        (await window.TextAsync()).ShouldNotContain("You are limited to");
    }

    [BrowserFact]
    public async Task A_rotated_key_of_the_provider_signs_in_as_well()
    {
        _provider.SignedIn = ("user-7", "ada", ["root"]);
        await using (await SignedInAsync())
        {
            _provider.Rotate();
        }

        await using var window = await chromium.OpenAsync(_qrie.Http.BaseAddress!);
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromSeconds(90); await Task.Delay(500))
        {
            await window.Page.GotoAsync("/ui/sign-in");
            await ProviderLink(window).ClickAsync();
            await window.Page.WaitForLoadStateAsync();
            if (!window.Page.Url.Contains("sign-in", StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new TimeoutException("Signing in did not work after the rotation.");
    }

    private static ILocator ProviderLink(Window window) => window.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with 127.0.0.1" });

    private async Task<Window> SignedInAsync()
    {
        var window = await chromium.OpenAsync(_qrie.Http.BaseAddress!);
        await window.Page.GotoAsync("/ui/sign-in");
        await ProviderLink(window).ClickAsync();
        await window.ReadyAsync();
        return window;
    }
}
