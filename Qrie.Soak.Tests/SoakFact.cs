using Qrie.Tests.Emulator;

namespace Qrie.Soak.Tests;

/// <summary>
/// A test that inherently takes minutes. It is skipped with a reason unless <c>QRIE_SOAK=1</c>, or if a required program is missing (which is a failure with
/// <c>QRIE_REQUIRE_ALL=1</c>).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoakFactAttribute : FactAttribute
{
    /// <param name="programs">Programs that must be on PATH.</param>
    public SoakFactAttribute(params string[] programs) => Skip = Soak.NotAskedFor ?? Requirements.MissingProgram(programs);
}

internal static class Soak
{
    /// <summary>Why soak tests are skipped; null if they run.</summary>
    public static string? NotAskedFor { get; } =
        Environment.GetEnvironmentVariable("QRIE_SOAK") == "1" ? null : "soak tests take minutes: QRIE_SOAK=1 dotnet test Qrie.Soak.Tests";
}
