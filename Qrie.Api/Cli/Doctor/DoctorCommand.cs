using System.CommandLine;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Service;
using Qrie.Api.Hosting;
using Qrie.Aws;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Validation;

namespace Qrie.Api.Cli.Doctor;

/// <summary><c>qrie doctor</c>: checks the prerequisites of Qrie, with the service's configuration, while the service is running or not.</summary>
internal static partial class DoctorCommand
{
    /// <param name="configuration">The service's, without its command line.</param>
    /// <param name="adjust">Replacements for tests; null for none.</param>
    public static Command Build(CliConsole console, Func<IConfiguration> configuration, Action<IServiceCollection>? adjust = null)
    {
        var options = new ServiceOptions();
        var json = new Option<bool>("--json") { Description = "Print the diagnostics as JSON" };
        var command = new Command(
            "doctor",
            "Check that Qrie has what it needs: credentials, clock, regions, queue, store, access to each account, every service. "
            + "Settings are given as for the service: --Store:Path=… "
            + "Exit code 1: there are problems.")
        {
            json,
        };
        options.AddTo(command);
        command.TreatUnmatchedTokensAsErrors = false; // settings
        command.Validators.Add(given =>
        {
            var errors = new List<string>();
            options.Read(given, errors);
            errors.ForEach(given.AddError);
        });
        command.SetAction(async (parsed, cancel) =>
        {
            List<string> wrong = [.. parsed.UnmatchedTokens.Where(t => !Setting().IsMatch(t))];
            foreach (var token in wrong)
            {
                await console.Errors.WriteLineAsync($"[ERROR] '{token}' is not an option; settings are written as in --Store:Path=data/qrie.db.");
            }

            var (url, key) = options.Read(parsed.CommandResult, []);
            using var service = new ServiceClient(url, key);
            return wrong.Count > 0 ? ExitCodes.WrongUse : await RunAsync(
                new ConfigurationBuilder().AddConfiguration(configuration()).AddCommandLine([.. parsed.UnmatchedTokens]).Build(),
                service, new DoctorReport(console, parsed.GetValue(json)), console.Clock, adjust, cancel);
        });
        return command;
    }

    /// <summary>Runs the checks and returns the exit code.</summary>
    internal static async Task<int> RunAsync(
        IConfiguration configuration, ServiceClient service, DoctorReport report,
        TimeProvider clock, Action<IServiceCollection>? adjust, CancellationToken cancel)
    {
        try
        {
            await using var services = Services(configuration, clock, adjust);
            await new DoctorChecks(services, configuration, service, report).RunAsync(cancel);
            return await report.FinishAsync(stopped: false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return await report.FinishAsync(stopped: true);
        }
        catch (Exception e) when (e is CatalogException or AwsCatalogException)
        {
            await report.AddAsync(Diagnostic.Problem("catalog", e.Message, "qrie catalog check lists all errors."));
        }
        catch (Exception e) when (e is OptionsValidationException or StartRefusedException or InvalidOperationException { InnerException: FormatException })
        {
            await report.AddAsync(Diagnostic.Problem(
                "configuration", e.Message, "Fix the setting that the message names, in appsettings.json, the environment or the command line."));
        }
        catch (StoreUnavailableException e)
        {
            await report.AddAsync(Diagnostic.Problem("store", e.Message, "Fix what the message names."));
        }

        return await report.FinishAsync(stopped: false);
    }

    private static ServiceProvider Services(IConfiguration configuration, TimeProvider clock, Action<IServiceCollection>? adjust)
    {
        var folders = QrieServices.CatalogFolders(configuration);
        var catalogPath = configuration["Catalog:Path"];

        // With the models: without them nothing is type-checked, and what the service refuses at its start would look well here.
        var catalog = CatalogLoader.Load(folders, new ModelShapes(ModelCatalog.OpenShipped(catalogPath), ReadList.OpenShipped(catalogPath)));
        var services = new ServiceCollection()
            .AddSingleton(configuration)
            .AddSingleton(clock)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton(catalog)
            .AddSingleton(CatalogRedaction.Rules(catalog))
            .AddSingleton(p => QrieServices.Permissions(p.GetRequiredService<ModelCatalog>(), folders))
            .AddQrieAws(configuration);
        adjust?.Invoke(services);
        return services.BuildServiceProvider();
    }

    [GeneratedRegex(@"^--\w+(:\w+)+=", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();
}
