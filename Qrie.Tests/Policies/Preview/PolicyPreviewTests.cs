using System.Security.Cryptography;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies.Preview;

/// <summary>Side effects and limits of previews. Their correctness is tested by <see cref="PreviewEqualsScanTests"/>.</summary>
public sealed class PolicyPreviewTests : IAsyncLifetime
{
    private const string Small = """{"Kind":"a","Size":1,"Created":"2026-11-01T00:00:00Z"}""";
    private const string Large = """{"Kind":"a","Size":9}""";

    private PreviewWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        _world = await PreviewWorld.NewAsync();
        await _world.Get<IAccountStore>().AddAsync(Some.Account(), default);
        await _world.Get<IAccountStore>().AddAsync(Some.Account(Some.OtherAccountId), default);
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Nothing_is_written()
    {
        await _world.WriteAsync(Some.Org, Some.Bucket("a", configuration: Large), Some.Bucket("b", configuration: Small));
        await _world.ApplyAsync();
        await _world.WriteAsync(Some.Org, Some.Bucket("c", configuration: Large)); // changed since the last scan, so a scan would move sequences
        var rows = await _world.DumpAsync();
        var file = FileHash();

        (await _world.PreviewAsync(severity: 95, max: 0)).Verdicts.Fail.ShouldBe(3);
        (await _world.PreviewAsync(scope: new PolicyScope { ExcludeAccounts = [Some.AccountId] })).WouldResolve[ResolvedReason.ScopeExcluded].ShouldBe(1);

        (await _world.DumpAsync()).ShouldBe(rows);
        FileHash().ShouldBe(file);
        rows.ShouldContain("change_sequences: 'default','111122223333_s3',");
    }

    [Fact]
    public async Task Samples_show_every_kind_of_change_and_no_more_than_twenty()
    {
        await _world.WriteAsync(Some.Org, [.. Enumerable.Range(0, 30).Select(i => Some.Bucket(Some.Numbered("old", i), configuration: Large))]);
        await _world.ApplyAsync();
        await _world.WriteAsync(Some.Org, [.. Enumerable.Range(0, 30).Select(i => Some.Bucket(Some.Numbered("new", i), configuration: Large))]);
        await _world.WriteAsync(Some.Org, Some.Bucket("old0007", at: 5, configuration: Small));

        var preview = await _world.PreviewAsync(severity: 95);

        (preview.WouldOpen, preview.WouldStay, preview.SeverityChanges[(60, 95)]).ShouldBe((30, 29, 29));
        preview.WouldResolve.ShouldBe(new Dictionary<ResolvedReason, long> { [ResolvedReason.Compliant] = 1 });
        preview.Samples.CountBy(s => s.Change).ToDictionary().ShouldBe(
            new Dictionary<PreviewedChange, int> { [PreviewedChange.Open] = 10, [PreviewedChange.Resolve] = 1, [PreviewedChange.Severity] = 9 },
            ignoreOrder: true);
        preview.Samples.Where(s => s.Change == PreviewedChange.Open).Select(s => s.Arn)
            .ShouldBe(Enumerable.Range(0, 10).Select(i => Some.ArnOf(Some.Numbered("new", i))));
        var resolved = preview.Samples.Single(s => s.Change == PreviewedChange.Resolve);
        (resolved.Arn, resolved.Reason, resolved.Evidence.GetRawText()).ShouldBe((Some.ArnOf("old0007"), ResolvedReason.Compliant, """{"size":9,"max":3}"""));
    }

    [Fact]
    public async Task A_preview_over_several_ranges_is_complete_and_deterministic()
    {
        foreach (var region in new[] { "us-west-2", "eu-west-1" })
        {
            await _world.WriteAsync(Some.Org, [.. Enumerable.Range(0, 1200).Select(i =>
                Some.Bucket(Some.Numbered(region, i), configuration: i % 3 == 0 ? Large : Small) with { ListedIn = region, Region = region })]);
        }

        await _world.WriteAsync(Some.Org, Some.Bucket("elsewhere", configuration: Large, account: Some.OtherAccountId));
        var preview = await _world.PreviewAsync();
        var again = await _world.PreviewAsync();

        (preview.Verdicts.Resources, preview.Verdicts.Fail, preview.WouldOpen).ShouldBe((2401, 801, 801));
        preview.ByRegion.ToDictionary(r => r.Key, r => r.Value.Resources)
            .ShouldBe(new Dictionary<string, long> { ["us-west-2"] = 1200, ["eu-west-1"] = 1201 }, ignoreOrder: true);
        preview.Samples.Select(s => s.Arn).ShouldBe(Enumerable.Range(0, 20).Select(i => Some.ArnOf(Some.Numbered("eu-west-1", i * 3))));
        Some.Text(again.Samples).ShouldBe(Some.Text(preview.Samples));
    }

    [Fact]
    public async Task Removed_accounts_are_omitted()
    {
        await _world.WriteAsync(Some.Org, Some.Bucket("a", configuration: Large), Some.Bucket("b", configuration: Large, account: Some.OtherAccountId));
        await _world.File.ExecuteAsync("UPDATE accounts SET status = 'removed' WHERE account_id = @id", new { id = Some.OtherAccountId });

        var preview = await _world.PreviewAsync();

        preview.ByAccount.Keys.ShouldBe([Some.AccountId]);
        preview.Samples.ShouldHaveSingleItem().AccountService.ShouldBe(Some.S3);
    }

    [Fact]
    public async Task Missing_settings_are_those_of_the_launch_or_else_of_the_definition()
    {
        await _world.WriteAsync(Some.Org, Some.Bucket("a", configuration: Large));
        var available = await _world.PreviewAsync();
        await _world.ApplyAsync(severity: 20, max: 100);
        var active = await _world.PreviewAsync();
        await _world.Get<PolicyLifeCycle>().SuspendAsync(Some.Org, PreviewWorld.PolicyId, default);
        var suspended = await _world.PreviewAsync(severity: 30);

        (available.Status, available.Policy.Severity, available.Verdicts.Fail).ShouldBe((null, 60, 1));
        (active.Status, active.Policy.Severity, active.Verdicts.Pass + active.Verdicts.Unknown).ShouldBe((PolicyStatus.Active, 20, 1));
        (suspended.Status, suspended.Policy.Severity, suspended.Verdicts.Fail).ShouldBe((PolicyStatus.Suspended, 30, 0));
    }

    [Fact]
    public async Task It_ends_when_the_caller_disconnects()
    {
        await _world.WriteAsync(Some.Org, [.. Enumerable.Range(0, 3000).Select(i => Some.Bucket(Some.Numbered("b", i), configuration: Large))]);
        using var gone = new CancellationTokenSource();
        var preview = _world.PreviewAsync(cancel: gone.Token);
        await gone.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => preview);
        (await _world.PreviewAsync()).Verdicts.Fail.ShouldBe(3000); // its slot was released
    }

    [Fact]
    public async Task A_policy_no_longer_in_the_catalog_is_a_conflict_with_a_remedy()
    {
        await _world.ApplyAsync();
        ((CatalogHolder)_world.Get<ICatalog>()).Replace(ResourceCatalog.Empty);

        (await Should.ThrowAsync<ConflictException>(() => _world.PreviewAsync())).Message.ShouldContain("DELETE /policies/S3BucketTooLarge");
    }

    private string FileHash() => string.Join(' ', new[] { "", "-wal" }.Select(suffix =>
    {
        using var stream = new FileStream(_world.File.Path + suffix, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return Convert.ToHexString(SHA256.HashData(stream));
    }));
}
