using System.CommandLine;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Qop;

/// <summary><c>qrie qop</c>: operates a running Qrie, with the options and the output of the older tool of that name.</summary>
internal static class QopCommand
{
    public static Command Build(CliConsole console)
    {
        var options = new QopOptions();
        var command = new Command(
            "qop", "Operate a running Qrie over its REST API. Exit codes: 0 success, 1 refused or a scan failed, 2 invalid usage, 3 not reachable.");
        options.AddTo(command);
        command.Validators.Add(given =>
        {
            var errors = new List<string>();
            options.Read(given, errors);
            errors.ForEach(given.AddError);
        });
        command.SetAction((parsed, cancel) =>
        {
            var request = options.Read(parsed.CommandResult, []);
            return RunAsync(request, options.HasLegacy(parsed.CommandResult), console, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(QopRequest request, bool hasLegacy, CliConsole console, CancellationToken cancel)
    {
        using var service = new ServiceClient(request.Url, request.ApiKey);
        var report = new QopReport(request, console);
        try
        {
            if (hasLegacy)
            {
                await report.WarnAsync("--region and --profile have no effect: the service has its own regions and credentials.");
            }

            var operations = new QopOperations(request, service, report);
            if (request.DryRun)
            {
                return await operations.PrintAsync();
            }

            return await report.ConfirmAsync(cancel) ? await operations.RunAsync(cancel) : ExitCodes.Failed;
        }
        catch (ServiceRefusedException e)
        {
            return await report.FailAsync(e.Message, e.Details, ExitCodes.Failed);
        }
        catch (ServiceUnreachableException e)
        {
            return await report.FailAsync(e.Message, [], ExitCodes.Unreachable);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return await report.FailAsync("Stopped.", [], ExitCodes.Failed);
        }
    }
}
