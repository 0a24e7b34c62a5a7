using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using Qrie.Api.Cli.Service;

namespace Qrie.Api.Cli.Support;

/// <summary><c>qrie support</c>: a file for reports of problems, which has neither secrets nor configurations of resources.</summary>
internal static partial class SupportCommand
{
    /// <param name="configuration">The service's, without its command line.</param>
    /// <param name="adjust">Replacements for tests; null for none.</param>
    public static Command Build(CliConsole console, Func<IConfiguration> configuration, Action<IServiceCollection>? adjust = null)
    {
        var options = new ServiceOptions();
        // With the settings, because an option that is not known counts as an argument.
        var rest = new Argument<string[]>("file")
        {
            Description = "The ZIP file to write; by default qrie-support-<time>.zip. Settings are given as for the service: --Store:Path=…",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var hide = new Option<bool>("--hide-accounts") { Description = "Replace account ids by account-1, account-2, …" };
        var quick = new Option<bool>("--without-doctor") { Description = "Leave out the checks of qrie doctor, which call AWS in every account" };
        var command = new Command(
            "support",
            "Write a ZIP file for a bug report: versions, settings without secrets, the checks of qrie doctor, the last scans, coverage, sizes, health. "
            + "The service may be running or not.")
        {
            rest, hide, quick,
        };
        options.AddTo(command);
        command.TreatUnmatchedTokensAsErrors = false;
        command.Validators.Add(given =>
        {
            var errors = new List<string>();
            options.Read(given, errors);
            errors.ForEach(given.AddError);
        });
        command.SetAction(async (parsed, cancel) =>
        {
            var given = (parsed.GetValue(rest) ?? []).Concat(parsed.UnmatchedTokens).Distinct().ToList();
            List<string> settings = [.. given.Where(t => Setting().IsMatch(t))];
            List<string> files = [.. given.Except(settings)];
            if (files.Count > 1 || files.Exists(f => f.StartsWith('-')))
            {
                await console.Errors.WriteLineAsync(
                    $"[ERROR] '{files[^1]}' is not an option; settings are written as in --Store:Path=data/qrie.db, and there is one file.");
                return ExitCodes.WrongUse;
            }

            var (url, key) = options.Read(parsed.CommandResult, []);
            using var service = new ServiceClient(url, key);
            var now = console.Clock.GetUtcNow();
            var file = files.FirstOrDefault() ?? now.ToString("'qrie-support-'yyyyMMdd-HHmmss'.zip'", CultureInfo.InvariantCulture);
            var all = new ConfigurationBuilder().AddConfiguration(configuration()).AddCommandLine([.. settings]).Build();
            return await StoreErrors.HandleAsync(console, async () =>
            {
                var bundle = new SupportBundle(console, all, service, adjust, parsed.GetValue(hide), withDoctor: !parsed.GetValue(quick));
                var names = await bundle.WriteAsync(file, cancel);
                await console.Output.WriteLineAsync($"{file}: {string.Join(", ", names)}");
                await console.Errors.WriteLineAsync(
                    "It has no secrets and no configurations of resources, but ids of accounts and names in error messages. Read it before you send it.");
            });
        });
        return command;
    }

    [GeneratedRegex(@"^--\w+(:\w+)+=", RegexOptions.CultureInvariant)]
    private static partial Regex Setting();
}
