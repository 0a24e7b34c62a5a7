using System.CommandLine;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli.Scans;

/// <summary><c>qrie scan</c>: scans accounts once, without a service: what the service would do, in a store that is deleted afterwards.</summary>
internal static class ScanCommand
{
    public const string Name = "scan";

    /// <param name="configuration">The service's, without its command line.</param>
    /// <param name="adjust">Replacements for tests; null for none.</param>
    public static Command Build(CliConsole console, Func<IConfiguration> configuration, Action<IHostApplicationBuilder>? adjust = null)
    {
        // Only to check names: expressions are typed when the scan begins.
        var names = new Lazy<ResourceCatalog>(() => CatalogLoader.Load(QrieServices.CatalogFolders(configuration())));
        var options = new ScanOptionSet(() => names.Value);
        var command = new Command(
            Name,
            "Scan accounts once, without a service, with the credentials of the environment. "
            + "Exit code 0: nothing found; 3: something found; 2: wrong use; 1: could not scan.");
        options.AddTo(command);
        command.Validators.Add(given =>
        {
            try
            {
                options.Read(given, given.AddError);
            }
            catch (CatalogException mistakes)
            {
                given.AddError($"The catalog has errors (qrie catalog check lists all): {mistakes.Errors[0]}");
            }
        });
        command.SetAction((parsed, cancel) => RunAsync(
            options.Read(parsed.CommandResult, _ => { }), console, configuration(), adjust, cancel));
        return command;
    }

    private static async Task<int> RunAsync(
        LocalScanRequest request, CliConsole console, IConfiguration configuration, Action<IHostApplicationBuilder>? adjust, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);

        // The first signal ends the scan with a partial result; the second one ends the process as usual.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await new LocalScan(request, console, configuration, adjust).RunAsync(stop.Token);
        }
        catch (Exception e) when (e is CatalogException or AwsCatalogException or OptionsValidationException or FormatException or StartRefusedException)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return ScanExitCodes.WrongUse;
        }
        catch (Exception e) when (e is NotScannedException or StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {e.Message}");
            return ScanExitCodes.NotScanned;
        }

        void Stop(PosixSignalContext signal)
        {
            if (!stop.IsCancellationRequested)
            {
                signal.Cancel = true;
                stop.Cancel();
            }
        }
    }
}

/// <summary>Nothing could be scanned; the message says why and what to do.</summary>
internal sealed class NotScannedException(string message) : Exception(message);
