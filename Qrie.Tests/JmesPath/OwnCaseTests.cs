using System.Runtime.CompilerServices;

namespace Qrie.Tests.JmesPath;

/// <summary>Our own cases, in the suite's format: what the suite leaves open and what Qrie decides.</summary>
public sealed class OwnCaseTests
{
    private static readonly Dictionary<string, SuiteCase> s_cases =
        SuiteCase.ReadFolder(Folder()).ToDictionary(c => $"{c.File} {c.Group}.{c.Number} {c.Expression}");

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Our_case_holds(string name) => s_cases[name].Check();

    internal static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "cases");
}
