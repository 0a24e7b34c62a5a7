using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;

namespace Qrie.Domain.Policies;

/// <summary>An active policy with its definition.</summary>
public sealed class ActivePolicy
{
    public ActivePolicy(LaunchedPolicy launched, PolicyDefinition definition)
    {
        Launched = launched;
        Definition = definition;
        Severity = launched.Severity ?? definition.Severity;
        (_passed, _notApplicable, _leftOut) = (Of(PolicyVerdict.Pass), Of(PolicyVerdict.NotApplicable), Of(null));
        Params = definition.Params.Concat(launched.Params).GroupBy(p => p.Key).ToDictionary(p => p.Key, p => p.Last().Value);
    }

    private readonly EvaluatedPolicy _passed;
    private readonly EvaluatedPolicy _notApplicable;
    private readonly EvaluatedPolicy _leftOut;

    public LaunchedPolicy Launched { get; }

    public PolicyDefinition Definition { get; }

    public string PolicyId => Launched.PolicyId;

    public int Severity { get; }

    public IReadOnlyDictionary<string, JsonElement> Params { get; }

    /// <summary>The input for evaluating a resource, without lookup results.</summary>
    /// <param name="unknown">The attributes that could not be read; null if not determined yet.</param>
    public PolicyInput InputOf(StoredResource resource, Account account, DateTimeOffset now, IReadOnlyDictionary<string, string>? unknown = null) => new()
    {
        Unknown = unknown,
        Configuration = resource.Configuration!.Value,
        AccountId = account.AccountId,
        Arn = resource.Arn,
        Region = resource.Region,
        Tags = resource.Tags,
        Params = Params,
        Now = now,
    };

    /// <summary>Its result for a resource. Most verdicts of a scan are the same three.</summary>
    /// <param name="verdict">Null if its scope excludes the resource.</param>
    public EvaluatedPolicy Evaluated(PolicyVerdict? verdict) =>
        verdict is null ? _leftOut
        : ReferenceEquals(verdict, PolicyVerdict.Pass) ? _passed
        : ReferenceEquals(verdict, PolicyVerdict.NotApplicable) ? _notApplicable
        : Of(verdict);

    private EvaluatedPolicy Of(PolicyVerdict? verdict) => new(PolicyId, Launched.Revision, Severity, verdict);

    /// <summary>
    /// Identifies everything besides the resource itself that its verdicts depend on: while this and the resource's hash stay the same, and no time-dependent
    /// policy is due, it need not be evaluated again.
    /// </summary>
    public static string FingerprintOf(IEnumerable<ActivePolicy> policies, Account account)
    {
        // Null and empty differ: a scope that depends on an unknown OU is unknown.
        var text = new StringBuilder(account.Ou ?? "?").Append('\n')
            .Append(JsonSerializer.Serialize(new SortedDictionary<string, string>(TagsOf(account), StringComparer.Ordinal)));
        foreach (var policy in policies.OrderBy(p => p.PolicyId, StringComparer.Ordinal))
        {
            // The revision covers scope, parameters and severity. The catalog's severity may change without it; everything else in the definition, and the
            // version of the functions, is part of the definition hash.
            var notWatched = account.Watches(policy.Definition.Service) ? "" : " not watched";
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n{policy.PolicyId} {policy.Launched.Revision} {policy.Severity} {policy.Definition.DefinitionHash}{notWatched}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..32];
    }

    private static Dictionary<string, string> TagsOf(Account account) => new(account.Tags ?? new Dictionary<string, string>());
}
