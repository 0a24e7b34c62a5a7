using System.Security.Cryptography;

namespace Qrie.Domain.Accounts;

/// <summary>
/// External ids of roles (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html), which prevent an organization from
/// using a role that trusts Qrie for another organization. They are random, stored per organization and account, and never supplied by callers.
/// </summary>
public sealed class ExternalIds(IExternalIdStore store, TimeProvider clock)
{
    private const int SecretBytes = 16;

    /// <summary>Generates a new id.</summary>
    public static string New() => $"qrie-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>The ids of accounts, by account id; missing ones are issued.</summary>
    public Task<IReadOnlyDictionary<string, string>> IssueAsync(string organization, IReadOnlyCollection<string> accountIds, CancellationToken cancel) =>
        store.FindOrAddAsync(organization, accountIds.ToDictionary(id => id, _ => New()), clock.GetUtcNow(), cancel);
}

/// <summary>Keeps the external ids that Qrie issued.</summary>
public interface IExternalIdStore
{
    /// <summary>Stores an id for each account without one, and returns the ids of all of them.</summary>
    /// <param name="fresh">New ids by account id.</param>
    Task<IReadOnlyDictionary<string, string>> FindOrAddAsync(
        string organization, IReadOnlyDictionary<string, string> fresh, DateTimeOffset at, CancellationToken cancel);
}
