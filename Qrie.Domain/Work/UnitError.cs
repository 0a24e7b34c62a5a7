namespace Qrie.Domain.Work;

/// <summary>Something that a unit could not do.</summary>
/// <param name="Outcome">How the list of the type ended, or <c>Failed</c> for the unit itself.</param>
public sealed record UnitError(string? Type, string Outcome, string Code, string Message);
