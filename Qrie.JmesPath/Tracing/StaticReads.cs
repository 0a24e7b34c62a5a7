namespace Qrie.JmesPath;

/// <summary>The parts of the root that an expression could read.</summary>
/// <param name="Members">Names of top-level members, relative to the root.</param>
/// <param name="Whole">Whether it may also read the root as a whole, and with it any member.</param>
public sealed record StaticReads(IReadOnlySet<string> Members, bool Whole);
