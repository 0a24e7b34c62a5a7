using System.Runtime.CompilerServices;

namespace Qrie.Tests.JmesPath;

/// <summary>The JMESPath Community compliance suite, which is not part of this repository.</summary>
public sealed class ComplianceSuiteTests
{
    private const string Missing = "the suite's folder (QRIE_JMESPATH_SUITE, else ../shared/jmespath-compliance) is not there";

    private static readonly Dictionary<string, SuiteCase> s_cases = Folder() is { } folder
        ? SuiteCase.ReadFolder(folder).ToDictionary(c => $"{c.File} {c.Group}.{c.Number}")
        : [];

    /// <summary>Every case by its position; one skipped row if the suite is missing.</summary>
    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [SuiteTheory]
    [MemberData(nameof(Cases))]
    public void A_case_of_the_suite_passes(string place) => s_cases[place].Check();

    [SuiteFact]
    public void The_whole_suite_is_run()
    {
        s_cases.Count.ShouldBe(1061);
        s_cases.Values.Count(c => c.IsBenchmark).ShouldBe(16);
    }

    internal static string? Folder([CallerFilePath] string source = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));
        var folder = Environment.GetEnvironmentVariable("QRIE_JMESPATH_SUITE") ?? Path.Combine(root, "..", "shared", "jmespath-compliance");
        return Directory.Exists(folder) ? folder : null;
    }

    // The suite is exempt from QRIE_REQUIRE_ALL, because it is a third-party project outside this repository.
    private sealed class SuiteFactAttribute : FactAttribute
    {
        public SuiteFactAttribute() => Skip = Folder() is null ? Missing : null;
    }

    private sealed class SuiteTheoryAttribute : TheoryAttribute
    {
        public SuiteTheoryAttribute() => Skip = Folder() is null ? Missing : null;
    }
}
