using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Domain;
using Qrie.Domain.Findings.Exceptions;

namespace Qrie.Dynamo.Findings.Exceptions;

/// <summary>Decides which exceptions hold the findings of a resource.</summary>
internal static class ExceptionGate
{
    private const int HashLength = 16;

    /// <summary>The exception that holds a finding with this evidence; null if none does.</summary>
    public static string? Find(ExceptionSet exceptions, ResourceVerdicts target, string region, string policyId, JsonElement evidence)
    {
        if (exceptions.Count == 0)
        {
            return null;
        }

        var covering = exceptions.Covering(
            AccountService.Split(target.AccountServiceName).AccountId, region, target.Row.ArnText, policyId,
            exceptions.NeedsTags ? target.Row.TagsOrNull : null);
        return covering.FirstOrDefault(e => !e.UntilChanged || IsUnchanged(target, policyId, e.ExceptionId, evidence))?.ExceptionId;
    }

    /// <summary>Under which the evidence of a finding is remembered for an exception.</summary>
    public static string KeyOf(string policyId, string exceptionId) => $"{policyId}#{exceptionId}";

    /// <summary>Inverts <see cref="KeyOf"/>.</summary>
    public static (string PolicyId, string ExceptionId) IdsOf(string key)
    {
        var at = key.IndexOf('#', StringComparison.Ordinal);
        return (key[..at], key[(at + 1)..]);
    }

    /// <summary>The first evidence is remembered. After a change the exception never holds the finding again.</summary>
    private static bool IsUnchanged(ResourceVerdicts target, string policyId, string exceptionId, JsonElement evidence)
    {
        var (key, hash) = (KeyOf(policyId, exceptionId), HashOf(evidence));
        if (!target.ExceptionEvidence.TryGetValue(key, out var known))
        {
            target.ExceptionEvidence[key] = new RememberedEvidence(hash, HasEnded: false);
            return true;
        }

        if (!known.HasEnded && known.Hash != hash)
        {
            target.ExceptionEvidence[key] = known with { HasEnded = true };
            return false;
        }

        return !known.HasEnded;
    }

    private static string HashOf(JsonElement evidence) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(evidence.GetRawText())))[..HashLength];
}

/// <summary>What the evidence of a finding was when an exception began to hold it that ends with a change.</summary>
/// <param name="HasEnded">It has changed.</param>
internal sealed record RememberedEvidence(string Hash, bool HasEnded);
