namespace Qrie.JmesPath;

/// <summary>A part of an expression that other JMESPath engines parse differently, because the specification does not decide its precedence.</summary>
/// <param name="Position">The 0-based index of the part in the expression's text.</param>
/// <param name="Message">The difference.</param>
/// <param name="Remedy">A form that all engines parse alike.</param>
public sealed record JmesPathNote(int Position, string Message, string Remedy);
