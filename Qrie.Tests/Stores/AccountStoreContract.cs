using Qrie.Domain.Accounts;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class AccountStoreContract : StoreContract
{
    [Fact]
    public async Task An_account_comes_back_as_it_was_added()
    {
        var account = Some.Account() with
        {
            Name = "Zahlungen 💶",
            Ou = "/Production/Web",
            Tags = new Dictionary<string, string> { ["Team"] = "a;b=c", ["ключ"] = "" },
            RoleArn = "arn:aws:iam::111122223333:role/QrieReadOnly",
            ExternalId = "secret",
            Regions = ["eu-west-1", "us-east-1"],
        };

        (await Stores.Accounts.AddAsync(account, None)).ShouldBe(AddAccountOutcome.Added);

        Some.Text(await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None)).ShouldBe(Some.Text(account));
    }

    [Fact]
    public async Task What_is_not_known_of_an_account_stays_unknown()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);

        var found = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;

        (found.Name, found.Ou, found.Tags, found.Regions, found.LastInventoryAt).ShouldBe((null, null, null, null, null));
    }

    [Fact]
    public async Task An_account_that_is_active_is_not_added_again()
    {
        await Stores.Accounts.AddAsync(Some.Account() with { Name = "first" }, None);

        (await Stores.Accounts.AddAsync(Some.Account() with { Name = "second" }, None)).ShouldBe(AddAccountOutcome.AlreadyActive);

        (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!.Name.ShouldBe("first");
    }

    [Fact]
    public async Task An_account_is_active_in_one_organization_only()
    {
        await Stores.Accounts.AddAsync(Some.Account(organization: "one"), None);

        (await Stores.Accounts.AddAsync(Some.Account(organization: "two"), None)).ShouldBe(AddAccountOutcome.ActiveElsewhere);

        (await Stores.Accounts.FindAsync("two", Some.AccountId, None)).ShouldBeNull();
    }

    [Fact]
    public async Task An_account_that_was_removed_may_move_to_another_organization()
    {
        await Stores.Accounts.AddAsync(Some.Account(organization: "one"), None);
        await Stores.RemoveAccountAsync("one", Some.AccountId);

        (await Stores.Accounts.AddAsync(Some.Account(organization: "two"), None)).ShouldBe(AddAccountOutcome.Added);
    }

    [Fact]
    public async Task A_removed_account_that_comes_back_keeps_its_creation_time()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        await Stores.Accounts.AddAsync(Some.Account() with { Name = "again", CreatedAt = Some.At(60), UpdatedAt = Some.At(60) }, None);

        var found = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;
        (found.Status, found.Name, found.CreatedAt, found.UpdatedAt).ShouldBe((AccountStatus.Active, "again", Some.Noon, Some.At(60)));
    }

    [Fact]
    public async Task The_list_is_ordered_by_id_and_leaves_removed_accounts_out_unless_asked_for()
    {
        foreach (var id in new[] { "333333333333", "111111111111", "222222222222" })
        {
            await Stores.Accounts.AddAsync(Some.Account(id), None);
        }

        await Stores.Accounts.AddAsync(Some.Account("444444444444", "another"), None);
        await Stores.RemoveAccountAsync(Some.Org, "222222222222");

        (await Stores.Accounts.ListAsync(Some.Org, includeRemoved: false, None)).Select(a => a.AccountId).ShouldBe(["111111111111", "333333333333"]);
        (await Stores.Accounts.ListAsync(Some.Org, includeRemoved: true, None)).Select(a => (a.AccountId, a.Status)).ShouldBe(
            [("111111111111", AccountStatus.Active), ("222222222222", AccountStatus.Removed), ("333333333333", AccountStatus.Active)]);
    }

    [Fact]
    public async Task The_last_inventory_only_moves_forward()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);

        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, Some.At(20), None);
        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, Some.At(10), None);

        (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!.LastInventoryAt.ShouldBe(Some.At(20));
        (await Stores.Accounts.FindAsync(Some.Org, Some.OtherAccountId, None))!.LastInventoryAt.ShouldBeNull();
    }

    [Fact]
    public async Task Of_many_who_add_an_account_at_once_one_succeeds()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Task.Run(() => Stores.Accounts.AddAsync(Some.Account(organization: $"org-{i}"), None))));

        outcomes.Count(o => o == AddAccountOutcome.Added).ShouldBe(1);
        outcomes.Count(o => o == AddAccountOutcome.ActiveElsewhere).ShouldBe(7);
    }
}
