namespace Qrie.Domain.Compliance;

/// <summary>Whose state is asked for: one account, the accounts of an organizational unit, or all.</summary>
/// <param name="AccountId">Null for more than one.</param>
/// <param name="Ou">A path, <c>/Production</c>: the units below it are included. Null for all.</param>
public sealed record ComplianceScope(string? AccountId = null, string? Ou = null)
{
    public static readonly ComplianceScope Everything = new();

    /// <summary>Its name in the history.</summary>
    public string Subject => AccountId ?? (Ou is null ? RecordedScore.Everything : RecordedScore.OfOu(NormalOu));

    /// <summary>With a leading slash and without a trailing one.</summary>
    private string NormalOu => "/" + Ou!.Trim('/');

    /// <summary>Whether an account's OU is the asked one or below it.</summary>
    public bool Covers(string? ou)
    {
        var path = "/" + ou?.Trim('/');
        return ou is not null && (NormalOu == "/" || path == NormalOu || path.StartsWith(NormalOu + "/", StringComparison.Ordinal));
    }
}
