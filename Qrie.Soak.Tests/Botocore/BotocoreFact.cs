using System.Diagnostics;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Botocore;

/// <summary>
/// A test that compares with botocore. It is skipped with a reason unless soak tests are requested, or if Python, boto3 or moto is missing or botocore is not
/// the version of the models; with <c>QRIE_REQUIRE_ALL=1</c> it fails instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BotocoreFactAttribute : FactAttribute
{
    public BotocoreFactAttribute() => Skip = Soak.NotAskedFor ?? Python.Missing.Value;
}

/// <summary>Runs the scripts next to the tests.</summary>
internal static class Python
{
    /// <summary>The version named in NOTICE.</summary>
    private const string BotocoreVersion = "1.43.11";

    /// <summary>Why the scripts cannot run; null if they can.</summary>
    public static Lazy<string?> Missing { get; } = new(FindMissing);

    /// <summary>Runs a script and returns its output lines.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(string script, IEnumerable<string> arguments, IEnumerable<string>? input = null)
    {
        var start = new ProcessStartInfo("python3", [script, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = input is not null,
        };
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (input is not null)
        {
            foreach (var line in input)
            {
                await process.StandardInput.WriteLineAsync(line);
            }

            process.StandardInput.Close();
        }

        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0, $"{script}: {await errors}");
        return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The path of a script in the output folder.</summary>
    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Botocore", name);

    private static string? FindMissing()
    {
        if (Requirements.All)
        {
            return null;
        }

        if (Requirements.MissingProgram("python3") is { } missing)
        {
            return missing;
        }

        using var process = Process.Start(new ProcessStartInfo("python3", ["-c", "import boto3, botocore, moto; print(botocore.__version__)"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var version = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            return "boto3 or moto is not installed for python3";
        }

        return version == BotocoreVersion ? null : $"botocore is {version}; the models are made from {BotocoreVersion}";
    }
}
