namespace Qrie.Domain.Dashboard;

/// <summary>
/// Reads drift: what anti-entropy inventories found without an event. It is written with the resources themselves. Excludes removed accounts.
/// </summary>
public interface IDriftStore
{
    /// <summary>The number of samples stored per scan.</summary>
    const int MaxSamples = 20;

    /// <summary>Largest first; accounts without drift are missing.</summary>
    Task<IReadOnlyList<AccountDrift>> CountByAccountAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>Of one account, by region and type, largest first.</summary>
    Task<IReadOnlyList<TypeDrift>> CountByTypeAsync(string organization, string scanId, string accountId, CancellationToken cancel);

    /// <summary>In the order of discovery.</summary>
    /// <param name="accountId">Null for all accounts.</param>
    Task<IReadOnlyList<DriftSample>> ListSamplesAsync(string organization, string scanId, string? accountId, CancellationToken cancel);
}

/// <summary>How the resource differed from its stored state.</summary>
public enum DriftChange
{
    Created,
    Changed,
    Deleted,
}

/// <summary>Changed resources of an account.</summary>
public sealed record AccountDrift(string AccountId, long Created, long Changed, long Deleted);

/// <summary>Changed resources of one list: a type in a region, or <c>global</c>.</summary>
public sealed record TypeDrift(string Region, string Type, long Created, long Changed, long Deleted);

/// <summary>A changed resource.</summary>
/// <param name="Region">The region of the resource.</param>
/// <param name="Attributes">The changed attributes.</param>
public sealed record DriftSample(
    string Arn, string AccountService, DriftChange Change, string Type, string Region, DateTimeOffset FoundAt, IReadOnlyList<string> Attributes);
