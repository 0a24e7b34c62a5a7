using System.Diagnostics;
using System.Globalization;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Crash;

/// <summary>A small in-memory file system that can be filled. Only root may create one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int Megabytes = 32;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("qrie-disk-");

    private SmallDisk()
    {
    }

    public string Store => Path.Combine(_folder.FullName, "qrie.db");

    private string Filler => Path.Combine(_folder.FullName, "filler");

    public static async Task<SmallDisk> MountAsync()
    {
        var disk = new SmallDisk();
        await RunAsync("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={Megabytes}m"), "none", disk._folder.FullName);
        return disk;
    }

    /// <summary>Fills the file system, including space that others release, until the result is disposed.</summary>
    public async Task<IAsyncDisposable> FillAsync()
    {
        var filling = new Filling(Filler);
        await filling.Full;
        return filling;
    }

    public Task MakeReadOnlyAsync() => RunAsync("mount", "-o", "remount,ro", _folder.FullName);

    public Task MakeWritableAsync() => RunAsync("mount", "-o", "remount,rw", _folder.FullName);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", "-l", _folder.FullName);
        _folder.Delete();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {errors}");
    }

    private sealed class Filling : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly string _path;
        private readonly Task _filling;

        public Filling(string path)
        {
            _path = path;
            _filling = Task.Run(FillAsync);
        }

        public Task Full => _full.Task;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _filling;
            File.Delete(_path);
            _stop.Dispose();
        }

        private async Task FillAsync()
        {
            await using var file = new FileStream(_path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var page = new byte[4096];
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    file.Write(page);
                }
                catch (IOException)
                {
                    _full.TrySetResult();
                    await Task.Delay(Between);
                }
            }
        }
    }
}

/// <summary>A test that needs the emulator and may mount a file system: skipped with the reason elsewhere, unless <c>QRIE_REQUIRE_ALL=1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute() => Skip = Requirements.MissingProgram("moto_server", "mount")
        ?? (Requirements.All || (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && MayMount()) ? null : "only root may mount the small disk");

    /// <summary>The root user of a container usually may not.</summary>
    private static bool MayMount()
    {
        var folder = Directory.CreateTempSubdirectory("qrie-disk-");
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"mount -t tmpfs -o size=1m none {folder.FullName} && umount {folder.FullName}"])
        {
            RedirectStandardError = true,
        };
        using var mount = Process.Start(start)!;
        mount.WaitForExit();
        folder.Delete();
        return mount.ExitCode == 0;
    }
}
