using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Ui.Tests;

/// <summary>A test that needs Chromium, and axe-core for its page: skipped with the reason where one is missing, unless <c>QRIE_REQUIRE_ALL=1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Requirements.MissingProgram("chromium") ?? NpmPackage.Missing(NpmPackage.Axe);
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Requirements.MissingProgram("chromium") ?? NpmPackage.Missing(NpmPackage.Axe);
}
