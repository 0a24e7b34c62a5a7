namespace Qrie.Domain.Accounts;

/// <summary>Qrie's own access to AWS.</summary>
public interface IAwsAccess
{
    /// <summary>The identity of the ambient credentials. Does not throw for missing or invalid credentials.</summary>
    Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel);

    /// <summary>
    /// The regions in which regional types of an account are read: the account's own, else the configured ones, else the enabled ones. Null regions could not
    /// be determined, for the reason given.
    /// </summary>
    Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel);

    /// <summary>Whether regional types are read in a region according to the configuration; without one, every region with events is.</summary>
    bool ReadsRegion(Account account, string region);
}

/// <summary>The account of the ambient credentials.</summary>
/// <param name="AccountId">Null if there is none, for the reason in <paramref name="Problem"/>.</param>
/// <param name="Arn">The caller's ARN.</param>
/// <param name="Problem">What is missing and the remedy, in one sentence.</param>
public sealed record AmbientAccount(string? AccountId, string? Arn, string? Problem);
