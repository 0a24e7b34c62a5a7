using System.Net;
using Microsoft.Playwright;
using Qrie.Domain.Access;
using Qrie.Tests.Api;
using Qrie.Tests.Api.Access;

namespace Qrie.Ui.Tests;

/// <summary>Who is let into the console, and what they may do there.</summary>
public sealed class SignInTests(Chromium chromium)
{
    [BrowserFact]
    public async Task One_signs_in_with_a_key_and_out_again()
    {
        await using var qrie = await KeyClients.StartAsync();
        var key = await qrie.KeyAsync(Role.Operator);
        await using var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);

        await window.Page.GotoAsync("/ui/scans?token=");
        await window.AtAsync("*/ui/sign-in?to=*");
        await window.Page.GetByLabel("API key").FillAsync("qrie_wrong_key");
        await window.ClickAsync("Sign in");
        await window.Page.GetByText("The key is not known").WaitForAsync();

        await window.Page.GetByLabel("API key").FillAsync(key.Reveal());
        await window.ClickAsync("Sign in");
        await window.AtAsync("*/ui/scans*");
        await window.ReadyAsync();
        await window.ShowsAsync("operator · default", ".q-who");
        (await window.Page.ContentAsync()).ShouldNotContain(key.Reveal());
        (await window.Page.EvaluateAsync<string>("() => document.cookie")).ShouldBe("");

        await window.Page.GotoAsync("/ui/sign-in");
        await window.ClickAsync("Sign out");
        await window.Page.GotoAsync("/ui/");
        await window.AtAsync("*/ui/sign-in*");
        window.Problems.ShouldBeEmpty();
    }

    [BrowserFact]
    public async Task A_reader_sees_no_control_that_writes()
    {
        await using var qrie = await KeyClients.StartAsync();
        await using var window = await SignedInAsync(qrie, Role.Reader);

        foreach (var (page, control) in ((string, string)[])
            [("scans", "Start a scan"), ("policies", "Launch the recommended"), ("accounts", "Add an account"), ("start", "Launch the recommended")])
        {
            await window.GoAsync(page);
            (await window.Page.GetByRole(AriaRole.Button, new() { Name = control }).CountAsync()).ShouldBe(0, page);
        }

        await window.GoAsync("access");
        await window.ShowsAsync("Only an admin sees keys and the audit.");
    }

    [BrowserFact]
    public async Task A_key_that_is_revoked_ends_a_session_that_is_open()
    {
        await using var qrie = await KeyClients.StartAsync();
        var key = await qrie.KeyAsync(Role.Reader);
        await using var window = await SignedInAsync(qrie, key);
        await window.GoAsync("scans");
        using var admin = await qrie.ClientAsync(Role.Admin);

        await admin.CallAsync("DELETE", $"/keys/{key.Reveal().Split('_')[1]}");

        await window.Page.GetByText("The API key was revoked.").First.WaitForAsync();
    }

    [BrowserFact]
    public async Task Each_organization_sees_its_own()
    {
        await using var qrie = await KeyClients.StartAsync();
        await qrie.MakeOrganizationAsync("shop");
        using var admin = await qrie.ClientAsync(Role.Admin);
        await admin.CallAsync("POST", "/accounts", new { account_id = "210987654321", name = "only of default" });
        await using var ours = await SignedInAsync(qrie, Role.Reader);
        await using var theirs = await SignedInAsync(qrie, await qrie.KeyAsync(Role.Admin, "shop"));

        await ours.GoAsync("accounts");
        await theirs.GoAsync("accounts");

        await ours.ShowsAsync("only of default");
        (await theirs.TextAsync()).ShouldNotContain("only of default");
    }

    [Fact]
    public async Task The_connection_is_opened_for_pages_of_its_own_origin_only()
    {
        await using var qrie = await RunningQrie.StartAsync();

        (await NegotiateAsync(qrie, "http://evil.example.com")).ShouldBe(HttpStatusCode.Forbidden);
        (await NegotiateAsync(qrie, "null")).ShouldBe(HttpStatusCode.Forbidden);
        (await NegotiateAsync(qrie, qrie.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_connection_where_keys_are_asked_for()
    {
        await using var qrie = await KeyClients.StartAsync();

        (await NegotiateAsync(qrie, qrie.Http.BaseAddress!.GetLeftPart(UriPartial.Authority))).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_form_of_another_page_signs_nobody_in()
    {
        await using var qrie = await KeyClients.StartAsync();
        var key = await qrie.KeyAsync(Role.Admin);
        using var form = new FormUrlEncodedContent([new("key", key.Reveal()), new("to", "/")]);

        using var answer = await qrie.Http.PostAsync("/ui/session", form);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Pages_allow_scripts_of_their_own_only()
    {
        await using var qrie = await RunningQrie.StartAsync();

        using var answer = await qrie.Http.GetAsync("/ui/");

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldContain("default-src 'none'");
        policy.ShouldContain("script-src 'self';");
        policy.ShouldContain("frame-ancestors 'none'");
        (await answer.Content.ReadAsStringAsync()).ShouldNotMatch("<script(?![^>]* src=)|https?://|onclick=");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    private static async Task<HttpStatusCode> NegotiateAsync(RunningQrie qrie, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/ui/_blazor/negotiate?negotiateVersion=1");
        request.Headers.Add("Origin", origin);
        using var answer = await qrie.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<Window> SignedInAsync(RunningQrie qrie, Role role) => await SignedInAsync(qrie, await qrie.KeyAsync(role));

    private async Task<Window> SignedInAsync(RunningQrie qrie, ApiKeyText key)
    {
        var window = await chromium.OpenAsync(qrie.Http.BaseAddress!);
        await window.Page.GotoAsync("/ui/sign-in");
        await window.Page.GetByLabel("API key").FillAsync(key.Reveal());
        await window.ClickAsync("Sign in");
        await window.ReadyAsync();
        return window;
    }
}
