namespace Qrie.Domain.Accounts;

/// <summary>What Qrie can find out about its own way into AWS.</summary>
public interface IAwsAccess
{
    /// <summary>Whose the ambient credentials are. Never throws for missing or bad credentials.</summary>
    Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel);

    /// <summary>
    /// The regions to read regional types of an account in: the account's own list, else the configured one, else those that are enabled.
    /// Null regions: they could not be found out, for the reason given.
    /// </summary>
    Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel);

    /// <summary>Whether regional types are read there, as far as configuration says: without any, every region that something happens in is.</summary>
    bool ReadsRegion(Account account, string region);
}

/// <summary>The account of the ambient credentials.</summary>
/// <param name="AccountId">Null: there is none, for the reason in <paramref name="Problem"/>.</param>
/// <param name="Arn">The caller's ARN.</param>
/// <param name="Problem">What is missing and how to go on, in one sentence.</param>
public sealed record AmbientAccount(string? AccountId, string? Arn, string? Problem);
