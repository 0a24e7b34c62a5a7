namespace Qrie.Tests.Emulator;

/// <summary>The programs available to tests.</summary>
internal static class Requirements
{
    /// <summary>Set in continuous integration: a test whose requirement is missing fails instead of being skipped.</summary>
    public static bool All { get; } = Environment.GetEnvironmentVariable("QRIE_REQUIRE_ALL") == "1";

    /// <summary>Why tests that need these programs are skipped; null if they run.</summary>
    public static string? MissingProgram(params string[] programs) =>
        All ? null : programs.FirstOrDefault(p => FindOnPath(p) is null) is { } missing ? $"{missing} is not on PATH" : null;

    /// <summary>The full path of a program; null if it is not on PATH.</summary>
    public static string? FindOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(File.Exists);
}

/// <summary>Packages of npm that tests use, in <c>artifacts/npm</c>.</summary>
internal static class NpmPackages
{
    /// <summary>The folder that <c>npm install --prefix artifacts/npm</c> writes to.</summary>
    public static string Folder { get; } = Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "npm");

    /// <summary>Why tests that need this package are skipped; null if they run.</summary>
    public static string? Missing(string package) => Requirements.All || Directory.Exists(Path.Combine(Folder, "node_modules", package))
        ? Requirements.MissingProgram("node")
        : $"{package} is missing: npm install --prefix artifacts/npm {package}";
}

/// <summary>A test that needs the AWS emulator. It is skipped if <c>moto_server</c> is missing, or fails with <c>QRIE_REQUIRE_ALL=1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatorFactAttribute : FactAttribute
{
    public EmulatorFactAttribute() => Skip = Requirements.MissingProgram("moto_server");
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EmulatorTheoryAttribute : TheoryAttribute
{
    public EmulatorTheoryAttribute() => Skip = Requirements.MissingProgram("moto_server");
}
