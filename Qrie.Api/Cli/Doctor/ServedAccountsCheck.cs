using System.Text.Json;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks accounts through a running Qrie, which knows their external ids.</summary>
internal sealed class ServedAccountsCheck(ServiceClient service, DoctorReport report)
{
    private const string Check = "accounts";
    private const int AtOnce = 4;

    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await CheckAllAsync(cancel);
        }
        catch (ServiceRefusedException e)
        {
            await report.AddAsync(
                Diagnostic.Skipped(Check, $"The running Qrie refused: {e.Message}", "Provide an admin's API key with --api-key or in QRIE_API_KEY."));
        }
        catch (ServiceUnreachableException e)
        {
            await report.AddAsync(Diagnostic.Skipped(Check, e.Message, "Try again while Qrie is running."));
        }
    }

    private async Task CheckAllAsync(CancellationToken cancel)
    {
        var ids = (await service.GetAsync("/accounts", cancel)).EnumerateArray().Select(a => a.GetProperty("account_id").GetString()!).ToList();
        var checks = new JsonElement[ids.Count];
        using var gate = new SemaphoreSlim(1, 1);
        var done = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, ids.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (i, stop) =>
            {
                checks[i] = await service.SendAsync(HttpMethod.Post, $"/accounts/{ids[i]}/check", null, stop);
                await gate.WaitAsync(stop);
                try
                {
                    await report.ProgressAsync("checking accounts:", ++done, ids.Count);
                }
                finally
                {
                    gate.Release();
                }
            });
        await SayAsync(ids, checks);
    }

    private async Task SayAsync(List<string> ids, JsonElement[] checks)
    {
        var entered = 0;
        for (var i = 0; i < ids.Count; i++)
        {
            if (checks[i].GetProperty("problem") is { ValueKind: JsonValueKind.Object } problem)
            {
                await report.AddAsync(Diagnostic.Problem(Check, $"{Text(problem, "code")} {Text(problem, "message")}", Text(problem, "remedy"), ids[i]));
                continue;
            }

            entered++;
            foreach (var missing in checks[i].GetProperty("missing").EnumerateArray())
            {
                await report.AddAsync(Diagnostic.Problem("services", $"AWS denies {Text(missing, "action")}.", Text(missing, "remedy"), ids[i]));
            }

            foreach (var failed in checks[i].GetProperty("services").EnumerateArray().Where(s => s.GetProperty("outcome").ValueEquals("failed")))
            {
                await report.AddAsync(Diagnostic.Problem(
                    "services", $"{Text(failed, "service")}: {Text(failed, "code")} {Text(failed, "message")}",
                    "Check that the service can be reached from Qrie, and try again.", ids[i]));
            }
        }

        await report.AddAsync(entered == 0 && ids.Count > 0
            ? Diagnostic.Problem(Check, $"None of {ids.Count} is accessible.", "Fix the problems above.")
            : Diagnostic.Ok(Check, $"{entered} of {ids.Count} are accessible, according to the running Qrie"));
        if (checks.FirstOrDefault(c => c.GetProperty("ok").GetBoolean()) is { ValueKind: JsonValueKind.Object } good)
        {
            foreach (var name in good.GetProperty("services").EnumerateArray())
            {
                await report.AddAsync(Diagnostic.Ok("services", $"responds in {Text(good, "account_id")}", Text(name, "service")));
            }
        }
    }

    private static string Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "–";
}
