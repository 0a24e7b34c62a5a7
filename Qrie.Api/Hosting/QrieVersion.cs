using System.Reflection;

namespace Qrie.Api.Hosting;

/// <summary>The version of the build.</summary>
internal static class QrieVersion
{
    private static readonly string[] s_informational =
        (typeof(QrieVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+', 2);

    public static readonly string Current = s_informational[0];

    /// <summary>The SDK appends it when it builds in a checkout; null otherwise.</summary>
    public static readonly string? Commit = s_informational.ElementAtOrDefault(1);
}

/// <summary>The start time of this process, by a clock that the demo does not change.</summary>
internal sealed class ProcessStart(TimeProvider clock)
{
    private readonly long _at = clock.GetTimestamp();

    public DateTimeOffset At => clock.GetUtcNow() - clock.GetElapsedTime(_at);
}
