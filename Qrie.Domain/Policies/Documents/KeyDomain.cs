namespace Qrie.Domain.Policies.Documents;

/// <summary>The possible values of a condition key in a caller's requests.</summary>
internal sealed record KeyDomain
{
    /// <summary>Any value, or none.</summary>
    public static KeyDomain Optional { get; } = new();

    /// <summary>Any value, always.</summary>
    public static KeyDomain Required { get; } = new() { MayBeMissing = false };

    public static KeyDomain Missing { get; } = new() { MayBePresent = false };

    /// <summary>A key that the analysis does not support.</summary>
    public static KeyDomain Unknown { get; } = new() { IsKnown = false };

    public static KeyDomain Boolean { get; } = OneOf("true", "false");

    public bool IsKnown { get; private init; } = true;

    public bool MayBeMissing { get; init; } = true;

    public bool MayBePresent { get; init; } = true;

    /// <summary>Always present; only a condition with IfExists is assumed to allow for its absence.</summary>
    public bool MissingIfTolerated { get; init; }

    /// <summary>The possible values; null for any.</summary>
    public IReadOnlyList<Glob>? Values { get; init; }

    /// <summary>Values that are impossible.</summary>
    public IReadOnlyList<Glob> Excluded { get; init; } = [];

    /// <summary>Values that may be possible (undecided).</summary>
    public IReadOnlyList<Glob> Doubtful { get; init; } = [];

    /// <summary>Likely values of a fixed but unknown value; null if the key is not of this kind.</summary>
    public IReadOnlyList<Glob>? Assumed { get; init; }

    /// <summary>An address, for which almost any value must be possible.</summary>
    public bool NeedsWorld { get; init; }

    /// <summary>The caller can choose any value.</summary>
    public bool IsFree => IsKnown && MayBePresent && Values is null && Excluded.Count == 0 && Doubtful.Count == 0 && Assumed is null && !NeedsWorld;

    public static KeyDomain OneOf(params string[] values) => new() { MayBeMissing = false, Values = [.. values.Select(value => Glob.Literal(value))] };
}
