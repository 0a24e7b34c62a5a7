using Qrie.Domain.Accounts.Purging;

namespace Qrie.Api.Workers;

/// <summary>Purges accounts as soon as somebody asks for it, and goes on with what a crash cut off.</summary>
internal sealed class Purging(AccountPurger purger, TimeProvider clock, ILogger<Purging> logger)
    : RepeatedWork("Purging accounts", TimeSpan.FromMinutes(1), clock, logger)
{
    protected override Task Asked => purger.Asked;

    protected override Task RunOnceAsync(CancellationToken cancel) => purger.RunAsync(cancel);
}
