using Qrie.Domain.Access;
using Qrie.Domain.Validation;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Access;

public sealed class ApiKeysTests : IAsyncLifetime, IDisposable
{
    private readonly FakeClock _clock = new();
    private readonly SqliteFile _file = new();
    private StoreSet _stores = null!;
    private ApiKeys _keys = null!;

    public async ValueTask InitializeAsync()
    {
        _stores = await _file.OpenAsync();
        await _stores.Organizations.AddAsync(new Organization("shop", null, Some.Noon), default);
        _keys = new ApiKeys(_stores.Keys, _stores.Organizations, _clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _stores.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_new_key_is_known_with_its_organization_and_role()
    {
        var (key, text) = await MakeAsync(Role.Operator);

        var check = await _keys.CheckAsync(text.Reveal(), default);

        check.Refusal.ShouldBeNull();
        check.Key.ShouldBe(key);
        (key.Organization, key.Role, key.CreatedBy).ShouldBe(("shop", Role.Operator, "cli:root"));
    }

    [Fact]
    public async Task Secrets_are_not_stored()
    {
        var (_, text) = await MakeAsync();
        await _stores.DisposeAsync();

        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(_file.Path)!))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            System.Text.Encoding.Latin1.GetString(bytes).ShouldNotContain(text.Secret);
        }
    }

    [Fact]
    public async Task A_use_that_could_not_be_stored_is_stored_the_next_time()
    {
        var (key, text) = await MakeAsync();
        await _keys.CheckAsync(text.Reveal(), default);

        await Should.ThrowAsync<OperationCanceledException>(() => _keys.RecordUseAsync(new CancellationToken(canceled: true)));
        await _keys.RecordUseAsync(default);

        (await _stores.Keys.FindAsync(key.KeyId, default))!.LastUsedAt.ShouldBe(_clock.Now);
    }

    [Fact]
    public async Task Refusals_that_could_not_be_stored_are_stored_once_the_next_time()
    {
        var refused = new RefusedLogins(_stores.RefusedLogins, _clock);
        refused.Note(KeyRefusal.Unknown);

        await Should.ThrowAsync<OperationCanceledException>(() => refused.RecordAsync(new CancellationToken(canceled: true)));
        refused.Note(KeyRefusal.Unknown);
        await refused.RecordAsync(default);
        await refused.RecordAsync(default);

        (await _stores.RefusedLogins.ListAsync(DateOnly.MinValue, default)).ShouldHaveSingleItem().N.ShouldBe(2);
    }

    [Fact]
    public async Task A_key_prints_without_its_secret()
    {
        var (key, text) = await MakeAsync();

        $"{text}{key}".ShouldNotContain(text.Secret);
        text.Reveal().ShouldEndWith(text.Secret);
    }

    [Fact]
    public async Task A_missing_or_changed_character_makes_a_key_invalid()
    {
        var whole = (await MakeAsync()).Text.Reveal();

        for (var i = 0; i < whole.Length; i++)
        {
            var other = whole[i] == 'a' ? 'b' : 'a';
            (await _keys.CheckAsync($"{whole[..i]}{other}{whole[(i + 1)..]}", default)).Key.ShouldBeNull($"character {i}");
            (await _keys.CheckAsync(whole.Remove(i, 1), default)).Refusal.ShouldBe(KeyRefusal.Malformed);
        }

        (await _keys.CheckAsync(whole, default)).Key.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("qrie_")]
    [InlineData("qrie_0123456789abcdef_")]
    [InlineData("qrie_0123456789abcdeF_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("qrie_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0")]
    [InlineData("qrie_0123456789abcdef_äAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Text_without_the_form_of_a_key_is_malformed(string text) =>
        (await _keys.CheckAsync(text, default)).Refusal.ShouldBe(KeyRefusal.Malformed);

    [Fact]
    public async Task Text_in_the_form_of_a_key_is_an_unknown_key() =>
        (await _keys.CheckAsync("qrie_0123456789abcdef_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", default)).Refusal.ShouldBe(KeyRefusal.Unknown);

    [Fact]
    public async Task The_id_of_one_key_with_the_secret_of_another_is_unknown()
    {
        var (one, two) = ((await MakeAsync()).Text, (await MakeAsync()).Text);

        (await _keys.CheckAsync(new ApiKeyText(one.KeyId, two.Secret).Reveal(), default)).ShouldBe(new KeyCheck(null, KeyRefusal.Unknown));
        (await _keys.CheckAsync(ApiKeyText.New().Reveal(), default)).ShouldBe(new KeyCheck(null, KeyRefusal.Unknown));
    }

    [Fact]
    public async Task A_key_is_refused_from_its_expiry_on()
    {
        var text = (await MakeAsync(expiresAt: _clock.GetUtcNow().AddDays(90))).Text.Reveal();

        _clock.Advance(TimeSpan.FromDays(90) - TimeSpan.FromSeconds(1));
        (await _keys.CheckAsync(text, default)).Key.ShouldNotBeNull();
        _clock.Advance(TimeSpan.FromSeconds(1));
        (await _keys.CheckAsync(text, default)).Refusal.ShouldBe(KeyRefusal.Expired);
    }

    [Fact]
    public async Task Expiry_and_revocation_are_disclosed_only_with_the_right_secret()
    {
        var (key, text) = await MakeAsync();
        await _keys.RevokeAsync("shop", key.KeyId, default);

        (await _keys.CheckAsync(text.Reveal(), default)).Refusal.ShouldBe(KeyRefusal.Revoked);
        (await _keys.CheckAsync(new ApiKeyText(key.KeyId, ApiKeyText.New().Secret).Reveal(), default)).Refusal.ShouldBe(KeyRefusal.Unknown);
    }

    [Fact]
    public async Task Another_organization_cannot_revoke_it()
    {
        var (key, text) = await MakeAsync();

        await Should.ThrowAsync<NotFoundException>(() => _keys.RevokeAsync("default", key.KeyId, default));

        (await _keys.CheckAsync(text.Reveal(), default)).Key.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_last_use_is_stored_periodically_and_not_at_every_request()
    {
        var (key, text) = await MakeAsync();
        await _keys.CheckAsync(text.Reveal(), default);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await _keys.CheckAsync(text.Reveal(), default);
        (await _stores.Keys.FindAsync(key.KeyId, default))!.LastUsedAt.ShouldBeNull();

        await _keys.RecordUseAsync(default);

        (await _stores.Keys.FindAsync(key.KeyId, default))!.LastUsedAt.ShouldBe(_clock.GetUtcNow());
    }

    [Theory]
    [InlineData("shop", null, null, null, "role")]
    [InlineData("nowhere", Role.Reader, null, null, "organization")]
    [InlineData("shop", Role.Reader, "", null, "name")]
    [InlineData("shop", Role.Reader, "two\nlines", null, "name")]
    [InlineData("shop", Role.Reader, null, 0, "expires_at")]
    [InlineData("shop", Role.Reader, null, 4000, "expires_at")]
    public async Task Invalid_values_are_named(string organization, Role? role, string? name, int? days, string field)
    {
        var input = new NewApiKey(organization, role, name, days is { } d ? _clock.GetUtcNow().AddDays(d) : null, "cli:root");

        (await Should.ThrowAsync<InvalidInputException>(() => _keys.CreateAsync(input, default))).Errors.ByField.Keys.ShouldBe([field]);
    }

    private Task<(ApiKey Key, ApiKeyText Text)> MakeAsync(Role role = Role.Reader, DateTimeOffset? expiresAt = null) =>
        _keys.CreateAsync(new NewApiKey("shop", role, "test", expiresAt, "cli:root"), default);
}
