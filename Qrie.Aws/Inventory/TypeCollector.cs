using System.Threading.Channels;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Reads one type of a unit: lists, describes in groups, and reports how the list ended.</summary>
internal sealed class TypeCollector
{
    /// <summary>Rows that are described together and may share calls.</summary>
    private const int GroupSize = 100;

    /// <summary>Resources in one item of the stream.</summary>
    private const int BatchSize = 200;

    /// <summary>Groups that are being described while the list goes on.</summary>
    private const int GroupsAhead = 2;

    private readonly ResourceTypeDefinition _type;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _cancel;
    private readonly SourceRunner _runner;
    private readonly SingleResourceReader _one;
    private readonly ResourceDescriber _describer;

    public TypeCollector(UnitContext unit, ResourceTypeDefinition type, TimeProvider clock, CancellationToken cancel)
    {
        _type = type;
        _clock = clock;
        _cancel = cancel;
        var evaluator = new ExpressionEvaluator(unit, cancel);
        var caller = new StepCaller(unit, evaluator);
        _runner = new SourceRunner(unit, caller, evaluator, cancel);
        _one = new SingleResourceReader(_runner, clock);
        _describer = new ResourceDescriber(unit, type, _runner, evaluator, new ExistenceCheck(_one, _runner, IsRequested), clock);
    }

    /// <summary>All resources, in batches, then the end.</summary>
    public async Task CollectAsync(Func<CollectedItem, ValueTask> emit)
    {
        var before = _clock.GetUtcNow();
        var groups = Channel.CreateBounded<Task<IReadOnlyList<Described>>>(GroupsAhead);
        var listing = ListAsync(groups.Writer);
        var progress = new ListProgress();
        await foreach (var group in groups.Reader.ReadAllAsync(_cancel))
        {
            await EmitAsync(await group, progress, emit);
        }

        var end = await listing;
        await emit(End(before, end, progress));
    }

    public async Task<SingleCollectionResult> CollectOneAsync(string id)
    {
        var row = await _one.ReadAsync(_type, id, candidate => IsRequested(candidate, id));
        if (row.Error is { } problem)
        {
            return new SingleCollectionResult.Unreadable(problem.Code, problem.Message);
        }

        if (row.Row is null)
        {
            return new SingleCollectionResult.Gone(row.At);
        }

        return (await _describer.DescribeAsync([row.Row], _type.IsSingleton || _type.One is null ? null : id))[0] switch
        {
            Described.Found found => new SingleCollectionResult.Found(found.Resource),
            Described.Gone gone => new SingleCollectionResult.Gone(gone.At),
            Described.NotOne => new SingleCollectionResult.Gone(row.At),
            Described.Broken broken => new SingleCollectionResult.Unreadable(broken.Error.Code, broken.Error.Message),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is not an outcome."),
        };
    }

    private bool IsRequested(ListedRow row, string id) => _describer.IsRequested(row, id);

    private async Task<ListResult> ListAsync(ChannelWriter<Task<IReadOnlyList<Described>>> groups)
    {
        try
        {
            var end = await ReadRowsAsync(async rows =>
            {
                foreach (var group in rows.Chunk(GroupSize))
                {
                    // A slot in the channel is taken first, so that only a few groups are described at once.
                    await groups.WaitToWriteAsync(_cancel);
                    await groups.WriteAsync(_describer.DescribeAsync(group, null), _cancel);
                }
            });
            groups.Complete();
            return end;
        }
        catch (Exception failure)
        {
            groups.Complete(failure);
            throw;
        }
    }

    private async Task<ListResult> ReadRowsAsync(Func<IReadOnlyList<ListedRow>, Task> sink)
    {
        if (_type.List is null)
        {
            await sink([new ListedRow(JmesValue.FromObject(), DateTimeOffset.MaxValue, [])]);
            return new ListResult(null, null);
        }

        return await _runner.ListAsync(_type.List, null, null, sink);
    }

    private async Task EmitAsync(IReadOnlyList<Described> group, ListProgress progress, Func<CollectedItem, ValueTask> emit)
    {
        var resources = new List<CollectedResource>();
        foreach (var described in group)
        {
            switch (described)
            {
                case Described.Found found when _type.IsSingleton && IsNotAvailable(found):
                    progress.Error ??= found.Errors[0];
                    break;
                case Described.Found found:
                    resources.Add(found.Resource);
                    break;
                case Described.Gone gone:
                    await emit(new ResourceGone(_type.Type, gone.Id, gone.At));
                    break;
                case Described.Broken broken:
                    progress.Error ??= broken.Error;
                    progress.Broken++;
                    break;
                default:
                    break;
            }
        }

        progress.Resources += resources.Count;
        foreach (var batch in resources.Chunk(BatchSize))
        {
            await emit(new ResourcesCollected(_type.Type, batch));
        }
    }

    /// <summary>A service that is not offered here has no settings either: the singleton does not exist, which is not an error.</summary>
    private bool IsNotAvailable(Described.Found found) =>
        found.Errors.Count > 0 && found.Errors.Count >= _type.Describe.Count && found.Errors.All(problem => IsUnavailable(problem.Kind));

    private TypeListed End(DateTimeOffset before, ListResult end, ListProgress progress)
    {
        var began = end.Began ?? before;
        var problem = end.Error ?? progress.Error;
        if (problem is null)
        {
            return new TypeListed(_type.Type, began, ListOutcome.Complete);
        }

        var outcome = progress.Resources > 0 || progress.Broken > 0 ? ListOutcome.Incomplete
            : problem.Kind is AwsErrorKind.Denied ? ListOutcome.Denied
            : IsUnavailable(problem.Kind) ? ListOutcome.NotAvailable
            : problem.Code == CollectionError.Truncated ? ListOutcome.Incomplete
            : ListOutcome.Failed;
        return new TypeListed(_type.Type, began, outcome, problem.Code, problem.Message);
    }

    private static bool IsUnavailable(AwsErrorKind? kind) => kind is AwsErrorKind.RegionUnavailable or AwsErrorKind.NotSubscribed;

    /// <summary>The results of a list so far.</summary>
    private sealed class ListProgress
    {
        public int Resources { get; set; }

        public int Broken { get; set; }

        public CollectionError? Error { get; set; }
    }
}
