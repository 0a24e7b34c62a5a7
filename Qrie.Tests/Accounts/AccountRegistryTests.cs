using Qrie.Domain.Accounts;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Accounts;

public sealed class AccountRegistryTests : IAsyncLifetime
{
    private static readonly NewAccount Plain = new(Some.Org, Some.AccountId, null, null, null, null, null);

    private readonly FakeClock _clock = new(Some.At(10));
    private StoreSet _stores = null!;
    private AccountRegistry _registry = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        _registry = new AccountRegistry(
            _stores.Accounts, new AccountClaims(new ExternalIds(_stores.ExternalIds, _clock), new KnownRegions()), new MinimalCatalog(), _clock);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    [Fact]
    public async Task An_account_is_registered_with_the_given_settings()
    {
        var input = new NewAccount(
            Some.Org, Some.AccountId, "Shop", "/Production/Wéb", "arn:aws:iam::111122223333:role/path/Qrie-Read.Only", "ab", ["eu-west-1", "us-gov-east-1"]);

        var account = await _registry.AddAsync(input, default);

        Some.Text(await _stores.Accounts.FindAsync(Some.Org, Some.AccountId, default)).ShouldBe(Some.Text(account));
        (account.Name, account.Ou, account.Status, account.CreatedAt).ShouldBe(("Shop", "/Production/Wéb", AccountStatus.Active, Some.At(10)));
    }

    public static TheoryData<string, NewAccount> Wrong => new()
    {
        { "account_id", Plain with { AccountId = null } },
        { "account_id", Plain with { AccountId = "" } },
        { "account_id", Plain with { AccountId = "12345678901" } },
        { "account_id", Plain with { AccountId = "1234567890123" } },
        { "account_id", Plain with { AccountId = "12345678901a" } },
        { "account_id", Plain with { AccountId = "111122223333\n" } },
        { "account_id", Plain with { AccountId = "١١١١٢٢٢٢٣٣٣٣" } },
        { "name", Plain with { Name = new string('x', 201) } },
        { "ou", Plain with { Ou = "" } },
        { "ou", Plain with { Ou = new string('x', 501) } },
        { "ou", Plain with { Ou = "/a\nb" } },
        { "ou", Plain with { Ou = "/a\n" } },
        { "role_arn", Plain with { RoleArn = "" } },
        { "role_arn", Plain with { RoleArn = "QrieReadOnly" } },
        { "role_arn", Plain with { RoleArn = "arn:aws:iam::111122223333:user/me" } },
        { "role_arn", Plain with { RoleArn = "arn:aws:iam::444455556666:role/QrieReadOnly" } },
        { "role_arn", Plain with { RoleArn = "arn:aws:iam::111122223333:role/QrieReadOnly\n" } },
        { "external_id", Plain with { ExternalId = "x" } },
        { "external_id", Plain with { ExternalId = "with space" } },
        { "external_id", Plain with { ExternalId = new string('x', 1225) } },
        { "external_id", Plain with { ExternalId = "secret\n" } },
        { "external_id", Plain with { ExternalId = "sécret" } },
        { "role_arn", Plain with { RoleArn = "arn:aws:iam::111122223333:role/Rôle" } },
        { "regions", Plain with { Regions = [] } },
        { "regions", Plain with { Regions = ["eu-west-1", "Ireland"] } },
        { "regions", Plain with { Regions = ["global"] } },
        { "regions", Plain with { Regions = [null!] } },
        { "regions", Plain with { Regions = ["eu-west-1\n"] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Invalid_values_are_refused_by_field_and_nothing_is_registered(string field, NewAccount input)
    {
        var refusal = await Should.ThrowAsync<InvalidInputException>(() => _registry.AddAsync(input, default));

        refusal.Errors.ByField.Keys.ShouldBe([field]);
        (await _stores.Accounts.ListAsync(Some.Org, true, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_errors_are_reported_at_once()
    {
        var input = new NewAccount(Some.Org, "1", new string('x', 201), "", "no", "x", ["nowhere", "here"]);

        var refusal = await Should.ThrowAsync<InvalidInputException>(() => _registry.AddAsync(input, default));

        refusal.Errors.ByField.Keys.Order().ShouldBe(["account_id", "external_id", "name", "ou", "regions", "role_arn"]);
        refusal.Errors.ByField["regions"].ShouldBe(
            ["regions: 'nowhere' is not the name of a region such as eu-west-1.", "regions: 'here' is not the name of a region such as eu-west-1."]);
    }

    [Fact]
    public async Task An_account_that_is_already_registered_is_a_conflict()
    {
        await _registry.AddAsync(Plain, default);

        (await Should.ThrowAsync<ConflictException>(() => _registry.AddAsync(Plain, default))).Message.ShouldContain("already registered");
        await _registry.AddAsync(Plain with { AccountId = Some.OtherAccountId }, default);
        var claim = Plain with { Organization = "another", AccountId = Some.OtherAccountId, RoleArn = "arn:aws:iam::{account}:role/Q" };
        (await Should.ThrowAsync<ConflictException>(() => _registry.AddAsync(claim, default))).Message.ShouldContain("another organization");
    }

    [Fact]
    public async Task The_account_of_the_credentials_is_registered_once_and_its_settings_are_not_changed()
    {
        (await _registry.EnsureAsync(Some.Org, Some.AccountId, default)).ShouldBeTrue();
        (await _registry.EnsureAsync(Some.Org, Some.AccountId, default)).ShouldBeFalse();

        await _registry.AddAsync(Plain with { AccountId = Some.OtherAccountId, Name = "named" }, default);
        (await _registry.EnsureAsync(Some.Org, Some.OtherAccountId, default)).ShouldBeFalse();
        (await _stores.Accounts.FindAsync(Some.Org, Some.OtherAccountId, default))!.Name.ShouldBe("named");
    }

    [Fact]
    public async Task A_removed_account_is_not_registered_again_at_startup()
    {
        await _registry.EnsureAsync(Some.Org, Some.AccountId, default);
        await _stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        (await _registry.EnsureAsync(Some.Org, Some.AccountId, default)).ShouldBeFalse();

        (await _stores.Accounts.FindAsync(Some.Org, Some.AccountId, default))!.Status.ShouldBe(AccountStatus.Removed);
    }
}
