using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Tests.Support;

namespace Qrie.Tests.Events;

/// <summary>Base of tests that process messages in a world of their own.</summary>
public abstract class EventProcessorTest : IAsyncLifetime
{
    private protected EventWorld World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await EventWorld.NewAsync();

    public async ValueTask DisposeAsync() => await World.DisposeAsync();

    private protected EventMessage Put(string bucket, DateTimeOffset? at = null) =>
        Message(EventWorld.Record("PutBucketVersioning", bucket, at ?? World.Clock.Now));

    private protected static EventMessage Message(string body) => new(Guid.NewGuid().ToString(), "receipt", body, 1);

    private protected Task<ProcessedBatch> ProcessAsync(params EventMessage[] messages) =>
        World.Processor.ProcessAsync(messages, hasDeadLetterQueue: false, default);

    private protected async Task WaitAsync(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            World.Clock.Advance(TimeSpan.FromSeconds(1));
            await World.Rechecks.RecheckResourcesAsync(default);
        }
    }

    private protected async Task<Dictionary<MessageOutcome, long>> OutcomesAsync() =>
        (await World.Events.ReadHealthAsync(Some.Org, Some.Noon.AddDays(-1), default)).Outcomes
            .GroupBy(o => o.Outcome).ToDictionary(g => g.Key, g => g.Sum(o => o.N));

    private protected async Task<Domain.Policies.Verdict> VerdictAsync(string bucket) =>
        (await World.Get<IFindingStore>().FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf(bucket), default))!.Verdicts
            .Single(v => v.PolicyId == Some.Unversioned).Verdict;

    private protected Task<Finding?> FindingAsync(string bucket) =>
        World.Get<IFindingStore>().FindAsync(Some.Org, Some.S3, Some.ArnOf(bucket), Some.Unversioned, default);
}
