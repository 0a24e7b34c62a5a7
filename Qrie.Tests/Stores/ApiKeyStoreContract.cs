using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class ApiKeyStoreContract : StoreContract
{
    [Fact]
    public async Task A_key_is_returned_as_created()
    {
        var key = Key("k1") with { Name = "Aufgabe 7 ✓", Role = Role.Operator, ExpiresAt = Some.At(60) };

        await Stores.Keys.AddAsync(key, None);

        (await Stores.Keys.FindAsync("k1", None)).ShouldBe(key);
        (await Stores.Keys.FindAsync("shop", "k1", None)).ShouldBe(key);
        (await Stores.Keys.FindAsync("K1", None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_key_of_another_organization_is_not_found()
    {
        await Stores.Keys.AddAsync(Key("k1"), None);

        (await Stores.Keys.FindAsync("bank", "k1", None)).ShouldBeNull();
        (await Stores.Keys.RevokeAsync("bank", "k1", Some.At(1), None)).ShouldBeNull();
        (await Stores.Keys.ListAsync("bank", new PageRequest(10), None)).Items.ShouldBeEmpty();
        (await Stores.Keys.FindAsync("k1", None))!.RevokedAt.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_is_revoked_once_and_stays_listed()
    {
        await Stores.Keys.AddAsync(Key("k1"), None);

        (await Stores.Keys.RevokeAsync("shop", "k1", Some.At(1), None))!.RevokedAt.ShouldBe(Some.At(1));
        (await Stores.Keys.RevokeAsync("shop", "k1", Some.At(2), None))!.RevokedAt.ShouldBe(Some.At(1));

        (await Stores.Keys.ListAsync("shop", new PageRequest(10), None)).Items.Single().StatusAt(Some.At(3)).ShouldBe(KeyStatus.Revoked);
    }

    [Fact]
    public async Task Expired_and_revoked_keys_do_not_count_as_usable()
    {
        (await Stores.Keys.AnyActiveAsync(Some.Noon, None)).ShouldBeFalse();
        await Stores.Keys.AddAsync(Key("revoked"), None);
        await Stores.Keys.RevokeAsync("shop", "revoked", Some.Noon, None);
        await Stores.Keys.AddAsync(Key("expires") with { ExpiresAt = Some.At(60) }, None);

        (await Stores.Keys.AnyActiveAsync(Some.At(59), None)).ShouldBeTrue();
        (await Stores.Keys.AnyActiveAsync(Some.At(60), None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Keys_are_paged_in_the_order_of_their_ids()
    {
        foreach (var id in (string[])["c", "a", "e", "b", "d"])
        {
            await Stores.Keys.AddAsync(Key(id), None);
        }

        var first = await Stores.Keys.ListAsync("shop", new PageRequest(2), None);
        var second = await Stores.Keys.ListAsync("shop", new PageRequest(3, first.Next), None);

        (first.Items.Select(k => k.KeyId), second.Items.Select(k => k.KeyId), second.Next).ShouldSatisfyAllConditions(
            p => p.Item1.ShouldBe(["a", "b"]), p => p.Item2.ShouldBe(["c", "d", "e"]), p => p.Next.ShouldBeNull());
    }

    [Fact]
    public async Task The_time_of_the_last_use_never_decreases()
    {
        await Stores.Keys.AddAsync(Key("k1"), None);
        await Stores.Keys.AddAsync(Key("k2"), None);

        await Stores.Keys.RecordUseAsync(new Dictionary<string, DateTimeOffset> { ["k1"] = Some.At(20), ["gone"] = Some.At(20) }, None);
        await Stores.Keys.RecordUseAsync(new Dictionary<string, DateTimeOffset> { ["k1"] = Some.At(10) }, None);

        (await Stores.Keys.FindAsync("k1", None))!.LastUsedAt.ShouldBe(Some.At(20));
        (await Stores.Keys.FindAsync("k2", None))!.LastUsedAt.ShouldBeNull();
    }

    private static ApiKey Key(string id) => new()
    {
        Organization = "shop",
        KeyId = id,
        Role = Role.Reader,
        SecretHash = "hash",
        CreatedAt = Some.Noon,
        CreatedBy = "cli:root",
    };
}
