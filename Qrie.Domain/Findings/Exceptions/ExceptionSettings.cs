namespace Qrie.Domain.Findings.Exceptions;

/// <param name="MaxDays">How far ahead an exception may expire.</param>
/// <param name="WarnDays">For how many days before it expires an exception is marked as expiring.</param>
public sealed record ExceptionSettings(int MaxDays = 365, int WarnDays = 14)
{
    /// <summary>Exceptions of an organization that are in force at once.</summary>
    public const int MostInForce = 5000;
}
