using System.Security.Cryptography;

namespace Qrie.Domain.Accounts;

/// <summary>
/// External ids of roles (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html): what stands between an organization and
/// a role that trusts Qrie for somebody else. They are random, and kept for one organization and one account; nobody chooses one.
/// </summary>
public sealed class ExternalIds(IExternalIdStore store, TimeProvider clock)
{
    private const int SecretBytes = 16;

    /// <summary>A new one, for nobody yet.</summary>
    public static string New() => $"qrie-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>The ids of accounts, by account id; where there is none yet, one is issued.</summary>
    public Task<IReadOnlyDictionary<string, string>> IssueAsync(string organization, IReadOnlyCollection<string> accountIds, CancellationToken cancel) =>
        store.FindOrAddAsync(organization, accountIds.ToDictionary(id => id, _ => New()), clock.GetUtcNow(), cancel);
}

/// <summary>Keeps the external ids that Qrie issued.</summary>
public interface IExternalIdStore
{
    /// <summary>Stores an id for each account that has none, in one transaction, and answers the ids of all of them.</summary>
    /// <param name="fresh">New ids by account id.</param>
    Task<IReadOnlyDictionary<string, string>> FindOrAddAsync(
        string organization, IReadOnlyDictionary<string, string> fresh, DateTimeOffset at, CancellationToken cancel);
}
