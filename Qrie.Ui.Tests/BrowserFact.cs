using Qrie.Tests.Emulator;

namespace Qrie.Ui.Tests;

/// <summary>A test that needs Chromium: skipped with the reason where it is missing, unless <c>QRIE_REQUIRE_ALL=1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Requirements.MissingProgram("chromium");
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Requirements.MissingProgram("chromium");
}
