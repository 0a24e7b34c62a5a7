namespace Qrie.Domain;

/// <summary>What belongs to the installation and not to an organization.</summary>
public interface IInstallation
{
    /// <summary>Brings the store to this version's schema. To be called before anything else.</summary>
    Task PrepareAsync(CancellationToken cancel);

    /// <summary>Which store it is, for <c>/health</c>: kind and version of the library or server.</summary>
    Task<(string Kind, string Version)> DescribeStoreAsync(CancellationToken cancel);

    /// <summary>The number of the schema that the store has.</summary>
    Task<int> SchemaAsync(CancellationToken cancel);

    /// <summary>A secret of 32 random bytes that is made once and then stays the same (page tokens, redaction).</summary>
    Task<byte[]> SecretAsync(string name, CancellationToken cancel);

    /// <summary>Something that Qrie remembers between starts; null: nothing yet.</summary>
    Task<string?> SettingAsync(string name, CancellationToken cancel);

    Task SetSettingAsync(string name, string value, CancellationToken cancel);
}
