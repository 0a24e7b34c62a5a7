using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath;

/// <summary>What an expression may call and how much it may use. One instance may serve any number of expressions.</summary>
public sealed record JmesPathOptions
{
    /// <summary>The standard functions and limits for trusted policy files.</summary>
    public static JmesPathOptions Default { get; } = new();

    /// <summary>The functions that expressions may call.</summary>
    public FunctionLibrary Functions { get; init; } = FunctionLibrary.Standard;

    /// <summary>Longest expression, in UTF-16 units.</summary>
    public int MaxExpressionLength { get; init; } = 32_768;

    /// <summary>Deepest nesting of an expression, of a value that it builds, and of values that it compares. At most 1,000.</summary>
    public int MaxDepth { get; init; } = 400;

    /// <summary>Steps of one evaluation: about one for each node evaluated and each list element visited.</summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>Largest value that an evaluation may build, as characters of its JSON text.</summary>
    public long MaxResultSize { get; init; } = 32 * 1024 * 1024;

    /// <summary>All values that an evaluation may build together, as characters of their JSON texts: what it has the collector give back.</summary>
    public long MaxBuiltSize { get; init; } = long.MaxValue;
}
