namespace Qrie.Domain.Access;

/// <summary>Stores API keys.</summary>
public interface IApiKeyStore
{
    Task AddAsync(ApiKey key, CancellationToken cancel);

    /// <summary>Finds a key in any organization, because the key determines the organization. Null if there is none.</summary>
    Task<ApiKey?> FindAsync(string keyId, CancellationToken cancel);

    /// <summary>Null if the organization has no such key.</summary>
    Task<ApiKey?> FindAsync(string organization, string keyId, CancellationToken cancel);

    /// <summary>Ordered by id, including revoked and expired keys.</summary>
    Task<Page<ApiKey>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>Whether any key is valid at that time.</summary>
    Task<bool> AnyActiveAsync(DateTimeOffset now, CancellationToken cancel);

    /// <summary>Returns the key afterwards; a revoked key keeps its time. Null if the organization has no such key.</summary>
    Task<ApiKey?> RevokeAsync(string organization, string keyId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Records when keys were last used; an earlier time than the stored one changes nothing.</summary>
    Task RecordUseAsync(IReadOnlyDictionary<string, DateTimeOffset> lastUse, CancellationToken cancel);
}
