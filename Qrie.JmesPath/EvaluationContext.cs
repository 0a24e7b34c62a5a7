namespace Qrie.JmesPath;

/// <summary>The inputs of an evaluation besides the document. Everything is optional.</summary>
public sealed class EvaluationContext
{
    /// <summary>Values of the free variables, by name without the dollar sign. A name that is missing is an undefined-variable error.</summary>
    public IReadOnlyDictionary<string, JmesValue>? Variables { get; init; }

    /// <summary>Records what the evaluation reads; null if nothing is to be recorded, which costs nothing.</summary>
    public EvaluationTrace? Trace { get; init; }

    /// <summary>Cancels the evaluation with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancel { get; init; }
}
