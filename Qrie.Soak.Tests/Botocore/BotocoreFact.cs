using System.Diagnostics;
using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests.Botocore;

/// <summary>
/// A test that compares with botocore: skipped with the reason where Python, boto3 or moto is missing or where botocore is not the version that the models were
/// made from, unless <c>QRIE_REQUIRE_ALL=1</c>, and unless soak tests are asked for.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BotocoreFactAttribute : FactAttribute
{
    public BotocoreFactAttribute() => Skip = Soak.NotAskedFor ?? Python.Missing.Value;
}

/// <summary>Runs the scripts beside the tests.</summary>
internal static class Python
{
    /// <summary>Named in NOTICE.</summary>
    private const string BotocoreVersion = "1.43.11";

    /// <summary>Why the scripts cannot run; null: they can.</summary>
    public static Lazy<string?> Missing { get; } = new(FindMissing);

    /// <summary>Runs a script and gives the lines that it prints.</summary>
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

    /// <summary>A script in this folder, as it lies beside the tests.</summary>
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
