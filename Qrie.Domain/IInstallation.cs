namespace Qrie.Domain;

/// <summary>State of the installation, as opposed to an organization.</summary>
public interface IInstallation
{
    /// <summary>Migrates the store to this version's schema. Must be called first.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>The store's kind and the version of its library or server, for <c>/health</c>.</summary>
    Task<(string Kind, string Version)> DescribeStoreAsync(CancellationToken cancel);

    /// <summary>What an administrator of the store should change, with the remedy; empty if there is nothing.</summary>
    Task<IReadOnlyList<string>> ListStoreWarningsAsync(CancellationToken cancel);

    /// <summary>The schema version of the store.</summary>
    Task<int> SchemaAsync(CancellationToken cancel);

    /// <summary>A secret of 32 random bytes that is created once (page tokens, redaction).</summary>
    Task<byte[]> SecretAsync(string name, CancellationToken cancel);

    /// <summary>A setting that survives restarts; null if it is not set.</summary>
    Task<string?> SettingAsync(string name, CancellationToken cancel);

    Task SetSettingAsync(string name, string value, CancellationToken cancel);
}
