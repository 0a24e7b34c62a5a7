using System.Security.Cryptography;

namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// The installation's secret behind the fingerprints of redacted values. It lives in the store, so that it is the same for every process and
/// after every start: with another one every fingerprint changes, and each such resource counts as changed.
/// </summary>
public sealed class RedactionKey
{
    private byte[]? _value;

    /// <summary>
    /// Gives the key. To be done before the first call; a process without a store (<c>qrie call</c>) may leave it out and has one of its own.
    /// </summary>
    public void Set(byte[] value) => _value = value;

    internal byte[] Value => _value ?? Interlocked.CompareExchange(ref _value, RandomNumberGenerator.GetBytes(32), null) ?? _value;
}
