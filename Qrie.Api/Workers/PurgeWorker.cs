using Qrie.Domain.Management;

namespace Qrie.Api.Workers;

/// <summary>Purges accounts as soon as somebody asks for it, and goes on with what a crash cut off.</summary>
internal sealed class PurgeWorker(AccountPurger purger, TimeProvider clock, ILogger<PurgeWorker> logger)
    : PeriodicWorker("Purging accounts", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override Task Asked => purger.Asked;

    protected override Task RunOnceAsync(CancellationToken cancel) => purger.RunAsync(cancel);
}
