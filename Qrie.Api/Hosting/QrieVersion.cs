using System.Reflection;

namespace Qrie.Api.Hosting;

/// <summary>What was built.</summary>
internal static class QrieVersion
{
    private static readonly string[] s_informational =
        (typeof(QrieVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+', 2);

    public static readonly string Current = s_informational[0];

    /// <summary>The SDK appends it where it builds in a checkout; null: it did not.</summary>
    public static readonly string? Commit = s_informational.ElementAtOrDefault(1);
}

/// <summary>When this process began, by a clock that the demo moves meanwhile.</summary>
internal sealed class ProcessStart(TimeProvider clock)
{
    private readonly long _at = clock.GetTimestamp();

    public DateTimeOffset At => clock.GetUtcNow() - clock.GetElapsedTime(_at);
}
