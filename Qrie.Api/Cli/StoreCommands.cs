using System.CommandLine;
using System.Globalization;
using Qrie.Api.Hosting;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli;

/// <summary><c>qrie backup</c>, <c>qrie restore</c> and <c>qrie health</c>: what operators run beside the service.</summary>
internal static class StoreCommands
{
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromSeconds(4);

    public static IEnumerable<Command> Build(CliConsole console, Func<IConfiguration> configuration)
    {
        var target = new Argument<string>("file") { Description = "The file to write; its SHA-256 is written beside it" };
        var backup = new Command("backup", "Copy the embedded store into one file, also while the service is running.") { target };
        backup.SetAction((parsed, cancel) => RunAsync(console, configuration, async store =>
        {
            var copy = await SqliteBackup.WriteAsync(store, parsed.GetValue(target)!, cancel);
            return string.Create(CultureInfo.InvariantCulture, $"{copy.Path}: {copy.Bytes} bytes, schema {copy.Schema}, SHA-256 {copy.Sha256}");
        }));
        var source = new Argument<string>("file") { Description = "A file of qrie backup, with its .sha256 beside it" };
        var restore = new Command("restore", "Replace the embedded store by a backup; the service must be stopped. The former store is kept.") { source };
        restore.SetAction((parsed, cancel) => RunAsync(console, configuration, async store =>
        {
            var (copy, former) = await SqliteBackup.RestoreAsync(parsed.GetValue(source)!, store, TimeProvider.System.GetUtcNow(), cancel);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{copy.Path}: restored, schema {copy.Schema}{(former is null ? "" : $"; the former store is {former}")}");
        }));
        var url = new Option<string?>("--url") { Description = "The address of the service; by default that of ASPNETCORE_URLS on this machine" };
        var ready = new Option<bool>("--ready") { Description = "Whether it is ready to serve, and not only alive" };
        var health = new Command("health", "Exit code 0 if the service on this machine answers; for health checks of containers.") { url, ready };
        health.SetAction((parsed, cancel) => CheckAsync(
            console, parsed.GetValue(url) ?? configuration()["ASPNETCORE_URLS"], parsed.GetValue(ready) ? "/health/ready" : "/health/live", cancel));
        return [backup, restore, health];
    }

    /// <summary>The first address, with a name of this machine in place of all interfaces.</summary>
    internal static Uri AddressOf(string? urls)
    {
        var first = (urls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "http://localhost:5080";
        var binding = BindingAddress.Parse(first);
        var host = binding.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "localhost" : binding.Host;
        return new Uri($"{binding.Scheme}://{host}:{binding.Port}");
    }

    /// <summary>Any failure is 1, also that nothing answers: container engines reserve the other exit codes of a health check, or give them no meaning.
    /// </summary>
    private static async Task<int> CheckAsync(CliConsole console, string? urls, string path, CancellationToken cancel)
    {
        Uri? address = null;
        try
        {
            address = AddressOf(urls);
            using var http = new HttpClient { Timeout = s_timeLimit };
            using var answer = await http.GetAsync(new Uri(address, path), cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            await (answer.IsSuccessStatusCode ? console.Output : console.Errors).WriteLineAsync(text);
            return answer.IsSuccessStatusCode ? ExitCodes.Done : ExitCodes.Failed;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await console.Errors.WriteLineAsync($"[ERROR] {address} does not answer: {e.Message}");
            return ExitCodes.Failed;
        }
        catch (FormatException)
        {
            await console.Errors.WriteLineAsync($"[ERROR] '{urls}' is not an address like http://localhost:5080.");
            return ExitCodes.Failed;
        }
    }

    private static Task<int> RunAsync(CliConsole console, Func<IConfiguration> configuration, Func<string, Task<string>> run) =>
        StoreErrors.HandleAsync(console, async () =>
        {
            var store = StoreSettings.Read(configuration());
            await console.Output.WriteLineAsync(store.IsFile
                ? await run(store.Path)
                : throw new StartRefusedException(
                    store.Dynamo is null
                        ? "The store is on a PostgreSQL server: use pg_dump and pg_restore, or the snapshots of the server."
                        : "The store is in DynamoDB: use point-in-time recovery or AWS Backup."));
        });
}
