namespace Qrie.Domain.Dashboard;

/// <summary>
/// Reads what anti-entropy inventories found that no event had told. It is written with the resources themselves. Removed accounts are left out.
/// </summary>
public interface IDriftStore
{
    /// <summary>How many samples of a scan are kept.</summary>
    const int SamplesKept = 20;

    /// <summary>Largest first; accounts without any are missing.</summary>
    Task<IReadOnlyList<AccountDrift>> CountByAccountAsync(string organization, string scanId, CancellationToken cancel);

    /// <summary>Of one account, by region and type, largest first.</summary>
    Task<IReadOnlyList<TypeDrift>> CountByTypeAsync(string organization, string scanId, string accountId, CancellationToken cancel);

    /// <summary>In the order in which they were found.</summary>
    /// <param name="accountId">Null: all accounts.</param>
    Task<IReadOnlyList<DriftSample>> ListSamplesAsync(string organization, string scanId, string? accountId, CancellationToken cancel);
}

/// <summary>How the resource differed from what was stored.</summary>
public enum DriftChange
{
    Created,
    Changed,
    Deleted,
}

/// <summary>Resources of an account that were not as they were stored.</summary>
public sealed record AccountDrift(string AccountId, long Created, long Changed, long Deleted);

/// <summary>The same of one list: a type in a region, or <c>global</c>.</summary>
public sealed record TypeDrift(string Region, string Type, long Created, long Changed, long Deleted);

/// <summary>One resource that was not as it was stored.</summary>
/// <param name="Region">Where it lives.</param>
/// <param name="Attributes">Of a changed one the attributes that differ.</param>
public sealed record DriftSample(
    string Arn, string AccountService, DriftChange Change, string Type, string Region, DateTimeOffset FoundAt, IReadOnlyList<string> Attributes);
