using System.Globalization;
using FsCheck;
using FsCheck.Xunit;

namespace Qrie.Tests.Support;

/// <summary>
/// The seed of all random choices in tests: the same in every run, so that failures are reproducible; <c>QRIE_SEED</c> sets another.
/// </summary>
internal static class Seeds
{
    public static int Value { get; } = int.TryParse(
        Environment.GetEnvironmentVariable("QRIE_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 20261129;

    /// <summary>Samples from the seed; a failure reports the seed of its sample.</summary>
    public static Config Config { get; } =
        FsCheck.Config.QuickThrowOnFailure.WithReplay(new Replay(new Rnd((ulong)Value), size: null));
}

/// <summary>A property whose samples come from <see cref="Seeds"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SeededPropertyAttribute : PropertyAttribute
{
    public SeededPropertyAttribute()
    {
        Replay = string.Create(CultureInfo.InvariantCulture, $"{Seeds.Value},1");
        QuietOnSuccess = true;
    }
}
