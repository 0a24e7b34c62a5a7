namespace Qrie.Domain.Work;

/// <summary>An error of a unit.</summary>
/// <param name="Outcome">The outcome of the type's list, or <c>Failed</c> for the unit itself.</param>
public sealed record UnitError(string? Type, string Outcome, string Code, string Message);
