using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>Executes the request, or prints the HTTP requests that would.</summary>
internal sealed class QopOperations(QopRequest request, ServiceClient service, QopReport report)
{
    public Task<int> RunAsync(CancellationToken cancel) => request.Action switch
    {
        QopAction.GenerateInventory => Scans().InventoryAsync(cancel),
        QopAction.ScanAccount => Scans().ScanAccountAsync(cancel),
        QopAction.AddAccount => Accounts().AddAsync(cancel),
        QopAction.RemoveAccount => Accounts().RemoveAsync(cancel),
        QopAction.List => Accounts().ListAsync(cancel),
        QopAction.Info => new ServiceInfo(service, report).RunAsync(cancel),
        _ => new ApiTest(request, service, report).RunAsync(cancel),
    };

    /// <summary><c>--dry-run</c>.</summary>
    public async Task<int> PrintAsync()
    {
        IEnumerable<string> requests = request.Action switch
        {
            QopAction.GenerateInventory => [service.Curl(HttpMethod.Post, "/scans", ScanOperations.Body(request, "inventory"))],
            QopAction.ScanAccount =>
            [
                service.Curl(HttpMethod.Post, "/scans", ScanOperations.Body(request, "inventory")),
                service.Curl(HttpMethod.Post, "/scans", ScanOperations.Body(request, "policy")),
            ],
            QopAction.AddAccount => [service.Curl(HttpMethod.Post, "/accounts", AccountOperations.Body(request))],
            QopAction.RemoveAccount => [service.Curl(HttpMethod.Delete, $"/accounts/{request.AccountId}")],
            QopAction.List => [service.Curl(HttpMethod.Get, AccountOperations.AllAccounts)],
            QopAction.Info => ServiceInfo.Paths.Select(p => service.Curl(HttpMethod.Get, p)),
            _ => ApiTest.Of(request).Select(c => service.Curl(HttpMethod.Get, c.Path)),
        };
        List<string> lines = [.. requests];
        await report.ResultAsync(lines);
        await report.FinishAsync(new { Requests = lines });
        return ExitCodes.Done;
    }

    private ScanOperations Scans() => new(request, service, report);

    private AccountOperations Accounts() => new(request, service, report);
}
