using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class AccountStoreContract : StoreContract
{
    [Fact]
    public async Task An_account_is_returned_as_added()
    {
        var account = Some.Account() with
        {
            Name = "Zahlungen 💶",
            Ou = "/Production/Web",
            Tags = new Dictionary<string, string> { ["Team"] = "a;b=c", ["ключ"] = "" },
            RoleArn = "arn:aws:iam::111122223333:role/QrieReadOnly",
            ExternalId = "secret",
            Regions = ["eu-west-1", "us-east-1"],
            Services = ["s3", "iam"],
        };

        (await Stores.Accounts.AddAsync(account, None)).ShouldBe(AddAccountOutcome.Added);

        Some.Text(await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None)).ShouldBe(Some.Text(account));
    }

    [Fact]
    public async Task Unknown_fields_of_an_account_stay_unknown()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);

        var found = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;

        (found.Name, found.Ou, found.Tags, found.Regions, found.LastInventoryAt).ShouldBe((null, null, null, null, null));
    }

    [Fact]
    public async Task An_active_account_is_not_added_again()
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
    public async Task A_removed_account_may_move_to_another_organization()
    {
        await Stores.Accounts.AddAsync(Some.Account(organization: "one"), None);
        await Stores.RemoveAccountAsync("one", Some.AccountId);

        (await Stores.Accounts.AddAsync(Some.Account(organization: "two"), None)).ShouldBe(AddAccountOutcome.Added);
    }

    [Fact]
    public async Task A_restored_account_keeps_its_creation_time()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);

        await Stores.Accounts.AddAsync(Some.Account() with { Name = "again", CreatedAt = Some.At(60), UpdatedAt = Some.At(60) }, None);

        var found = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;
        (found.Status, found.Name, found.CreatedAt, found.UpdatedAt).ShouldBe((AccountStatus.Active, "again", Some.Noon, Some.At(60)));
    }

    [Fact]
    public async Task The_list_is_ordered_by_id_and_contains_removed_accounts_only_on_request()
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
    public async Task The_time_of_the_last_inventory_never_decreases()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None);

        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(20), None);
        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(10), None);

        (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!.LastInventoryAt.ShouldBe(Some.At(20));
        (await Stores.Accounts.FindAsync(Some.Org, Some.OtherAccountId, None))!.LastInventoryAt.ShouldBeNull();
    }

    [Fact]
    public async Task Of_many_concurrent_additions_of_an_account_one_succeeds()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            Task.Run(() => Stores.Accounts.AddAsync(Some.Account(organization: $"org-{i}"), None))));

        outcomes.Count(o => o == AddAccountOutcome.Added).ShouldBe(1);
        outcomes.Count(o => o == AddAccountOutcome.ActiveElsewhere).ShouldBe(7);
    }

    [Fact]
    public async Task Changes_read_the_stored_account_and_return_their_result()
    {
        await Stores.Accounts.AddAsync(Some.Account() with { Name = "old" }, None);

        var results = await Stores.Accounts.ChangeAsync(
            Some.Org,
            [
                new AccountChange(Some.AccountId, stored => stored! with { Name = stored.Name + "er", CreatedAt = Some.At(99) }),
                new AccountChange(Some.OtherAccountId, stored => stored is null ? Some.Account(Some.OtherAccountId) : null),
                new AccountChange("777777777777", stored => stored),
            ],
            allOrNothing: true, None);

        results.Select(r => r.Outcome).ShouldBe([AccountChangeOutcome.Changed, AccountChangeOutcome.Added, AccountChangeOutcome.Unchanged]);
        (results[0].Before!.Name, results[1].Before, results[2].After).ShouldBe(("old", null, null));
        var changed = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;
        (changed.Name, changed.CreatedAt).ShouldBe(("older", Some.Noon));
        (await Stores.Accounts.ListAsync(Some.Org, true, None)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_change_prevents_the_others_only_in_all_or_nothing_mode(bool allOrNothing)
    {
        await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId, "another"), None);

        var results = await Stores.Accounts.ChangeAsync(
            Some.Org, [new AccountChange(Some.AccountId, _ => Some.Account()), new AccountChange(Some.OtherAccountId, _ => Some.Account(Some.OtherAccountId))],
            allOrNothing, None);

        results.Select(r => r.Outcome).ShouldBe([AccountChangeOutcome.Added, AccountChangeOutcome.ActiveElsewhere]);
        (await Stores.Accounts.ListAsync(Some.Org, true, None)).Count.ShouldBe(allOrNothing ? 0 : 1);
    }

    [Fact]
    public async Task An_account_is_found_in_any_organization_and_first_where_it_is_active()
    {
        await Stores.Accounts.AddAsync(Some.Account(organization: "one"), None);
        await Stores.RemoveAccountAsync("one", Some.AccountId);
        (await Stores.Accounts.FindAnywhereAsync(Some.AccountId, None))!.Status.ShouldBe(AccountStatus.Removed);

        await Stores.Accounts.AddAsync(Some.Account(organization: "two"), None);

        (await Stores.Accounts.FindAnywhereAsync(Some.AccountId, None))!.Organization.ShouldBe("two");
        (await Stores.Accounts.FindAnywhereAsync(Some.OtherAccountId, None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_pending_account_is_not_active()
    {
        await Stores.Accounts.AddAsync(Some.Account() with { Status = AccountStatus.Pending, MemberOf = "o-1" }, None);
        (await Stores.Accounts.AddAsync(Some.Account(organization: "another"), None)).ShouldBe(AddAccountOutcome.ActiveElsewhere);

        (await Stores.Accounts.ListAsync(Some.Org, includeRemoved: false, None)).ShouldBeEmpty();
        var found = (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None))!;
        (found.Status, found.MemberOf).ShouldBe((AccountStatus.Pending, "o-1"));
        (await Stores.Accounts.FindAnywhereAsync(Some.AccountId, None))!.Organization.ShouldBe(Some.Org);
    }

    [Fact]
    public async Task The_health_of_an_account_depends_on_the_outcomes_of_lists()
    {
        async Task ListAsync(string region, ListOutcome outcome, double at, string? code = null) => await Stores.Coverage.RecordAsync(
            Some.Org,
            Some.Coverage(region: region) with { Outcome = outcome, ErrorCode = code, Message = code, CheckedAt = Some.At(at), LastSuccessAt = null }, None);
        await ListAsync("eu-west-1", ListOutcome.Complete, 1);
        await ListAsync("us-east-1", ListOutcome.Denied, 2, "AccessDenied");
        await ListAsync("us-east-2", ListOutcome.NotAvailable, 3, "OptInRequired");
        await ListAsync("us-east-2", ListOutcome.Failed, 2, "Late");
        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(5), None);
        await Stores.Accounts.RecordInventoryAsync(Some.Org, Some.AccountId, "s3", Some.At(4), None);

        var health = (await Stores.Accounts.ListHealthAsync(Some.Org, Some.AccountId, None)).ShouldHaveSingleItem();
        health.ShouldBe(new AccountHealth(
            Some.AccountId, "s3", Some.At(5), 1, 1, 1, new AccountError("us-east-1", Some.BucketType, "AccessDenied", "AccessDenied", Some.At(2))));
        AccountHealth.CoveragePercent([health]).ShouldBe(50);

        await ListAsync("us-east-1", ListOutcome.Complete, 10);
        health = (await Stores.Accounts.ListHealthAsync(Some.Org, null, None)).ShouldHaveSingleItem();
        (health.Complete, health.NotAvailable, health.Broken, health.Error).ShouldBe((2, 1, 0, null));
        (await Stores.Accounts.ListHealthAsync("another", null, None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_error_of_the_whole_account_is_cleared_when_its_regions_are_known()
    {
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Accounts.RecordErrorAsync(
            Some.Org, Some.AccountId, AccountHealth.Whole, new AccountError(null, null, "AccessDenied", "no", Some.At(1)), None);
        (await Stores.Accounts.ListHealthAsync(Some.Org, null, None)).Single().Error!.Code.ShouldBe("AccessDenied");

        await Stores.Accounts.RecordRegionsAsync(Some.Org, new Dictionary<string, IReadOnlyList<string>> { [Some.AccountId] = ["eu-west-1"] }, None);

        (await Stores.Accounts.ListHealthAsync(Some.Org, null, None)).ShouldBeEmpty();
    }
}
