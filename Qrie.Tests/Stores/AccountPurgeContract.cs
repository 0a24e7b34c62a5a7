using Qrie.Domain.Accounts;
using Qrie.Domain.Compliance;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Deleting an account permanently, in small steps that may be interrupted at any point.</summary>
public abstract class AccountPurgeContract : StoreContract
{
    private const int Buckets = 7;

    [Fact]
    public async Task An_interrupted_purge_continues_and_changes_no_counts_of_others()
    {
        await FillAsync(Some.AccountId);
        var alone = await NumbersAsync();
        await FillAsync(Some.OtherAccountId);
        var both = await NumbersAsync();
        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);
        (await Stores.Purges.BeginAsync(Some.Org, Some.OtherAccountId, Some.At(10), None)).ShouldBeTrue();
        (await Stores.Purges.BeginAsync(Some.Org, Some.OtherAccountId, Some.At(11), None)).ShouldBeTrue();

        // Two rows per step; the store may be read between steps.
        var steps = 0;
        while (await Stores.Purges.DeleteNextAsync(Some.Org, Some.OtherAccountId, 2, Some.At(12 + steps), None))
        {
            steps++;
            (await NumbersAsync()).ShouldBe(alone);
            (await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None)).ShouldBe(AddAccountOutcome.BeingPurged);
        }

        steps.ShouldBeGreaterThan(Stores.Share == 1 ? 20 : 15); // of the server that takes fewer samples, a step removes more
        (await NumbersAsync()).ShouldBe(alone);
        alone.ShouldNotBe(both);
        var purge = (await Stores.Purges.FindAsync(Some.Org, Some.OtherAccountId, None))!;
        (purge.RequestedAt, purge.Deleted["resources"], purge.Deleted["findings"], purge.Deleted["accounts"], purge.Checked)
            .ShouldBe((Some.At(10), Buckets, Buckets, 1, false));
        purge.FinishedAt.ShouldNotBeNull();
        (await Stores.Accounts.FindAsync(Some.Org, Some.OtherAccountId, None)).ShouldBeNull();
        (await Stores.Purges.DeleteNextAsync(Some.Org, Some.OtherAccountId, 2, Some.At(99), None)).ShouldBeFalse();
    }

    [Fact]
    public async Task Rows_written_during_a_purge_are_deleted_by_a_later_check()
    {
        await FillAsync(Some.AccountId);
        var alone = await NumbersAsync();
        await FillAsync(Some.OtherAccountId);
        await PurgeAsync();
        (await Stores.Purges.ListOpenAsync(Some.At(49), None)).ShouldBeEmpty(); // it ended later
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("late", account: Some.OtherAccountId)], Some.At(51), None);
        (await Stores.Purges.ListOpenAsync(Some.At(50), None)).Select(p => p.AccountId).ShouldBe([Some.OtherAccountId]);

        await Stores.Purges.CheckAgainAsync(Some.Org, Some.OtherAccountId, None);
        await DeleteAllAsync();

        (await NumbersAsync()).ShouldBe(alone);
        var purge = (await Stores.Purges.FindAsync(Some.Org, Some.OtherAccountId, None))!;
        (purge.Checked, purge.FinishedAt, purge.Deleted["resources"]).ShouldBe((true, Some.At(50), Buckets + 1));
        (await Stores.Purges.ListOpenAsync(Some.At(1000), None)).ShouldBeEmpty();
        (await Stores.Purges.ListIdsAsync(Some.Org, None)).ShouldBe([Some.OtherAccountId]);
    }

    [Fact]
    public async Task A_restored_account_is_not_purged_by_its_old_receipt()
    {
        await FillAsync(Some.OtherAccountId);
        await PurgeAsync();

        (await Stores.Accounts.AddAsync(Some.Account(Some.OtherAccountId), None)).ShouldBe(AddAccountOutcome.Added);
        await Stores.Resources.WriteAsync(Some.Org, [Some.Bucket("new", account: Some.OtherAccountId)], Some.At(60), None);
        await Stores.Purges.CheckAgainAsync(Some.Org, Some.OtherAccountId, None);
        await DeleteAllAsync();

        (await Stores.Purges.FindAsync(Some.Org, Some.OtherAccountId, None)).ShouldBeNull();
        (await Stores.Resources.FindAsync(Some.Org, $"{Some.OtherAccountId}_s3", Some.ArnOf("new"), None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Only_an_account_of_the_organization_is_purged()
    {
        await FillAsync(Some.AccountId);

        (await Stores.Purges.BeginAsync("another", Some.AccountId, Some.At(1), None)).ShouldBeFalse();
        (await Stores.Purges.DeleteNextAsync("another", Some.AccountId, 100, Some.At(1), None)).ShouldBeFalse();

        (await Stores.Purges.FindAsync("another", Some.AccountId, None)).ShouldBeNull();
        (await Stores.Accounts.FindAsync(Some.Org, Some.AccountId, None)).ShouldNotBeNull();
    }

    private async Task PurgeAsync()
    {
        await Stores.RemoveAccountAsync(Some.Org, Some.OtherAccountId);
        await Stores.Purges.BeginAsync(Some.Org, Some.OtherAccountId, Some.At(10), None);
        await DeleteAllAsync();
    }

    private async Task DeleteAllAsync()
    {
        while (await Stores.Purges.DeleteNextAsync(Some.Org, Some.OtherAccountId, 1000, Some.At(50), None))
        {
            // Until nothing is left.
        }
    }

    private async Task FillAsync(string account)
    {
        await Stores.Accounts.AddAsync(Some.Account(account) with { Ou = "/A/B" }, None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
        var buckets = Enumerable.Range(0, Buckets).Select(i => Some.Bucket($"{account}-{i}", account: account)).ToList();
        await Stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, None);
        await Stores.Findings.ApplyAsync(Some.Org, [.. buckets.Select(b => Some.Evaluated(b, Some.Fails()))], null, None);
        await Stores.Coverage.RecordAsync(Some.Org, Some.Coverage(account), None);
        var (scan, units) = Some.Scan($"scan-{account}", 0, (account, "s3"), (Some.AccountId, "ec2"));
        await Stores.Scans.CreateAsync(scan, units, None);
    }

    /// <summary>The data visible to all readers.</summary>
    private async Task<string> NumbersAsync() =>
        Some.Text(await Stores.Summaries.ReadDashboardAsync(Some.Org, new DateOnly(2026, 1, 1), new DateOnly(2026, 11, 1), None))
            + Some.Text(await Stores.Summaries.CountFindingsAsync(Some.Org, null, None))
            + Some.Text(await Stores.Compliance.ReadTotalsAsync(Some.Org, AccountSelection.All, None))
            + Some.Text(await Stores.Compliance.ReadTotalsAsync(Some.Org, AccountSelection.InOu("/A"), None));
}
