using System.Diagnostics;
using System.Globalization;
using Qrie.Benchmarks.Processes;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Operations;

/// <summary>A process with nothing to do keeps little memory. Resident code of files is not counted: it is shared and freed when needed.</summary>
public sealed class IdleMemoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-idle-");

    public void Dispose() => _folder.Delete(recursive: true);

    [SoakFact("moto_server")]
    public async Task What_the_start_needed_is_returned_when_the_service_is_idle()
    {
        await using var service = QrieProcess.Spawn(Path.Combine(_folder.FullName, "qrie.db"), await MotoServer.UrlAsync());
        (await service.ReadyAsync(default)).ShouldBeTrue(string.Join('\n', service.Log));
        var (before, now) = (AnonymousMegabytes(service), 0L);

        for (var waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(2); await Task.Delay(500))
        {
            now = AnonymousMegabytes(service);
            if (now < before * 3 / 4)
            {
                return;
            }
        }

        now.ShouldBeLessThan(before * 3 / 4);
    }

    private static long AnonymousMegabytes(QrieProcess service)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{service.Id}/status"))
            .Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
