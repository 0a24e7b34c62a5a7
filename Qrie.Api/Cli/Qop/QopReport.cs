using System.Text.Json;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Cli.Qop;

/// <summary>Reports actions and results, as lines or as JSON.</summary>
internal sealed class QopReport(QopRequest request, CliConsole console)
{
    private static readonly JsonSerializerOptions _json = new(ApiJson.Options) { WriteIndented = true };

    public CliConsole Console => console;

    /// <summary>Shows the action and asks for confirmation; read-only actions need none.</summary>
    public async Task<bool> ConfirmAsync(CancellationToken cancel)
    {
        if (request.Action is QopAction.List or QopAction.Info or QopAction.TestApi)
        {
            return true;
        }

        foreach (var line in Details())
        {
            await console.Errors.WriteLineAsync(line);
        }

        if (request.SkipConfirm)
        {
            return true;
        }

        await console.Errors.WriteAsync("Proceed? (y/N) ");
        await console.Errors.FlushAsync(cancel);
        // The console's reader blocks despite its name, and would not react to Ctrl-C.
        var answer = await Task.Run(console.Input.ReadLine, cancel).WaitAsync(cancel);
        if (answer?.Trim() is "y" or "Y" or "yes")
        {
            return true;
        }

        await FailAsync(answer is null ? "There was no input, so nothing was done; --skip-confirm skips the question."
            : "Nothing was done.", [], ExitCodes.Failed);
        return false;
    }

    public Task InfoAsync(string text) => console.Errors.WriteLineAsync($"[INFO] {text}");

    public Task WarnAsync(string text) => console.Errors.WriteLineAsync($"[WARNING] {text}");

    /// <summary>Prints result lines; omitted with <c>--json</c>, where <see cref="FinishAsync"/> prints everything.</summary>
    public async Task ResultAsync(params IEnumerable<string> lines)
    {
        if (!request.Json)
        {
            foreach (var line in lines)
            {
                await console.Output.WriteLineAsync(line);
            }
        }
    }

    /// <summary>Prints the result as JSON, if requested.</summary>
    public async Task FinishAsync(object result)
    {
        if (request.Json)
        {
            await console.Output.WriteLineAsync(JsonSerializer.Serialize(result, _json));
        }
    }

    /// <summary>Reports the failure and returns the exit code.</summary>
    public async Task<int> FailAsync(string error, IReadOnlyList<string> details, int exitCode)
    {
        await console.Errors.WriteLineAsync($"[ERROR] {error}");
        foreach (var detail in details)
        {
            await console.Errors.WriteLineAsync($"  {detail}");
        }

        await FinishAsync(new { Error = error, Details = details, ExitCode = exitCode });
        return exitCode;
    }

    private IEnumerable<string> Details()
    {
        yield return request.Action switch
        {
            QopAction.GenerateInventory => "Generate inventory",
            QopAction.ScanAccount => "Scan account: inventory, then policies",
            QopAction.AddAccount => "Add account",
            _ => "Remove account: scanning stops, its data is kept",
        };
        (string Name, string? Value)[] details =
        [
            ("URL", request.Url.AbsoluteUri),
            ("Account", request.AccountId ?? "all"),
            ("Service", request.Action is QopAction.GenerateInventory or QopAction.ScanAccount ? request.Service : null),
            ("Scan type", request.Action is QopAction.GenerateInventory or QopAction.ScanAccount ? request.ScanType : null),
            ("Name", request.AccountName),
            ("Environment", request.Environment),
            ("OU", request.Ou),
            ("Role", request.RoleArn),
            ("External id", request.ExternalId is null ? null : "as given"),
            ("Scan", request.Scan ? "yes" : null),
        ];
        foreach (var (name, value) in details.Where(d => d.Value is not null))
        {
            yield return $"  {name + ":",-13}{value}";
        }
    }
}
