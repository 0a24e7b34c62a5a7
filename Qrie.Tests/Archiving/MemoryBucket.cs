using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Qrie.Domain.Archiving;

namespace Qrie.Tests.Archiving;

/// <summary>A bucket in memory that can refuse and damage objects.</summary>
internal sealed class MemoryBucket : IArchiveBucket
{
    public string? Location { get; set; } = "memory://bucket/";

    public SortedDictionary<string, byte[]> Objects { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys that contain this are refused; null for none.</summary>
    public string? Refuses { get; set; }

    public Task PutAsync(string key, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte> sha256, CancellationToken cancel)
    {
        if (Refuses is { } refused && key.Contains(refused, StringComparison.Ordinal))
        {
            throw new ArchiveException($"{key} cannot be written: SlowDown");
        }

        SHA256.HashData(content.Span).ShouldBe(sha256.ToArray());
        Objects[key] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<byte[]?> FindAsync(string key, long maxBytes, CancellationToken cancel) => Task.FromResult(Objects.GetValueOrDefault(key));

    public async IAsyncEnumerable<string> ListAsync(string key, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        foreach (var name in Objects.Keys.Where(k => k.StartsWith(key, StringComparison.Ordinal)).Select(k => k[key.Length..].Split('/')[0]).Distinct())
        {
            yield return name;
        }
    }
}
