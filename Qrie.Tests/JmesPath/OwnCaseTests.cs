using System.Runtime.CompilerServices;

namespace Qrie.Tests.JmesPath;

/// <summary>Our own cases, in the suite's format, for behaviour that the suite does not cover.</summary>
public sealed class OwnCaseTests
{
    private static readonly Dictionary<string, SuiteCase> s_cases =
        SuiteCase.ReadFolder(Folder()).ToDictionary(c => $"{c.File} {c.Group}.{c.Number} {c.Expression}");

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Our_case_passes(string name) => s_cases[name].Check();

    internal static string Folder([CallerFilePath] string source = "") => Path.Combine(Path.GetDirectoryName(source)!, "cases");
}
