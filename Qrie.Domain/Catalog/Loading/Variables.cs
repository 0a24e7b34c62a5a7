namespace Qrie.Domain.Catalog.Loading;

/// <summary>The variables that may be used at a place, by name without the dollar sign.</summary>
internal sealed record VariableSet(IReadOnlySet<string> Names)
{
    public VariableSet With(IEnumerable<string> more) => new(Names.Concat(more).ToHashSet());
}

internal static class Variables
{
    /// <summary>Over a row during collection.</summary>
    public static VariableSet Collection { get; } = Of("account", "partition", "home", "region", "id", "arn", "self", "row");

    /// <summary>The same for every row that is asked about in one region.</summary>
    public static VariableSet Unit { get; } = Of("account", "partition", "home", "region", "id");

    /// <summary>Over a row of a shared answer, which belongs to no resource yet.</summary>
    public static VariableSet Answer { get; } = Of("account", "partition", "home", "region");

    /// <summary>Over the finished resource: the identity is known, no row is.</summary>
    public static VariableSet Resource { get; } = Of("account", "partition", "home", "region", "id", "arn");

    /// <summary>Over a CloudTrail record.</summary>
    public static VariableSet Event { get; } = Of("account", "partition", "region");

    /// <summary>What an event concerns besides its own type: <c>$stored</c> is the resource before, <c>$self</c> after.</summary>
    public static VariableSet Also { get; } = Of("account", "partition", "region", "stored", "self");

    /// <summary>In a policy, besides its params.</summary>
    public static VariableSet Policy { get; } = Of("account", "partition", "region", "arn", "tags", "now");

    private static VariableSet Of(params string[] names) => new(names.ToHashSet());
}
