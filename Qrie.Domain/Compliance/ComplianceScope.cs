namespace Qrie.Domain.Compliance;

/// <summary>Whose state is asked for: one account, the accounts of an organizational unit, or all.</summary>
/// <param name="AccountId">Null for more than one.</param>
/// <param name="Ou">A path, <c>/Production</c>: the units below it are included. Null for all.</param>
public sealed record ComplianceScope(string? AccountId = null, string? Ou = null)
{
    public static readonly ComplianceScope Everything = new();

    /// <summary>Its name in the history.</summary>
    public string Subject => AccountId ?? (OuPath is { } path ? RecordedScore.OfOu(path) : RecordedScore.Everything);

    /// <summary>The path of the unit with a leading slash and without a trailing one; null for all.</summary>
    public string? OuPath => Ou is null ? null : "/" + Ou.Trim('/');
}
