using System.Security.Cryptography;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// The installation's secret key for the fingerprints of redacted values. It is stored, so that it is the same for every process and after every start: with
/// another key every fingerprint would change, and with it every such resource.
/// </summary>
public sealed class RedactionKey
{
    private byte[]? _value;

    /// <summary>
    /// Sets the key, before the first call. A process without a store (<c>qrie call</c>) may omit this and uses a key of its own.
    /// </summary>
    public void Set(byte[] value) => _value = value;

    internal byte[] Value => _value ?? Interlocked.CompareExchange(ref _value, RandomNumberGenerator.GetBytes(32), null) ?? _value;
}
