using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Qrie.Tests.Support;

/// <summary>
/// Puts temporary files of tests into memory if possible, because tests create hundreds of stores and every commit waits for the disk. Uses a folder of this
/// process that is removed with it, unless <c>TMPDIR</c> is set.
/// </summary>
internal static class TestProcess
{
    private const string Memory = "/dev/shm";
    private const string Prefix = "qrie-tests-";

    /// <summary>Containers often have only 64 MB there, which is not enough.</summary>
    private const long Needed = 1L << 30;

    [ModuleInitializer]
    internal static void KeepTemporaryFilesInMemory()
    {
        if (Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } || !Directory.Exists(Memory) || new DriveInfo(Memory).AvailableFreeSpace < Needed)
        {
            return;
        }

        try
        {
            RemoveLeftovers();
            var folder = Directory.CreateDirectory($"{Memory}/{Prefix}{Environment.ProcessId}").FullName;
            Environment.SetEnvironmentVariable("TMPDIR", folder);
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Remove(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The usual folder works too.
        }
    }

    /// <summary>Removes folders of killed test processes.</summary>
    private static void RemoveLeftovers()
    {
        foreach (var folder in Directory.EnumerateDirectories(Memory, Prefix + "*"))
        {
            if (int.TryParse(Path.GetFileName(folder)[Prefix.Length..], CultureInfo.InvariantCulture, out var id) && !IsRunning(id))
            {
                Remove(folder);
            }
        }
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A child process that is exiting may still write; the next test process removes the folder.
        }
    }
}
