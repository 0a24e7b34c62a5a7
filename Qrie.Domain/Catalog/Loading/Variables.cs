namespace Qrie.Domain.Catalog.Loading;

/// <summary>The variables available to expressions of a kind, by name without the dollar sign.</summary>
internal sealed record VariableSet(IReadOnlySet<string> Names)
{
    public VariableSet With(IEnumerable<string> more) => new(Names.Concat(more).ToHashSet());
}

internal static class Variables
{
    /// <summary>Over a row during collection.</summary>
    public static VariableSet Collection { get; } = Of("account", "partition", "home", "region", "id", "arn", "self", "row");

    /// <summary>Over data that is the same for every row of a region.</summary>
    public static VariableSet Unit { get; } = Of("account", "partition", "home", "region", "id");

    /// <summary>Over a row of a shared response, which is not assigned to a resource yet.</summary>
    public static VariableSet Answer { get; } = Of("account", "partition", "home", "region");

    /// <summary>Over the completed resource, whose identity is known; there is no row.</summary>
    public static VariableSet Resource { get; } = Of("account", "partition", "home", "region", "id", "arn");

    /// <summary>Over a CloudTrail record.</summary>
    public static VariableSet Event { get; } = Of("account", "partition", "region");

    /// <summary>Related resources of an event: <c>$stored</c> is the resource before, <c>$self</c> after.</summary>
    public static VariableSet Also { get; } = Of("account", "partition", "region", "stored", "self");

    /// <summary>In a policy, besides its params.</summary>
    public static VariableSet Policy { get; } = Of("account", "partition", "region", "arn", "tags", "now");

    private static VariableSet Of(params string[] names) => new(names.ToHashSet());
}
