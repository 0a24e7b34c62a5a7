namespace Qrie.Domain.Policies.Documents;

/// <summary>Which values of a condition key a caller's requests can have.</summary>
internal sealed record KeyDomain
{
    /// <summary>Any value, or none.</summary>
    public static KeyDomain Optional { get; } = new();

    /// <summary>Any value, always.</summary>
    public static KeyDomain Required { get; } = new() { MayBeMissing = false };

    public static KeyDomain Missing { get; } = new() { MayBePresent = false };

    /// <summary>This analysis does not know the key.</summary>
    public static KeyDomain Unknown { get; } = new() { IsKnown = false };

    public static KeyDomain Boolean { get; } = OneOf("true", "false");

    public bool IsKnown { get; private init; } = true;

    public bool MayBeMissing { get; init; } = true;

    public bool MayBePresent { get; init; } = true;

    /// <summary>It is always there; only a condition with IfExists is taken at its word that it need not be.</summary>
    public bool MissingIfTolerated { get; init; }

    /// <summary>The values that there are; null: any.</summary>
    public IReadOnlyList<Glob>? Values { get; init; }

    /// <summary>Values that the caller does not have.</summary>
    public IReadOnlyList<Glob> Excluded { get; init; } = [];

    /// <summary>Values that the caller may have, which cannot be told.</summary>
    public IReadOnlyList<Glob> Doubtful { get; init; } = [];

    /// <summary>The value is fixed and not known: these are likely; null: no such key.</summary>
    public IReadOnlyList<Glob>? Assumed { get; init; }

    /// <summary>An address: it must be possible from about everywhere.</summary>
    public bool NeedsWorld { get; init; }

    /// <summary>The caller can give it any value.</summary>
    public bool IsFree => IsKnown && MayBePresent && Values is null && Excluded.Count == 0 && Doubtful.Count == 0 && Assumed is null && !NeedsWorld;

    public static KeyDomain OneOf(params string[] values) => new() { MayBeMissing = false, Values = [.. values.Select(value => Glob.Literal(value))] };
}
