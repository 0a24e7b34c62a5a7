using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary>Starts scans, waits for them and reports their results.</summary>
internal sealed class ScanOperations(QopRequest request, ServiceClient service, QopReport report)
{
    private readonly ScanWaiter _waiter = new(service, report);

    public static object Body(QopRequest request, string kind) => new { Kind = kind, request.AccountId, request.Service, request.ScanType };

    public async Task<int> InventoryAsync(CancellationToken cancel)
    {
        var scan = await RunAsync("inventory", cancel);
        await ShowAsync(scan);
        await report.FinishAsync(Summary(scan));
        return CodeOf(scan);
    }

    public async Task<int> ScanAccountAsync(CancellationToken cancel)
    {
        await report.InfoAsync("Step 1 of 2: inventory");
        var inventory = await RunAsync("inventory", cancel);
        await ShowAsync(inventory);

        // A failed inventory never blocks a policy scan, which evaluates the last stored data.
        await report.InfoAsync("Step 2 of 2: policies");
        var policy = await RunAsync("policy", cancel);
        await ShowAsync(policy);
        await report.FinishAsync(new { Inventory = Summary(inventory), Policy = Summary(policy) });
        return Math.Max(CodeOf(inventory), CodeOf(policy));
    }

    /// <summary>Waits for scans that are already running.</summary>
    public async Task<IReadOnlyList<JsonElement>> FollowAsync(IEnumerable<string> scanIds, CancellationToken cancel)
    {
        var scans = new List<JsonElement>();
        foreach (var id in scanIds)
        {
            scans.Add(await _waiter.WaitAsync(id, cancel));
            await ShowAsync(scans[^1]);
        }

        return scans;
    }

    /// <summary>0 if every unit completed.</summary>
    public static int CodeOf(JsonElement scan) => Text(scan, "status") == "completed" ? ExitCodes.Done : ExitCodes.Failed;

    /// <summary>The relevant part of a scan.</summary>
    public static object Summary(JsonElement scan) => new
    {
        ScanId = Text(scan, "scan_id"),
        Kind = Text(scan, "kind"),
        ScanType = Text(scan, "scan_type"),
        Status = Text(scan, "status"),
        Result = scan.GetProperty("result"),
        Units = scan.GetProperty("units"),
        Errors = scan.GetProperty("errors"),
    };

    private async Task<JsonElement> RunAsync(string kind, CancellationToken cancel)
    {
        var started = await service.SendAsync(HttpMethod.Post, "/scans", Body(request, kind), cancel);
        return await _waiter.WaitAsync(Text(started, "scan_id"), cancel);
    }

    private async Task ShowAsync(JsonElement scan)
    {
        var result = scan.GetProperty("result");
        var (name, numbers) = Text(scan, "kind") == "inventory"
            ? ("Inventory generation", [("Resources found", "total_resources")])
            : (
                "Policy scan",
                new[] { ("Resources processed", "processed_resources"), ("Findings created", "findings_created"), ("Findings closed", "findings_closed") });
        var ended = Text(scan, "status") switch { "completed" or "completed_with_errors" => "completed", var other => other };
        await report.ResultAsync(
        [
            $"{name} {ended}:",
            $"  Scan ID: {Text(scan, "scan_id")}",
            .. numbers.Select(n => $"  {n.Item1}: {Number(result, n.Item2)}"),
            $"  Duration: {Number(result, "scan_duration_ms")}ms",
        ]);
        foreach (var error in scan.GetProperty("errors").EnumerateArray())
        {
            await report.WarnAsync(
                $"{Optional(error, "account_id")} {Optional(error, "region")} {Optional(error, "service")}: "
                + $"{Optional(error, "code")} {Optional(error, "message")}");
        }

        if (Text(scan, "status") == "completed_with_errors")
        {
            await report.WarnAsync(
                $"{scan.GetProperty("units").GetProperty("failed")} of {scan.GetProperty("units").GetProperty("total")} units could not finish; "
                + "the rest is complete.");
        }

        if (Text(scan, "kind") == "policy" && Number(result, "policies_evaluated") == 0)
        {
            await report.WarnAsync("No active policy was evaluated: launch one with POST /policies/launch, or run an inventory first.");
        }
    }

    private static string Text(JsonElement item, string name) => item.GetProperty(name).GetString()!;

    private static string Optional(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "–";

    private static long Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
}
