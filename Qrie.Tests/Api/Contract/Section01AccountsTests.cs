using System.Net;

namespace Qrie.Tests.Api.Contract;

/// <summary>contract.md section 1.1.</summary>
public sealed class Section01AccountsTests : IAsyncLifetime
{
    private RunningQrie _qrie = null!;

    public async ValueTask InitializeAsync() => _qrie = await RunningQrie.StartAsync();

    public async ValueTask DisposeAsync() => await _qrie.DisposeAsync();

    [Fact]
    public async Task Accounts_are_an_array_with_an_ou_that_is_never_null()
    {
        var (status, created) = await _qrie.PostAsync("/accounts", new
        {
            account_id = "210987654321",
            name = "Größe ✓",
            ou = "/Production/Shop",
            role_arn = "arn:aws:iam::210987654321:role/path/Qrie",
            external_id = "ext-1",
            regions = new[] { "eu-west-1" },
        });
        var (_, accounts) = await _qrie.GetAsync("/accounts");

        status.ShouldBe(HttpStatusCode.Created);
        created.GetProperty("name").GetString().ShouldBe("Größe ✓");
        accounts.EnumerateArray().Select(a => (a.GetProperty("account_id").GetString(), a.GetProperty("ou").GetString()))
            .ShouldBe([("123456789012", ""), ("210987654321", "/Production/Shop")]);
        accounts.ToString().ShouldNotContain("ext-1");
    }

    [Fact]
    public async Task All_accounts_are_returned_at_once()
    {
        for (var i = 0; i < 150; i++)
        {
            (await _qrie.PostAsync("/accounts", new { account_id = $"210987654{i:000}" })).Status.ShouldBe(HttpStatusCode.Created);
        }

        var (_, accounts) = await _qrie.GetAsync("/accounts?page_size=5");

        accounts.GetArrayLength().ShouldBe(151);
        accounts.EnumerateArray().Select(a => a.GetProperty("account_id").GetString()).ShouldBeInOrder();
    }
}
