using Qrie.Api.Hosting;
using Qrie.Domain.Transfer;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli;

/// <summary>The errors of commands that use the store without a service, with their exit codes.</summary>
internal static class StoreErrors
{
    /// <summary>Runs a command and prints why it failed.</summary>
    public static async Task<int> HandleAsync(CliConsole console, Func<Task> work)
    {
        try
        {
            await work();
            return ExitCodes.Done;
        }
        catch (StartRefusedException e)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return ExitCodes.WrongUse;
        }
        catch (Exception e) when (e is TransferException or StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return ExitCodes.Failed;
        }
    }
}
