using System.Threading.Channels;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Reads one type of a unit: lists, describes in groups, and tells how the list ended.</summary>
internal sealed class TypeCollector
{
    /// <summary>Rows that are described together and may share calls.</summary>
    private const int GroupSize = 100;

    /// <summary>Resources in one item of the stream.</summary>
    private const int BatchSize = 200;

    /// <summary>Groups that are being described while the list goes on.</summary>
    private const int GroupsAhead = 2;

    private readonly UnitContext _unit;
    private readonly ResourceTypeDefinition _type;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _cancel;
    private readonly ExpressionEvaluator _evaluator;
    private readonly StepCaller _caller;
    private readonly SourceRunner _runner;
    private readonly OneReader _one;
    private readonly ResourceDescriber _describer;

    public TypeCollector(UnitContext unit, ResourceTypeDefinition type, TimeProvider clock, CancellationToken cancel)
    {
        _unit = unit;
        _type = type;
        _clock = clock;
        _cancel = cancel;
        _evaluator = new ExpressionEvaluator(unit, cancel);
        _caller = new StepCaller(unit, _evaluator);
        _runner = new SourceRunner(_caller, _evaluator);
        _one = new OneReader(unit, _caller, _runner, _evaluator, clock, cancel);
        _describer = new ResourceDescriber(unit, type, _runner, _evaluator, new ExistenceCheck(_one, _runner, IsAskedFor), clock);
    }

    /// <summary>All resources, in batches, then the end.</summary>
    public async Task CollectAsync(Func<CollectedItem, ValueTask> emit)
    {
        var before = _clock.GetUtcNow();
        var groups = Channel.CreateBounded<Task<IReadOnlyList<Described>>>(GroupsAhead);
        var listing = ListAsync(groups.Writer);
        var tally = new Tally();
        await foreach (var group in groups.Reader.ReadAllAsync(_cancel))
        {
            await EmitAsync(await group, tally, emit);
        }

        var end = await listing;
        await emit(End(before, end, tally));
    }

    public async Task<CollectedOne> CollectOneAsync(string id)
    {
        var row = await _one.ReadAsync(_type, id, candidate => IsAskedFor(candidate, id));
        if (row.Trouble is { } trouble)
        {
            return new CollectedOne.Unclear(trouble.Code, trouble.Message);
        }

        if (row.Row is null)
        {
            return new CollectedOne.Gone(row.At);
        }

        return (await _describer.DescribeAsync([row.Row], _type.IsSingleton || _type.One is null ? null : id))[0] switch
        {
            Described.Found found => new CollectedOne.Found(found.Resource),
            Described.Gone gone => new CollectedOne.Gone(gone.At),
            Described.NotOne => new CollectedOne.Gone(row.At),
            Described.Broken broken => new CollectedOne.Unclear(broken.Trouble.Code, broken.Trouble.Message),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no outcome."),
        };
    }

    private bool IsAskedFor(ListedRow row, string id) => _describer.IsAskedFor(row, id);

    private async Task<ListEnd> ListAsync(ChannelWriter<Task<IReadOnlyList<Described>>> groups)
    {
        try
        {
            var end = await ReadRowsAsync(async rows =>
            {
                foreach (var group in rows.Chunk(GroupSize))
                {
                    // The place in the channel is taken first, so that no more than a few groups are described at once.
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

    private async Task<ListEnd> ReadRowsAsync(Func<IReadOnlyList<ListedRow>, Task> sink)
    {
        if (_type.List is null)
        {
            await sink([new ListedRow(JmesValue.FromObject(), DateTimeOffset.MaxValue, [])]);
            return new ListEnd(null, null);
        }

        using var list = new ListRunner(_unit, _caller, _runner, _evaluator, null, _cancel);
        return await list.RunAsync(_type.List, null, sink);
    }

    private async Task EmitAsync(IReadOnlyList<Described> group, Tally tally, Func<CollectedItem, ValueTask> emit)
    {
        var resources = new List<CollectedResource>();
        foreach (var described in group)
        {
            switch (described)
            {
                case Described.Found found when _type.IsSingleton && IsNotAvailable(found):
                    tally.Trouble ??= found.Troubles[0];
                    break;
                case Described.Found found:
                    resources.Add(found.Resource);
                    break;
                case Described.Gone gone:
                    await emit(new ResourceGone(_type.Type, gone.Id, gone.At));
                    break;
                case Described.Broken broken:
                    tally.Trouble ??= broken.Trouble;
                    tally.Broken++;
                    break;
                default:
                    break;
            }
        }

        tally.Resources += resources.Count;
        foreach (var batch in resources.Chunk(BatchSize))
        {
            await emit(new ResourcesCollected(_type.Type, batch));
        }
    }

    /// <summary>A service that is not offered here has no settings either: the singleton does not exist, which is no failure.</summary>
    private bool IsNotAvailable(Described.Found found) =>
        found.Troubles.Count > 0 && found.Troubles.Count >= _type.Describe.Count && found.Troubles.All(trouble => IsUnavailable(trouble.Kind));

    private TypeListed End(DateTimeOffset before, ListEnd end, Tally tally)
    {
        var began = end.Began ?? before;
        var trouble = end.Trouble ?? tally.Trouble;
        if (trouble is null)
        {
            return new TypeListed(_type.Type, began, ListOutcome.Complete);
        }

        var outcome = tally.Resources > 0 || tally.Broken > 0 ? ListOutcome.Incomplete
            : trouble.Kind is AwsErrorKind.Denied ? ListOutcome.Denied
            : IsUnavailable(trouble.Kind) ? ListOutcome.NotAvailable
            : trouble.Code == Trouble.Truncated ? ListOutcome.Incomplete
            : ListOutcome.Failed;
        return new TypeListed(_type.Type, began, outcome, trouble.Code, trouble.Message);
    }

    private static bool IsUnavailable(AwsErrorKind? kind) => kind is AwsErrorKind.RegionUnavailable or AwsErrorKind.NotSubscribed;

    /// <summary>What a list yielded so far.</summary>
    private sealed class Tally
    {
        public int Resources { get; set; }

        public int Broken { get; set; }

        public Trouble? Trouble { get; set; }
    }
}
