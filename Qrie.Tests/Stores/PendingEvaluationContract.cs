using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Pending evaluations and how the store determines them.</summary>
public abstract class PendingEvaluationContract : StoreContract
{
    private static readonly Dictionary<string, string> BucketsByFingerprint = new() { [Some.BucketType] = Some.Fingerprint };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Stores.Accounts.AddAsync(Some.Account(), None);
        await Stores.Policies.LaunchAsync(Some.Policy(), None);
    }

    [Fact]
    public async Task A_resource_without_an_evaluation_is_pending_and_returned_with_its_configuration()
    {
        await WriteAsync(Some.Bucket("a", configuration: """{"Name":"a"}"""));

        var chunk = await PendingAsync();

        var resource = chunk.Resources.ShouldHaveSingleItem();
        (resource.Id, resource.Configuration!.Value.GetRawText()).ShouldBe(("a", """{"Name":"a"}"""));
        chunk.Next.ShouldBeNull();
    }

    [Fact]
    public async Task An_unchanged_evaluated_resource_is_not_pending_after_another_description()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Passes());
        await WriteAsync(Some.Bucket("a", at: 50));

        var chunk = await PendingAsync();

        chunk.Resources.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_changed_configuration_is_pending()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Passes());
        await WriteAsync(Some.Bucket("a", at: 50, configuration: """{"v":2}"""));

        (await PendingAsync()).Resources.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Verdicts_of_other_policies_are_pending()
    {
        await EvaluatedAsync(Some.Bucket("a"), Some.Passes());

        (await PendingAsync(new Dictionary<string, string> { [Some.BucketType] = "fingerprint-2" })).Resources.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(99, 0)]
    [InlineData(100, 1)]
    [InlineData(101, 1)]
    public async Task Due_evaluations_are_pending(double now, int expected)
    {
        await WriteAsync(Some.Bucket("a"));
        await Stores.Findings.ApplyAsync(Some.Org, [Some.Evaluated(Some.Bucket("a"), Some.Passes()) with { NextDue = Some.At(100) }], null, None);

        (await PendingAsync(now: now)).Resources.Count.ShouldBe(expected);
    }

    [Theory]
    [InlineData(EvaluationSelection.All)]
    [InlineData(EvaluationSelection.Changed)]
    [InlineData(EvaluationSelection.Due)]
    public async Task Other_types_deleted_resources_and_other_accounts_are_not_considered(EvaluationSelection walk)
    {
        await WriteAsync(Some.Bucket("a") with { Type = "AWS::S3::AccessPoint" });
        await WriteAsync(Some.Bucket("b"));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("b", 5)], Some.Noon, None);
        await WriteAsync(Some.Bucket("c", account: Some.OtherAccountId));

        (await PendingAsync(walk: walk)).Resources.ShouldBeEmpty();
        (await PendingAsync(new Dictionary<string, string>(), walk: walk)).Resources.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(EvaluationSelection.All)]
    [InlineData(EvaluationSelection.Changed)]
    [InlineData(EvaluationSelection.Due)]
    public async Task Further_resources_are_returned_in_the_next_chunks_once_each(EvaluationSelection walk)
    {
        for (var i = 0; i < 5; i++)
        {
            await WriteAsync(Some.Bucket(Some.Numbered("b", i)));
            await ApplyAsync(Some.Evaluated(Some.Bucket(Some.Numbered("b", i)), Some.Passes()) with
            {
                Fingerprint = i == 1 ? Some.Fingerprint : "other",
                NextDue = i == 1 ? null : Some.At(10),
            });
        }

        var first = await PendingAsync(walk: walk, limit: 2);
        var second = await PendingAsync(walk: walk, limit: 2, after: first.Next);

        first.Resources.Count.ShouldBe(2);
        first.Resources.Concat(second.Resources).Select(r => r.Id).ShouldBe(["b0000", "b0002", "b0003", "b0004"], ignoreOrder: walk == EvaluationSelection.Due);
        second.Next.ShouldBeNull();
    }

    [Fact]
    public async Task Large_configurations_are_returned_in_smaller_chunks()
    {
        var large = $$"""{"Text":"{{new string('x', 5_000_000)}}"}""";
        await WriteAsync(Some.Bucket("a", configuration: large));
        await WriteAsync(Some.Bucket("b", configuration: large));
        await WriteAsync(Some.Bucket("c"));

        var first = await PendingAsync();
        var second = await PendingAsync(after: first.Next);

        first.Resources.Select(r => r.Id).ShouldBe(["a"]);
        second.Resources.Select(r => r.Id).ShouldBe(["b", "c"]);
        second.Next.ShouldBeNull();
    }

    [Fact]
    public async Task A_service_without_writes_has_no_sequence() =>
        Some.Text(await StateAsync()).ShouldBe(Some.Text(new EvaluationProgress(0, null, new Dictionary<string, TypeState>())));

    [Fact]
    public async Task Only_changes_increase_the_sequence()
    {
        await WriteAsync(Some.Bucket("a", at: 1));
        var created = await StateAsync();
        await WriteAsync(Some.Bucket("a", at: 2));
        await WriteAsync(Some.Bucket("a", at: 1, configuration: """{"v":0}"""));
        (await StateAsync()).Sequence.ShouldBe(created.Sequence);
        await WriteAsync(Some.Bucket("a", at: 3, configuration: """{"v":2}"""));
        var changed = await StateAsync();

        changed.Sequence.ShouldBeGreaterThan(created.Sequence);
        (await PendingAsync(walk: EvaluationSelection.Changed, since: created.Sequence)).Resources.ShouldHaveSingleItem();
        (await PendingAsync(walk: EvaluationSelection.Changed, since: changed.Sequence)).Resources.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_restored_resource_has_changed()
    {
        await WriteAsync(Some.Bucket("a", at: 1));
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("a", 2)], Some.Noon, None);
        var before = await StateAsync();
        before.Types[Some.BucketType].Alive.ShouldBe(0);
        await WriteAsync(Some.Bucket("a", at: 3));

        (await PendingAsync(walk: EvaluationSelection.Changed, since: before.Sequence)).Resources.ShouldHaveSingleItem();
        (await StateAsync()).Types[Some.BucketType].Alive.ShouldBe(1);
    }

    [Fact]
    public async Task Complete_evaluations_are_recorded_by_type()
    {
        await WriteAsync(Some.Bucket("a"));
        await WriteAsync(Some.Bucket("point") with { Type = "AWS::S3::AccessPoint" });
        await ApplyAsync(Some.Evaluated(Some.Bucket("a"), Some.Passes()) with { NextDue = Some.At(300) });
        await Stores.Findings.RecordEvaluatedAsync(Some.Org, Some.S3, new EvaluatedUnit([Some.Public], BucketsByFingerprint, 1, Some.Noon), None);

        var state = await StateAsync();
        state.Types[Some.BucketType].ShouldBe(new TypeState(1, Some.Fingerprint, 1));
        state.Types["AWS::S3::AccessPoint"].ShouldBe(new TypeState(1, null, 0));
        state.NextDue.ShouldBe(Some.At(300));
    }

    [Fact]
    public async Task Verdicts_with_changed_dependencies_are_stale_until_evaluated_again()
    {
        var hub = Some.Bucket("hub") with { Keys = [new LookupKey("Name", "hub")] };
        await WriteAsync(hub);
        await WriteAsync(Some.Bucket("a"));
        await EvaluateWithHubAsync();
        (await StaleAsync()).ShouldBeEmpty();

        await WriteAsync(Some.Bucket("hub", at: 50, configuration: """{"v":2}""") with { Keys = hub.Keys });
        (await StaleAsync()).ShouldBe([(Some.S3, Some.ArnOf("a"))]);

        await EvaluateWithHubAsync();
        (await StaleAsync()).ShouldBeEmpty();
        await Stores.Resources.DeleteAsync(Some.Org, [Some.Deletion("hub", 60)], Some.At(60), None);
        (await StaleAsync()).Count.ShouldBe(1);
        await Stores.RemoveAccountAsync(Some.Org, Some.AccountId);
        (await StaleAsync()).ShouldBeEmpty();
    }

    private async Task EvaluateWithHubAsync()
    {
        var lookup = new Lookup(Some.BucketType, "Name", "hub", null);
        var answer = await Stores.Resources.LookUpAsync(Some.Org, lookup, None);
        await ApplyAsync(Some.Evaluated(Some.Bucket("a"), Some.Passes()) with
        {
            Dependencies = [new LookupDependency(lookup, answer.Fingerprint)],
            NextDue = Some.At(900)
        });
    }

    private Task<IReadOnlyList<(string AccountService, string Arn)>> StaleAsync() => Stores.Findings.ListStaleAsync(Some.Org, 10, None);

    private async Task WriteAsync(CollectedResource resource) => await Stores.Resources.WriteAsync(Some.Org, [resource], resource.DescribeTime, None);

    private async Task ApplyAsync(EvaluatedResource evaluated) =>
        (await Stores.Findings.ApplyAsync(Some.Org, [evaluated], "scan-1", None)).Outcomes.ShouldBe([ApplyOutcome.Applied]);

    private async Task EvaluatedAsync(CollectedResource resource, params EvaluatedPolicy[] policies)
    {
        await WriteAsync(resource);
        await ApplyAsync(Some.Evaluated(resource, policies));
    }

    private Task<EvaluationProgress> StateAsync() => Stores.Findings.ReadEvaluationProgressAsync(Some.Org, Some.S3, None);

    private Task<EvaluationChunk> PendingAsync(
        IReadOnlyDictionary<string, string>? fingerprints = null, double now = 50, EvaluationCursor? after = null, int limit = 500,
        EvaluationSelection walk = EvaluationSelection.All, long since = 0) =>
        Stores.Findings.ReadPendingAsync(
            Some.Org, Some.S3, new EvaluationQuery(fingerprints ?? BucketsByFingerprint, Some.At(now), walk, since), after, limit, None);
}
