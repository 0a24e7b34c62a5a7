using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Qrie.Domain.Inventory;

/// <summary>A search for resources by a key that a policy declares (catalog-format.md section 8).</summary>
/// <param name="Key">The key expression, as written in the policy.</param>
/// <param name="AccountId">Null for every account of the organization.</param>
public sealed record Lookup(string Type, string Key, string Value, string? AccountId);

/// <summary>The result of a lookup.</summary>
/// <param name="Found">Ordered by account_service, ARN.</param>
/// <param name="Covered">
/// Everything that was searched has been read: the last list of the type was complete in every account and region, and no resource of the type has an
/// unreadable key. Only then does an empty result mean that there is nothing. </param>
public sealed record LookupResult(IReadOnlyList<FoundResource> Found, bool Covered)
{
    /// <summary>Differs if the result would differ.</summary>
    public string Fingerprint => FingerprintOf(Found.Select(f => (f.AccountService, f.Arn, f.Hash)), Covered);

    public static string FingerprintOf(IEnumerable<(string AccountService, string Arn, string Hash)> found, bool covered) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes($"{covered}\n{string.Join('\n', found.Select(f => $"{f.AccountService} {f.Arn} {f.Hash}"))}")))[..16];
}

/// <param name="Configuration">With <c>_unknown</c>.</param>
public sealed record FoundResource(string AccountService, string Arn, string Hash, JsonElement Configuration);

/// <summary>A lookup that a verdict depends on: the verdict is valid only while the lookup returns the same.</summary>
public sealed record LookupDependency(Lookup Lookup, string Fingerprint);
