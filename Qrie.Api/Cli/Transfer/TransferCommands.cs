using System.CommandLine;
using System.Globalization;
using Qrie.Api.Hosting;
using Qrie.Domain.Transfer;

namespace Qrie.Api.Cli.Transfer;

/// <summary><c>qrie export</c> and <c>qrie import</c>: move everything from one store to another, of the same or another kind (docs/stores.md).</summary>
internal static class TransferCommands
{
    /// <param name="configuration">Names the store.</param>
    public static Command Export(CliConsole console, Func<IConfiguration> configuration)
    {
        var folder = new Argument<string>("folder") { Description = "An empty folder, or one to make" };
        var command = new Command("export", "Write everything in the configured store into a folder; a service may be running, but not on DynamoDB.")
        {
            folder,
        };
        command.SetAction((parsed, cancel) => StoreErrors.HandleAsync(console, () => ExportAsync(console, configuration(), parsed.GetValue(folder)!, cancel)));
        return command;
    }

    /// <param name="configuration">Names the store.</param>
    public static Command Import(CliConsole console, Func<IConfiguration> configuration)
    {
        var folder = new Argument<string>("folder") { Description = "The folder of an export" };
        var command = new Command("import", "Fill the configured store, which must be empty, with an export. Repeat it to continue an interrupted one.")
        {
            folder,
        };
        command.SetAction((parsed, cancel) => StoreErrors.HandleAsync(console, () => ImportAsync(console, configuration(), parsed.GetValue(folder)!, cancel)));
        return command;
    }

    private static async Task ExportAsync(CliConsole console, IConfiguration configuration, string folder, CancellationToken cancel)
    {
        await using var store = StoreSettings.Read(configuration).OpenForExport(console.Clock);
        var line = new ProgressLine(console);
        var manifest = await store.ExportAsync(folder, Reporting(line, 0), cancel);
        await line.ClearAsync();
        await console.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"Exported {manifest.Rows} rows of {manifest.Tables.Count} tables from {manifest.Store} to {folder}."));
        await console.Errors.WriteLineAsync("It has the hashes of API keys and the store's secrets: keep it as safe as the store.");
    }

    private static async Task ImportAsync(CliConsole console, IConfiguration configuration, string folder, CancellationToken cancel)
    {
        var manifest = await TransferManifest.ReadAsync(folder, cancel);
        await using var store = StoreSettings.Read(configuration).OpenForImport(console.Clock);
        var line = new ProgressLine(console);
        await store.ImportAsync(folder, manifest, Reporting(line, manifest.Rows), cancel);
        await line.ClearAsync();
        await console.Output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"Imported {manifest.Rows} rows of {manifest.Tables.Count} tables from {manifest.Store}. The service can be started."));
    }

    /// <param name="total">0 if it is not known.</param>
    private static Func<long, Task> Reporting(ProgressLine line, long total) => rows => line.ShowAsync(
        (int)Math.Min(rows, int.MaxValue), (int)Math.Min(total, int.MaxValue), string.Create(CultureInfo.InvariantCulture, $"{rows} rows"));
}
