using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Qrie.Api.Cli.Archives;
using Qrie.Api.Cli.Doctor;
using Qrie.Api.Cli.Qop;
using Qrie.Api.Cli.Scans;
using Qrie.Api.Cli.Support;
using Qrie.Api.Cli.Transfer;
using Qrie.Api.Hosting;
using Qrie.Aws;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Aws.Onboarding;
using Qrie.Aws.Permissions;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Policies.Testing;

namespace Qrie.Api.Cli;

/// <summary>The command line: the service without a sub-command, a tool with one.</summary>
internal static class CommandLine
{
    private const int WrongUse = 2;

    /// <summary>A value that begins with @ is a value, not the name of a file with further arguments.</summary>
    private static readonly ParserConfiguration _parser = new() { ResponseFileTokenReplacer = null };

    /// <param name="console">The console of commands that use a running service; null for that of the process.</param>
    public static async Task<int> RunAsync(string[] args, CliConsole? console = null, CancellationToken cancel = default)
    {
        console ??= CliConsole.OfProcess();
        var root = Build(console);
        root.SetAction((_, _) => args.FirstOrDefault(a => !a.StartsWith('-')) is { } unknown && args[0] == unknown
            ? RefuseAsync(unknown)
            : QrieHost.RunAsync(args));
        var parsed = Parse(root, args);
        if (Mistakes(parsed) is [_, ..] mistakes)
        {
            return await RefuseAsync(parsed.CommandResult.Command, mistakes, console);
        }

        // A scan handles signals itself: writing a partial result may take longer than the two seconds that the library waits for.
        var own = parsed.CommandResult.Command.Name == ScanCommand.Name;
        return await parsed.InvokeAsync(own ? new InvocationConfiguration { ProcessTerminationTimeout = null } : null, cancel);
    }

    /// <summary>All commands with their options.</summary>
    internal static RootCommand Build(CliConsole console)
    {
        var root = new RootCommand(
            "Qrie watches the security posture of AWS accounts. Without a command the service starts; "
            + "settings are given as --Store:Path=… or in the environment.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.Options.Add(new Option<bool>(Demo.DemoMode.Switch) { Description = "Start with the recorded responses of a sample organization." });
        root.Options.Add(new Option<bool>(Demo.DemoMode.EventsSwitch)
        {
            Description = "With --demo: keep changing the organization, and process the changes through recorded CloudTrail events.",
        });
        root.Subcommands.Add(Call());
        root.Subcommands.Add(Catalog(console));
        root.Subcommands.Add(Onboarding());
        root.Subcommands.Add(PermissionsCommand.Of(LoadPermissions, cancel => StoreSettings.Read(Configuration()).FindAsync(cancel)));
        root.Subcommands.Add(KeyCommands.Build());
        root.Subcommands.Add(ScanCommand.Build(console, Configuration));
        root.Subcommands.Add(QopCommand.Build(console));
        root.Subcommands.Add(ArchiveCommand.Build(console, Services));
        root.Subcommands.Add(TransferCommands.Export(console, Configuration));
        root.Subcommands.Add(TransferCommands.Import(console, Configuration));
        root.Subcommands.Add(DoctorCommand.Build(console, Configuration));
        root.Subcommands.Add(SupportCommand.Build(console, Configuration));
        foreach (var command in StoreCommands.Build(console, Configuration))
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    internal static ParseResult Parse(RootCommand root, string[] args) => root.Parse(args, _parser);

    private static Command Call()
    {
        var call = new Argument<string>("call") { Description = "service:Operation, as in s3:ListBuckets" };
        var parameters = new Option<string?>("--params") { Description = "A JSON object with the API's parameter names" };
        var account = new Option<string?>("--account") { Description = "The account to read; by default that of the credentials" };
        var region = new Option<string?>("--region") { Description = "The region of the call" };
        var all = new Option<bool>("--all") { Description = "Read all pages" };
        var command = new Command("call", "Print AWS's response to one call as catalogs and policies see it.") { call, parameters, account, region, all };
        command.SetAction((parsed, cancel) => CallAsync(
            new CallArguments(parsed.GetValue(call)!, parsed.GetValue(parameters), parsed.GetValue(account), parsed.GetValue(region), parsed.GetValue(all)),
            cancel));
        return command;
    }

    private static async Task<int> CallAsync(CallArguments arguments, CancellationToken cancel)
    {
        try
        {
            await using var services = Services();
            await using var store = await StoreSettings.Read(services.GetRequiredService<IConfiguration>()).FindAsync(cancel);
            return await new CallCommand(
                services.GetRequiredService<IAwsApi>(), services.GetRequiredService<ModelCatalog>(), services.GetRequiredService<PrincipalResolver>(),
                services.GetRequiredService<AwsRegion>(), store?.Get<IAccountStore>()).RunAsync(
                    arguments, Console.Out, Console.Error, cancel);
        }
        catch (CatalogException mistakes)
        {
            // Service files declare secrets; without them the response might contain one.
            await Console.Error.WriteLineAsync($"No calls are made while the catalog has errors (qrie catalog check lists all): {mistakes.Errors[0]}");
            return WrongUse;
        }
        catch (Exception e) when (e is AwsCatalogException or OptionsValidationException or StartRefusedException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return WrongUse;
        }
    }

    private static Command Catalog(CliConsole console)
    {
        var folder = new Argument<string?>("folder")
        {
            Description = "A folder with services/ and policies/; by default the configured catalog",
            DefaultValueFactory = _ => null,
        };
        var check = new Command("check",
            "Load the catalog, type-check its expressions, run the tests of its policies. Exit code 1: there are errors.") { folder };
        check.SetAction(async (parsed, _) =>
        {
            await using var services = Services();
            var folders = QrieServices.CatalogFolders(services.GetRequiredService<IConfiguration>());
            var report = CatalogCheck.Run(
                parsed.GetValue(folder) is { } own ? [.. folders.Take(1), own] : folders,
                new ModelShapes(services.GetRequiredService<ModelCatalog>(), services.GetRequiredService<ReadList>()));
            foreach (var line in report.Errors.Select(e => e.ToString()).Concat(report.Failures))
            {
                await Console.Error.WriteLineAsync(line);
            }

            foreach (var note in report.Notes)
            {
                await Console.Out.WriteLineAsync($"note: {note}");
            }

            await Console.Out.WriteLineAsync(report.IsGood
                ? $"{report.Services} services, {report.Policies} policies and their {report.Cases} test cases are valid."
                : $"{report.Errors.Count + report.Failures.Count} mistakes.");
            return report.IsGood ? 0 : 1;
        });
        var create = CatalogNewCommand.Of(console, () => QrieServices.CatalogFolders(Configuration()), () => Configuration()["Catalog:Path"]);
        return new Command("catalog", "Catalog tools.") { check, create, CompileCatalog() };
    }

    /// <summary>A step of the build: see <see cref="CatalogLoader.Compile"/>.</summary>
    private static Command CompileCatalog()
    {
        var compile = new Command("compile", "Check the built-in catalog once, so that every start reads it faster.") { Hidden = true };
        compile.SetAction(async (_, _) =>
        {
            await using var services = Services();
            CatalogLoader.Compile(
                QrieServices.CatalogFolders(services.GetRequiredService<IConfiguration>())[0],
                new ModelShapes(ModelCatalog.OpenShipped(), ReadList.OpenShipped(null)));
            return 0;
        });
        return compile;
    }

    private static Command Onboarding()
    {
        var output = new Option<FileInfo?>("--output") { Description = "Write to this file instead of printing" };
        var template = new Command("template", "Print the CloudFormation template for watched accounts, generated from the configured catalog.") { output };
        template.SetAction(async (parsed, cancel) =>
        {
            var (catalog, permissions) = LoadPermissions();
            var text = CustomerTemplate.Of(catalog, permissions);
            if (parsed.GetValue(output) is { } file)
            {
                await File.WriteAllTextAsync(file.FullName, text, cancel);
            }
            else
            {
                await Console.Out.WriteAsync(text);
            }

            return 0;
        });
        return new Command("onboarding", "Prepare accounts to be watched.") { template };
    }

    private static (ResourceCatalog Catalog, CatalogPermissions Permissions) LoadPermissions()
    {
        var configuration = Configuration();
        var folders = QrieServices.CatalogFolders(configuration);
        var models = ModelCatalog.OpenShipped(configuration["Catalog:Path"]);

        // The models know from which source the events of a service come.
        return (
            CatalogLoader.Load(folders, new ModelShapes(models, ReadList.OpenShipped(configuration["Catalog:Path"]))),
            QrieServices.Permissions(models, folders));
    }

    /// <summary>Only the AWS services: no store, no scans, no HTTP.</summary>
    private static ServiceProvider Services()
    {
        var configuration = Configuration();
        return new ServiceCollection()
            .AddSingleton<IConfiguration>(configuration)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton(_ => CatalogRedaction.Rules(CatalogLoader.Load(QrieServices.CatalogFolders(configuration))))
            .AddQrieAws(configuration)
            .BuildServiceProvider();
    }

    /// <summary>The configuration of the service.</summary>
    internal static IConfiguration Configuration() => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build();

    /// <summary>All errors. Options unknown to the root command are settings of the service, and sub-commands inherit that leniency.</summary>
    private static List<string> Mistakes(ParseResult parsed)
    {
        List<string> mistakes =
        [
            .. parsed.Errors.Select(e => e.Message),
            .. parsed.CommandResult.Children.OfType<OptionResult>()
                .Where(o => o.Tokens.Any(t => t.Value.Length == 0))
                .Select(o => $"{o.Option.Name} needs a value."),
        ];
        var asksForHelp = parsed.Action is HelpAction;
        return asksForHelp || parsed.CommandResult.Command is RootCommand || !parsed.CommandResult.Command.TreatUnmatchedTokensAsErrors
            ? mistakes
            : [.. mistakes, .. parsed.UnmatchedTokens.Select(t => $"There is no option '{t}'.")];
    }

    private static async Task<int> RefuseAsync(Command command, List<string> mistakes, CliConsole console)
    {
        foreach (var mistake in mistakes)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {mistake}");
        }

        var names = command.Parents.OfType<Command>().Append(command).Where(c => c is not RootCommand).Select(c => c.Name);
        await console.Errors.WriteLineAsync($"See qrie {string.Join(' ', names.Append("--help"))}.");
        return WrongUse;
    }

    private static async Task<int> RefuseAsync(string unknown)
    {
        await Console.Error.WriteLineAsync($"There is no command '{unknown}'. qrie --help lists them; without a command the service starts.");
        return WrongUse;
    }
}
