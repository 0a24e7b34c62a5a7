namespace Qrie.JmesPath;

/// <summary>What an expression could read of its root at all.</summary>
/// <param name="Members">Names of top-level members, relative to the root.</param>
/// <param name="Whole">It may also read the root as a whole, so any member.</param>
public sealed record StaticReads(IReadOnlySet<string> Members, bool Whole);
