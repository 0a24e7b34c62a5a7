namespace Qrie.JmesPath;

/// <summary>What the caller gives an evaluation besides the document. Everything is optional.</summary>
public sealed class EvaluationContext
{
    /// <summary>Values of the free variables, by name without the dollar sign. A name that is missing is an undefined-variable error.</summary>
    public IReadOnlyDictionary<string, JmesValue>? Variables { get; init; }

    /// <summary>Receives what the evaluation read; null: nothing is recorded and recording costs nothing.</summary>
    public EvaluationTrace? Trace { get; init; }

    /// <summary>Stops the evaluation with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancel { get; init; }
}
