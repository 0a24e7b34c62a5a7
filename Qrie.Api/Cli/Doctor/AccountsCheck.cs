using Qrie.Api.Endpoints.Accounts;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks access to every account, and every service in one of them.</summary>
internal sealed class AccountsCheck(AccountCheck check, ResourceCatalog catalog, CatalogPermissions permissions, DoctorReport report, TimeProvider clock)
{
    private const string Check = "accounts";
    private const int AtOnce = 8;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Assumes the role of each account. Returns the accessible ones.</summary>
    public async Task<IReadOnlyList<Account>> EnterAllAsync(IReadOnlyList<Account> accounts, CancellationToken cancel)
    {
        var refused = new Dictionary<string, Diagnostic>();
        using var gate = new SemaphoreSlim(1, 1);
        var done = 0;
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (account, stop) =>
        {
            var problem = await EnterAsync(account, stop);
            await gate.WaitAsync(stop);
            try
            {
                if (problem is not null)
                {
                    refused[account.AccountId] = problem;
                }

                await report.ProgressAsync("assuming roles:", ++done, accounts.Count);
            }
            finally
            {
                gate.Release();
            }
        });
        foreach (var diagnostic in accounts.Select(a => refused.GetValueOrDefault(a.AccountId)).OfType<Diagnostic>())
        {
            await report.AddAsync(diagnostic);
        }

        await report.AddAsync(accounts.Count == refused.Count && refused.Count > 0
            ? Diagnostic.Problem(Check, $"None of {accounts.Count} is accessible.", "Fix the problems above.")
            : Diagnostic.Ok(Check, $"{accounts.Count - refused.Count} of {accounts.Count} are accessible"));
        return [.. accounts.Where(a => !refused.ContainsKey(a.AccountId))];
    }

    /// <summary>Calls every service of the catalog in one account.</summary>
    public async Task ServicesAsync(Account account, CancellationToken cancel)
    {
        await report.ProgressAsync($"checking {catalog.Services.Count} services in {account.AccountId}");
        var result = await check.RunAsync(account, catalog, cancel);
        foreach (var calls in result.Calls.GroupBy(c => c.Service))
        {
            await report.AddAsync(Evaluate(account.AccountId, calls.Key, [.. calls]));
        }
    }

    private async Task<Diagnostic?> EnterAsync(Account account, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(_patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            var result = await check.EnterAsync(account, both.Token);
            return result.Code is null ? null
                : Diagnostic.Problem(Check, $"{result.Code} {result.Message}", CheckView.Remedy(account, result), account.AccountId);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Diagnostic.Problem(
                Check, $"AWS did not respond within {_patience.TotalSeconds:0} s.", "Check that the network is open, and try again.", account.AccountId);
        }
    }

    private Diagnostic Evaluate(string account, string service, IReadOnlyList<CheckedCall> calls)
    {
        const string check = "services";
        List<string> denied = [.. calls.Where(c => c.Outcome == CallOutcome.Denied).Select(c => permissions.ActionOf(c.Operation)).Distinct()];
        if (denied.Count > 0)
        {
            return Diagnostic.Problem(
                check, $"AWS denies {string.Join(", ", denied)} in {account}.",
                "Allow them: update the role's stack with the template of GET /accounts/onboarding. "
                + $"POST /accounts/{account}/check lists the affected policies.", service);
        }

        return calls.FirstOrDefault(c => c.Outcome == CallOutcome.Failed) is { } failed
            ? Diagnostic.Problem(
                check, $"{failed.Operation} in {failed.Region}: {failed.Code} {failed.Message}",
                "Check that the service can be reached from here, and try again.", service)
            : Diagnostic.Ok(check, calls.All(c => c.Outcome == CallOutcome.NotAvailable) ? $"not offered in {calls[0].Region}"
                : $"responds in {account}", service);
    }
}
