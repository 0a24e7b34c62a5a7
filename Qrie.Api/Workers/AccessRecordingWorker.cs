using Qrie.Domain.Access;

namespace Qrie.Api.Workers;

/// <summary>Records every minute which keys were used and how many were refused, however many requests there were.</summary>
internal sealed class AccessRecordingWorker(ApiKeys keys, RefusedLogins refused, TimeProvider clock, ILogger<AccessRecordingWorker> logger)
    : PeriodicWorker("Recording of key usage", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override async Task RunOnceAsync(CancellationToken cancel)
    {
        await keys.RecordUseAsync(cancel);
        await refused.RecordAsync(cancel);
    }

    protected override Task FinishAsync() => RunOnceAsync(CancellationToken.None);
}
