using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

public abstract class PolicyStoreContract : StoreContract
{
    [Fact]
    public async Task A_launched_policy_is_returned_as_launched_with_its_first_revision()
    {
        var policy = Some.Policy() with
        {
            Scope = new PolicyScope
            {
                IncludeAccounts = [Some.AccountId],
                ExcludeTags = new Dictionary<string, IReadOnlyList<string>> { ["Env"] = ["test", "dév"] },
                IncludeOuPaths = ["/Production"],
            },
            Severity = 0,
            Params = new Dictionary<string, System.Text.Json.JsonElement> { ["max_age_days"] = Some.Json("30") },
            Remediation = "Do *this*.",
        };

        (await Stores.Policies.LaunchAsync(policy, None))!.Revision.ShouldBe(1);

        var found = (await Stores.Policies.FindAsync(Some.Org, Some.Public, None))!;
        (found.Status, found.Severity, found.Remediation, found.Revision, found.CreatedAt)
            .ShouldBe((PolicyStatus.Active, 0, "Do *this*.", 1, Some.Noon));
        found.Params["max_age_days"].GetInt32().ShouldBe(30);
        Some.Text(found.Scope).ShouldBe(Some.Text(policy.Scope));
    }

    [Fact]
    public async Task Settings_not_given_at_launch_stay_null()
    {
        await Stores.Policies.LaunchAsync(Some.Policy(), None);

        var found = (await Stores.Policies.FindAsync(Some.Org, Some.Public, None))!;

        (found.Severity, found.Remediation, found.Params.Count).ShouldBe((null, null, 0));
    }

    [Fact]
    public async Task An_active_policy_is_not_launched_again()
    {
        await Stores.Policies.LaunchAsync(Some.Policy() with { Severity = 10 }, None);

        (await Stores.Policies.LaunchAsync(Some.Policy() with { Severity = 20 }, None)).ShouldBeNull();

        var found = (await Stores.Policies.FindAsync(Some.Org, Some.Public, None))!;
        (found.Severity, found.Revision).ShouldBe((10, 1));
    }

    [Fact]
    public async Task Every_change_of_status_creates_a_new_revision()
    {
        await Stores.Policies.LaunchAsync(Some.Policy(), None);

        var suspended = await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(1), None);
        var launched = await Stores.Policies.LaunchAsync(Some.Policy() with { CreatedAt = Some.At(2), UpdatedAt = Some.At(2) }, None);

        (suspended!.Status, suspended.Revision, suspended.UpdatedAt).ShouldBe((PolicyStatus.Suspended, 2, Some.At(1)));
        (launched!.Status, launched.Revision, launched.CreatedAt).ShouldBe((PolicyStatus.Active, 3, Some.At(2)));
    }

    [Fact]
    public async Task Revisions_continue_after_a_deletion()
    {
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Deleted, Some.At(1), None);

        (await Stores.Policies.LaunchAsync(Some.Policy(), None))!.Revision.ShouldBe(3);
    }

    [Fact]
    public async Task A_deleted_policy_is_not_returned()
    {
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Deleted, Some.At(1), None);

        (await Stores.Policies.FindAsync(Some.Org, Some.Public, None)).ShouldBeNull();
        (await Stores.Policies.ListAsync(Some.Org, None)).ShouldBeEmpty();
        (await Stores.Policies.ListAsync(Some.Org, [Some.Public], None)).ShouldBeEmpty();
        (await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.At(2), None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_policy_that_was_never_launched_has_no_status_to_change()
    {
        (await Stores.Policies.SetStatusAsync(Some.Org, Some.Public, PolicyStatus.Suspended, Some.Noon, None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_list_is_ordered_by_id_contains_suspended_ones_and_only_those_of_the_organization()
    {
        await Stores.Policies.LaunchAsync(Some.Policy("B"), None);
        await Stores.Policies.LaunchAsync(Some.Policy("A"), None);
        await Stores.Policies.LaunchAsync(Some.Policy("C", "another"), None);
        await Stores.Policies.SetStatusAsync(Some.Org, "B", PolicyStatus.Suspended, Some.Noon, None);

        (await Stores.Policies.ListAsync(Some.Org, None)).Select(p => (p.PolicyId, p.Status)).ShouldBe(
            [("A", PolicyStatus.Active), ("B", PolicyStatus.Suspended)]);
        (await Stores.Policies.ListAsync(Some.Org, ["C", "B", "D"], None)).Select(p => p.PolicyId).ShouldBe(["B"]);
    }

    [Fact]
    public async Task Of_many_concurrent_launches_of_a_policy_one_succeeds()
    {
        var launched = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Stores.Policies.LaunchAsync(Some.Policy(), None))));

        launched.Count(p => p is not null).ShouldBe(1);
    }
}
