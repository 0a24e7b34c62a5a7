using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;

namespace Qrie.Tests.Api.Access;

/// <summary>The accounts that organizations other than <c>default</c> can make Qrie read.</summary>
public sealed class TenantClaimTests : IAsyncLifetime
{
    /// <summary>The account of Qrie's credentials.</summary>
    private const string Own = "123456789012";

    private const string Victim = "222222222222";
    private const string ReadRole = "arn:aws:iam::{account}:role/QrieReadOnly-{account}";

    private RunningQrie _qrie = null!;
    private HttpClient _shop = null!;

    private IAccountStore Accounts => _qrie.Services.GetRequiredService<IAccountStore>();

    public async ValueTask InitializeAsync()
    {
        _qrie = await RunningQrie.StartAsync(ambient: Own, settings: "--Auth:Mode=apikey");
        await _qrie.MakeOrganizationAsync("shop");
        _shop = await _qrie.ClientAsync(Role.Admin, "shop");
    }

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData(AccountStatus.Active)]
    [InlineData(AccountStatus.Pending)]
    [InlineData(AccountStatus.Removed)]
    public async Task The_account_of_Qries_credentials_cannot_be_claimed(AccountStatus? status)
    {
        await StoreAsync(Own, status);

        (await _shop.CallAsync("POST", "/accounts", Registration(Own))).Status.ShouldBe(HttpStatusCode.Conflict);
        (await _shop.CallAsync("POST", $"/accounts/{Own}/onboarding")).Status.ShouldBe(HttpStatusCode.Conflict);
        var (imported, text) = await _shop.CallAsync("POST", "/accounts/import", new[] { Registration(Own) });
        imported.ShouldBe(HttpStatusCode.BadRequest, text);
        text.ShouldContain("Qrie's own credentials");
        (await Accounts.FindAsync("shop", Own, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(AccountStatus.Active)]
    [InlineData(AccountStatus.Pending)]
    public async Task An_account_that_another_organization_watches_or_has_pending_cannot_be_claimed(AccountStatus status)
    {
        await StoreAsync(Victim, status);

        (await _shop.CallAsync("POST", "/accounts", Registration(Victim))).Status.ShouldBe(HttpStatusCode.Conflict);
        var preview = await _shop.JsonAsync("POST", "/accounts/import?dry_run=true", new[] { Registration(Victim) });
        preview.GetProperty("lines")[0].GetProperty("outcome").GetString().ShouldBe("error");
        (await _shop.CallAsync("POST", "/accounts/import", new[] { Registration(Victim) })).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await Accounts.FindAsync("shop", Victim, default)).ShouldBeNull();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(AccountStatus.Removed)]
    public async Task An_unclaimed_account_is_accessed_by_its_role_with_an_issued_external_id(AccountStatus? status)
    {
        await StoreAsync(Victim, status, externalId: "id-of-the-first-organization");
        await _shop.JsonAsync("POST", "/accounts", Registration(Victim), HttpStatusCode.Created);

        var account = (await Accounts.FindAsync("shop", Victim, default))!;
        var principal = AwsRoles.PrincipalFor(account, new AmbientIdentity(Victim, "aws", "arn"), new AwsApiOptions { ExternalId = "common" });

        principal.RoleArn.ShouldBe($"arn:aws:iam::{Victim}:role/QrieReadOnly-{Victim}");
        principal.ExternalId.ShouldBe((await OnboardAsync(_shop, Victim)).GetProperty("external_id").GetString());
        principal.ExternalId.ShouldNotBe("id-of-the-first-organization");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(null, "chosen-by-them")]
    [InlineData("arn:aws:iam::222222222222:role/Q", null)]
    public void Without_a_role_and_an_issued_external_id_there_is_no_access(string? role, string? externalId)
    {
        var account = new Account { Organization = "shop", AccountId = Victim, RoleArn = role, ExternalId = externalId };

        AwsRoles.PrincipalFor(account, new AmbientIdentity(Victim, "aws", "arn"), new AwsApiOptions { ExternalId = "common" })
            .ShouldBe(AwsPrincipal.WithoutAccess(Victim));
    }

    [Fact]
    public async Task Every_organization_and_account_has_its_own_external_id()
    {
        await _qrie.MakeOrganizationAsync("bank");
        using var bank = await _qrie.ClientAsync(Role.Admin, "bank");
        using var own = await _qrie.ClientAsync(Role.Admin);
        var ids = new List<string>();
        foreach (var client in (HttpClient[])[_shop, bank, own])
        {
            foreach (var account in (string[])[Victim, "333333333333"])
            {
                var bundle = await OnboardAsync(client, account);
                bundle.GetProperty("template").GetString()!.ShouldContain(bundle.GetProperty("external_id").GetString()!);
                ids.Add(bundle.GetProperty("external_id").GetString()!);
                (await OnboardAsync(client, account)).GetProperty("external_id").GetString().ShouldBe(ids[^1]);
            }
        }

        ids.Distinct().Count().ShouldBe(6);
        ids.ShouldAllBe(id => id.Length >= 32);
        (await _shop.JsonAsync("GET", "/accounts/onboarding")).GetProperty("external_id").ValueKind.ShouldBe(JsonValueKind.Null);
        (await own.JsonAsync("GET", "/accounts/onboarding")).GetProperty("external_id").ValueKind.ShouldBe(JsonValueKind.String);
    }

    [Theory]
    [InlineData("POST", "/accounts", """{"account_id":"333333333333"}""", "role_arn")]
    [InlineData("POST", "/accounts", """{"account_id":"333333333333","role_arn":"arn:aws:iam::{account}:role/Q","external_id":"chosen"}""", "external_id")]
    [InlineData("PUT", "/accounts/222222222222", """{"role_arn":"arn:aws:iam::{account}:role/Q","external_id":"chosen"}""", "external_id")]
    [InlineData("PUT", "/accounts/222222222222", """{"name":"x"}""", "role_arn")]
    [InlineData("PATCH", "/accounts/222222222222", """{"external_id":"chosen"}""", "external_id")]
    [InlineData("PATCH", "/accounts/222222222222", """{"external_id":null}""", "external_id")]
    [InlineData("PATCH", "/accounts/222222222222", """{"role_arn":null}""", "role_arn")]
    public async Task A_role_is_required_and_an_external_id_is_refused(string method, string path, string body, string field)
    {
        await _shop.JsonAsync("POST", "/accounts", Registration(Victim), HttpStatusCode.Created);
        var before = (await Accounts.FindAsync("shop", Victim, default))!.ExternalId;

        (await _shop.JsonAsync(method, path, body, HttpStatusCode.BadRequest)).GetProperty("errors").EnumerateObject().Single().Name.ShouldBe(field);

        (await Accounts.FindAsync("shop", Victim, default))!.ExternalId.ShouldBe(before);
        (await Accounts.FindAsync("shop", "333333333333", default)).ShouldBeNull();
    }

    [Fact]
    public async Task An_import_issues_external_ids_and_accepts_none()
    {
        var (status, text) = await _shop.CallAsync("POST", "/accounts/import", new object[]
        {
            Registration("444444444444"),
            new { account_id = "555555555555", role_arn = ReadRole, external_id = "chosen" },
            new { account_id = "666666666666" },
        });
        var errors = JsonElement.Parse(text).GetProperty("lines").EnumerateArray().Select(l => string.Join(
            ',', l.GetProperty("errors").EnumerateObject().Select(e => e.Name)));
        (status, string.Join(';', errors)).ShouldBe((HttpStatusCode.BadRequest, ";external_id;role_arn"));

        await _shop.JsonAsync("POST", "/accounts/import", new[] { Registration("444444444444"), Registration("555555555555") });

        foreach (var account in (string[])["444444444444", "555555555555"])
        {
            (await Accounts.FindAsync("shop", account, default))!.ExternalId
                .ShouldBe((await OnboardAsync(_shop, account)).GetProperty("external_id").GetString());
        }
    }

    private static object Registration(string account) => new { account_id = account, role_arn = ReadRole };

    private static Task<JsonElement> OnboardAsync(HttpClient client, string account) => client.JsonAsync("POST", $"/accounts/{account}/onboarding");

    /// <summary>Brings an account of <c>default</c> into a state; null for an account that was never registered.</summary>
    private async Task StoreAsync(string account, AccountStatus? status, string? externalId = null)
    {
        if (status is not { } wanted)
        {
            if (await Accounts.FindAsync(Organizations.Default, account, default) is not null)
            {
                using var admin = await _qrie.ClientAsync(Role.Admin);
                (await admin.CallAsync("DELETE", $"/accounts/{account}?purge=true&confirm={account}")).Status.ShouldBe(HttpStatusCode.OK);
            }

            return;
        }

        var change = new AccountChange(account, stored => (stored ?? new Account { Organization = Organizations.Default, AccountId = account }) with
        {
            Status = wanted,
            ExternalId = externalId,
        });
        await Accounts.ChangeAsync(Organizations.Default, [change], allOrNothing: true, default);
    }
}
