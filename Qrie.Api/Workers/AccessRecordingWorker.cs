using Qrie.Domain.Access;

namespace Qrie.Api.Workers;

/// <summary>Writes down every minute which keys were used and how many were refused: so often, and no more, however many requests come.</summary>
internal sealed class AccessRecordingWorker(ApiKeys keys, RefusedLogins refused, TimeProvider clock, ILogger<AccessRecordingWorker> logger)
    : PeriodicWorker("Recording which keys were used", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        await keys.RecordUseAsync(cancel);
        await refused.RecordAsync(cancel);
    }

    protected override Task FinishAsync() => RunOnceAsync(CancellationToken.None);
}
