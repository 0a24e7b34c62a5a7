using System.Text.Json;
using Qrie.Api.Endpoints.Http;

namespace Qrie.Api.Cli.Qop;

/// <summary>Says what is done and what came of it, in lines or as JSON.</summary>
internal sealed class QopReport(QopRequest request, CliConsole console)
{
    private static readonly JsonSerializerOptions _json = new(ApiJson.Options) { WriteIndented = true };

    public CliConsole Console => console;

    /// <summary>Shows what will be done and asks; what only reads is not asked about.</summary>
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
        // The console's reader blocks, whatever its name says, and would not hear Ctrl-C.
        var answer = await Task.Run(console.Input.ReadLine, cancel).WaitAsync(cancel);
        if (answer?.Trim() is "y" or "Y" or "yes")
        {
            return true;
        }

        await FailAsync(answer is null ? "Nobody answered, so nothing was done; --skip-confirm asks nobody." : "Nothing was done.", [], ExitCodes.Failed);
        return false;
    }

    public Task InfoAsync(string text) => console.Errors.WriteLineAsync($"[INFO] {text}");

    public Task WarnAsync(string text) => console.Errors.WriteLineAsync($"[WARNING] {text}");

    /// <summary>Lines of a result; with <c>--json</c> they are left out, because <see cref="FinishAsync"/> says it all.</summary>
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

    /// <summary>The result as JSON, if that was asked for.</summary>
    public async Task FinishAsync(object result)
    {
        if (request.Json)
        {
            await console.Output.WriteLineAsync(JsonSerializer.Serialize(result, _json));
        }
    }

    /// <summary>Says why it went wrong, and gives the exit code back.</summary>
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
            _ => "Remove account: scanning stops, its data stays",
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
