using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>Registers, removes and lists accounts.</summary>
internal sealed class AccountOperations(QopRequest request, ServiceClient service, QopReport report)
{
    public const string AllAccounts = "/accounts?status=all";

    private const string EnvironmentTag = "environment";

    private static readonly string[] _startedScans = ["inventory_scan_id", "policy_scan_id"];

    /// <summary>Only given settings: omitted ones keep their previous values when an account is restored.</summary>
    public static object Body(QopRequest request)
    {
        var body = new Dictionary<string, object> { ["account_id"] = request.AccountId! };
        (string Name, object? Value)[] settings =
        [
            ("name", request.AccountName),
            ("ou", request.Ou),
            ("tags", request.Environment is { } environment ? new Dictionary<string, string> { [EnvironmentTag] = environment } : null),
            ("role_arn", request.RoleArn),
            ("external_id", request.ExternalId),
            ("scan", request.Scan ? true : null),
        ];
        foreach (var (name, value) in settings.Where(s => s.Value is not null))
        {
            body[name] = value!;
        }

        return body;
    }

    public async Task<int> AddAsync(CancellationToken cancel)
    {
        var account = await service.SendAsync(HttpMethod.Post, "/accounts", Body(request), cancel);
        await report.ResultAsync($"Account {request.AccountId} added.");
        string[] started = [.. _startedScans.Select(n => account.GetProperty(n).GetString()).OfType<string>()];
        var scans = await new ScanOperations(request, service, report).FollowAsync(started, cancel);
        if (scans.Count == 0)
        {
            await report.InfoAsync($"Check access to it: {service.Curl(HttpMethod.Post, $"/accounts/{request.AccountId}/check")}");
        }

        await report.FinishAsync(new { Account = account, Scans = scans.Select(ScanOperations.Summary) });
        return scans.Select(ScanOperations.CodeOf).Append(ExitCodes.Done).Max();
    }

    public async Task<int> RemoveAsync(CancellationToken cancel)
    {
        var removed = await service.SendAsync(HttpMethod.Delete, $"/accounts/{request.AccountId}", null, cancel);
        await report.ResultAsync($"Account {request.AccountId} removed; its data is kept.");
        await report.FinishAsync(removed);
        return ExitCodes.Done;
    }

    public async Task<int> ListAsync(CancellationToken cancel)
    {
        var accounts = await service.GetAsync(AllAccounts, cancel);
        List<string[]> rows = [["Account ID", "Name", "Environment", "Status", "Created"]];
        rows.AddRange(accounts.EnumerateArray().Select(a => new[]
        {
            Text(a, "account_id"), Text(a, "name"), Text(a.GetProperty("tags"), EnvironmentTag), Text(a, "status"), Text(a, "created_at"),
        }));
        await report.ResultAsync(TextTable.Lines(rows));
        await report.ResultAsync($"{accounts.GetArrayLength()} accounts");
        await report.FinishAsync(accounts);
        return ExitCodes.Done;
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "-";
}
