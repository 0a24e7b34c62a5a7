namespace Qrie.Domain.Access;

/// <summary>Keeps API keys.</summary>
public interface IApiKeyStore
{
    Task AddAsync(ApiKey key, CancellationToken cancel);

    /// <summary>Of whichever organization: it is the key that tells whose its bearer is. Null: there is none.</summary>
    Task<ApiKey?> FindAsync(string keyId, CancellationToken cancel);

    /// <summary>Null: the organization has no such key.</summary>
    Task<ApiKey?> FindAsync(string organization, string keyId, CancellationToken cancel);

    /// <summary>Ordered by id, revoked and expired ones included.</summary>
    Task<Page<ApiKey>> ListAsync(string organization, PageRequest page, CancellationToken cancel);

    /// <summary>Whether any key is there that could be used at that time.</summary>
    Task<bool> AnyActiveAsync(DateTimeOffset now, CancellationToken cancel);

    /// <summary>The key as it is afterwards; one that is revoked keeps its time. Null: the organization has no such key.</summary>
    Task<ApiKey?> RevokeAsync(string organization, string keyId, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Notes when keys were last used; an earlier time than the known one changes nothing.</summary>
    Task RecordUseAsync(IReadOnlyDictionary<string, DateTimeOffset> lastUse, CancellationToken cancel);
}
