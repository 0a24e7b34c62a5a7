using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies.Lookups;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>Effects of an event beyond its resource: resources that look it up, and transitional states.</summary>
public sealed class EventDependentsTests : IAsyncLifetime
{
    private const string PolicyId = "S3BucketHubUnversioned";
    private const string Hub = "hub";

    private const string Service =
        """
        service: s3
        name: Amazon S3
        scope: global
        resources:
          - type: AWS::S3::Bucket
            list: { call: 's3:ListBuckets', select: Buckets }
            id: Name
            arn: 'arn:{$partition}:s3:::{Name}'
            settled: Versioning.Status == 'Enabled'
            events:
              - names: [PutBucketVersioning]
                id: requestParameters.bucketName
              - names: [DeleteBucket]
                id: requestParameters.bucketName
                gone: true
        """;

    private const string Policy =
        """
        id: S3BucketHubUnversioned
        title: The hub is not versioned
        description: Every bucket rests on the hub.
        resource: AWS::S3::Bucket
        category: logging
        severity: 80
        lookup:
          hub: { type: AWS::S3::Bucket, key: Name, equals: "'hub'" }
        violation: "$hub[?Versioning.Status != 'Enabled']"
        remediation: Version the hub.
        tests:
          - name: versioned
            config: { Name: a }
            related: { hub: [{ Name: hub, Versioning: { Status: Enabled } }] }
            expect: pass
          - name: not versioned
            config: { Name: a }
            related: { hub: [{ Name: hub, Versioning: { Status: Suspended } }] }
            expect: fail
        """;

    private EventWorld _world = null!;

    public async ValueTask InitializeAsync()
    {
        var catalog = CatalogLoader.Load(
            [new CatalogFile("services/s3.yaml", Service, CatalogFileKind.Service),
                new CatalogFile($"policies/s3/{PolicyId}.yaml", Policy, CatalogFileKind.Policy)]);
        _world = await EventWorld.NewAsync(catalog, PolicyId);
        _world.Aws.Change(Hub, versioned: true, TimeSpan.Zero);
        _world.Aws.Change("a", versioned: true, TimeSpan.Zero);
        await _world.ScanAsync();
        _world.Clock.Advance(TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task A_resource_is_reevaluated_when_an_event_changes_one_that_it_looks_up()
    {
        (await FindingAsync("a")).ShouldBeNull();

        await ChangeAsync(Hub, versioned: false);
        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);

        await ChangeAsync(Hub, versioned: true);
        var finding = (await FindingAsync("a"))!;
        (finding.State, finding.ResolvedReason, finding.ScanId).ShouldBe((FindingState.Resolved, ResolvedReason.Compliant, null));
        (await CountersOfScanAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task A_resource_is_reevaluated_when_one_that_it_looks_up_is_deleted()
    {
        await ChangeAsync(Hub, versioned: false);

        await ChangeAsync(Hub, versioned: null);

        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Resolved, "known to be nowhere, it violates nothing");
    }

    [Fact]
    public async Task An_event_without_a_changed_lookup_key_evaluates_no_dependents()
    {
        await ChangeAsync("b", versioned: true);
        var before = await EvaluatedAtAsync(Hub);
        _world.Clock.Advance(TimeSpan.FromMinutes(1));

        await ChangeAsync("b", versioned: false);

        (await EvaluatedAtAsync(Hub)).ShouldBe(before);
    }

    [Fact]
    public async Task Of_many_dependents_some_are_evaluated_with_the_event_and_the_rest_afterwards()
    {
        const int Many = 250;
        foreach (var name in Enumerable.Range(0, Many).Select(n => Some.Numbered("many-", n)))
        {
            _world.Aws.Change(name, versioned: true, TimeSpan.Zero);
        }

        await _world.ScanAsync();
        await ChangeAsync(Hub, versioned: false);
        var withEvent = await ActiveAsync();

        while (await _world.Rechecks.EvaluateDependentsAsync(default))
        {
        }

        (withEvent > 0 && withEvent < Many).ShouldBeTrue($"{withEvent} with the event");
        (await ActiveAsync()).ShouldBe(Many + 2, "and the hub itself, and a");
        (await CountersOfScanAsync()).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Evaluations_missing_after_a_crash_are_made_up_at_startup()
    {
        _world.Aws.Change(Hub, versioned: false, TimeSpan.Zero);
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var found = (SingleCollectionResult.Found)await _world.Aws.CollectOneAsync(
            new CollectionUnit(Some.Account(), Regions.Global, "s3"), Some.BucketType, Hub, default);
        await _world.Get<IResourceStore>()
            .WriteAsync(Some.Org, [found.Resource with { Keys = _world.Get<LookupKeys>().Of(found.Resource) }], _world.Clock.Now, default);
        (await FindingAsync("a")).ShouldBeNull();

        await _world.Rechecks.EvaluateDependentsAsync(default);

        (await FindingAsync("a"))!.State.ShouldBe(FindingState.Active);
        (await _world.Rechecks.EvaluateDependentsAsync(default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_resource_in_a_transitional_state_is_rechecked_until_that_ends()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero); // changing
        _world.Aws.Change("a", versioned: true, TimeSpan.FromMinutes(9)); // finished, without an event
        await ProcessAsync("PutBucketVersioning", "a");

        (await LookedAfterAsync(TimeSpan.FromHours(1))).ShouldBe([30, 90, 270, 870]);

        (await _world.StateAsync()).ShouldContain("a Enabled");
    }

    [Fact]
    public async Task A_resource_that_stays_in_a_transitional_state_is_left_to_the_next_scan()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        await ProcessAsync("PutBucketVersioning", "a");

        (await LookedAfterAsync(TimeSpan.FromHours(3))).ShouldBe([30, 90, 270, 870, 2670]);

        (await _world.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Rechecks.ShouldBe(0);
    }

    [Fact]
    public async Task An_old_event_of_a_resource_in_a_transitional_state_still_causes_a_recheck()
    {
        _world.Aws.Change("a", versioned: false, TimeSpan.Zero);
        _world.Clock.Advance(TimeSpan.FromMinutes(5));
        await ProcessAsync("PutBucketVersioning", "a", _world.Clock.Now.AddMinutes(-4));

        (await LookedAfterAsync(TimeSpan.FromHours(1))).ShouldNotBeEmpty();
    }

    private async Task ChangeAsync(string bucket, bool? versioned)
    {
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        _world.Aws.Change(bucket, versioned, TimeSpan.Zero);
        await ProcessAsync(versioned is null ? "DeleteBucket" : "PutBucketVersioning", bucket);
    }

    private async Task ProcessAsync(string name, string bucket, DateTimeOffset? at = null)
    {
        var message = new EventMessage(Guid.NewGuid().ToString(), "r", EventWorld.Record(name, bucket, at ?? _world.Clock.Now), 1);
        (await _world.Processor.ProcessAsync([message], hasDeadLetterQueue: false, default)).Done.Count.ShouldBe(1);
    }

    /// <summary>The seconds after which it is described.</summary>
    private async Task<List<int>> LookedAfterAsync(TimeSpan time)
    {
        var looked = new List<int>();
        for (var second = 1; second <= time.TotalSeconds; second++)
        {
            _world.Clock.Advance(TimeSpan.FromSeconds(1));
            if (await _world.Rechecks.RecheckResourcesAsync(default))
            {
                looked.Add(second);
            }
        }

        return looked;
    }

    private async Task<(long Opened, long Closed)> CountersOfScanAsync()
    {
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        var counters = await _world.ScanAsync();
        return (counters[Domain.Work.ScanCounters.FindingsCreated], counters[Domain.Work.ScanCounters.FindingsClosed]);
    }

    private async Task<int> ActiveAsync() =>
        (await _world.Get<IFindingStore>()
            .ListAsync(Some.Org, new FindingFilter { State = FindingState.Active }, new Domain.PageRequest(1000), default)).Items.Count;

    private async Task<DateTimeOffset> EvaluatedAtAsync(string bucket) =>
        (await _world.Get<IFindingStore>().FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf(bucket), default))!.EvaluatedAt;

    private Task<Finding?> FindingAsync(string bucket) => _world.Get<IFindingStore>().FindAsync(Some.Org, Some.S3, Some.ArnOf(bucket), PolicyId, default);
}
