namespace Qrie.JmesPath;

/// <summary>A parsed expression: parse once, evaluate many times, from any thread.</summary>
public sealed class JmesPathExpression
{
    /// <summary>The expression as it was written.</summary>
    public required string Text { get; init; }
}
