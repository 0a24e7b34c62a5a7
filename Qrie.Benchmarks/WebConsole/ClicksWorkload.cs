using System.Diagnostics;
using System.Globalization;
using Qrie.Benchmarks.Processes;

namespace Qrie.Benchmarks.WebConsole;

/// <summary>
/// What the console costs the service: its processor time, without that of the users, for one link followed to each page, for a window that is opened, and for
/// a user who only looks. The service is a process of its own with the demo; what else runs on the machine changes these figures little.
/// <c>--users N</c> (default 20) follow every link <c>--rounds N</c> times (default 5), one after the other, after as many that are not counted.
/// <c>--look N</c>: the seconds in which users only look (default 60).
/// </summary>
internal sealed class ClicksWorkload : IWorkload
{
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);

    /// <summary>With a text that the page has only once its data is there. Neighbours differ in the page, so that each is loaded.</summary>
    private static readonly (string Name, string Path, string Text)[] s_pages =
    [
        ("findings", "findings", "First seen"),
        ("dashboard", "", "Verdict coverage"),
        ("findings_by_resource", "findings?group=resource", "most severe findings first"),
        ("resources", "resources", "on this page"),
        ("compliance", "compliance", "passed,"),
        ("policies", "policies", "S3BucketPublic"),
        ("scans", "scans", "scans on this page"),
        ("coverage", "coverage", "of all pairs of a resource"),
        ("accounts", "accounts", "123456789012"),
        ("exceptions", "exceptions", "No exception matches"),
    ];

    public string Name => "clicks";

    public string Description => "processor time of the console's pages: [--users N] [--rounds N] [--look N]";

    public async Task<int> RunAsync(string[] args, FigureWriter figures)
    {
        var (users, rounds) = (Number(args, "--users", 20), Number(args, "--rounds", 5));
        var folder = Directory.CreateTempSubdirectory("qrie-clicks-");
        try
        {
            await using var service = QrieProcess.Spawn(
                Path.Combine(folder.FullName, "qrie.db"), new Uri("http://127.0.0.1:9"), ["--demo", "--Serilog:MinimumLevel:Default=Error"]);
            if (!await service.ReadyAsync(default) || !await HasDataAsync(service))
            {
                throw new InvalidOperationException($"The service did not start:\n{string.Join('\n', service.Log)}");
            }

            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"The service is process {service.Id}."));
            await MeasureAsync(service, figures, users, rounds, TimeSpan.FromSeconds(Number(args, "--look", 60)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(QrieProcess service, FigureWriter figures, int users, int rounds, TimeSpan look)
    {
        var circuits = new List<ConsoleCircuit>();
        for (var round = 0; round < 2; round++)
        {
            var before = ProcessorTime(service);
            for (var i = 0; i < users; i++)
            {
                circuits.Add(await ConsoleCircuit.OpenAsync(service.Http, service.Http.BaseAddress!, "", "Verdict coverage", default));
            }

            await QuietAsync(circuits);
            if (round == 0)
            {
                await CloseAsync(circuits);
            }
            else
            {
                Write(figures, "clicks.window", ProcessorTime(service) - before, users);
            }
        }

        var (spent, received) = (new TimeSpan[s_pages.Length], new long[s_pages.Length]);
        for (var round = 0; round < 2 * rounds; round++)
        {
            for (var page = 0; page < s_pages.Length; page++)
            {
                var (before, bytes) = (ProcessorTime(service), circuits.Sum(c => c.Received));
                foreach (var circuit in circuits)
                {
                    await circuit.GoAsync(s_pages[page].Path, s_pages[page].Text, default);
                }

                await QuietAsync(circuits);
                if (round >= rounds)
                {
                    spent[page] += ProcessorTime(service) - before;
                    received[page] += circuits.Sum(c => c.Received) - bytes;
                }
            }
        }

        for (var page = 0; page < s_pages.Length; page++)
        {
            Write(figures, $"clicks.{s_pages[page].Name}", spent[page], users * rounds);
            figures.Write($"clicks.{s_pages[page].Name}.sent", received[page] / 1e3 / (users * rounds), "kB");
        }

        foreach (var (name, path, text) in s_pages[..2])
        {
            foreach (var circuit in circuits)
            {
                await circuit.GoAsync(path, text, default);
            }

            await QuietAsync(circuits);
            var before = ProcessorTime(service);
            await Task.Delay(look, TimeProvider.System);
            Write(figures, $"clicks.look_at_{name}", ProcessorTime(service) - before, users * look.TotalSeconds, "ms/s");
        }

        await CloseAsync(circuits);
    }

    /// <summary>Until what was asked for has arrived: the last parts of a page come after the text that it is known by.</summary>
    private static async Task QuietAsync(List<ConsoleCircuit> circuits)
    {
        for (var before = -1L; before != circuits.Sum(c => c.Received);)
        {
            before = circuits.Sum(c => c.Received);
            await Task.Delay(s_quiet, TimeProvider.System);
        }
    }

    private static async Task CloseAsync(List<ConsoleCircuit> circuits)
    {
        foreach (var circuit in circuits)
        {
            await circuit.DisposeAsync();
        }

        circuits.Clear();
    }

    /// <summary>Ready, and the demo's scans have ended.</summary>
    private static async Task<bool> HasDataAsync(QrieProcess service)
    {
        while (!service.HasExited)
        {
            if ((await service.GetAsync("/health", default)).Status == System.Net.HttpStatusCode.OK)
            {
                await service.FinishedScansAsync(default);
                return true;
            }

            await Task.Delay(s_quiet, TimeProvider.System);
        }

        return false;
    }

    private static TimeSpan ProcessorTime(QrieProcess service)
    {
        using var process = Process.GetProcessById(service.Id);
        return process.TotalProcessorTime;
    }

    private static void Write(FigureWriter figures, string name, TimeSpan spent, double count, string unit = "ms") =>
        figures.Write($"{name}.cpu", spent.TotalMilliseconds / count, unit);

    private static int Number(string[] args, string name, int standard) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : standard;
}
