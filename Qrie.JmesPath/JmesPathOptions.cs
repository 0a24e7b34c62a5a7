using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath;

/// <summary>The functions and limits of an expression. One instance may be used for any number of expressions.</summary>
public sealed record JmesPathOptions
{
    /// <summary>The standard functions and limits for trusted policy files.</summary>
    public static JmesPathOptions Default { get; } = new();

    /// <summary>The functions that expressions may call.</summary>
    public FunctionLibrary Functions { get; init; } = FunctionLibrary.Standard;

    /// <summary>The maximum length of an expression, in UTF-16 units.</summary>
    public int MaxExpressionLength { get; init; } = 32_768;

    /// <summary>The maximum nesting of an expression, of a value that it builds, and of values that it compares. At most 1,000.</summary>
    public int MaxDepth { get; init; } = 400;

    /// <summary>The maximum number of steps of one evaluation: about one for each node evaluated and each list element visited.</summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>The maximum size of a value that an evaluation builds, in characters of its JSON text.</summary>
    public long MaxResultSize { get; init; } = 32 * 1024 * 1024;

    /// <summary>
    /// The maximum total size of the values that an evaluation builds, in characters of their JSON text; it limits the garbage that has to be collected.
    /// </summary>
    public long MaxBuiltSize { get; init; } = long.MaxValue;
}
