using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Lookups;

/// <summary>
/// Computes the keys by which the catalog's policies look up a resource. They are stored with the resource, so that a lookup is an index search and a change of
/// the resource finds the verdicts that depend on it.
/// </summary>
public sealed class LookupKeys(ICatalog catalog)
{
    public IReadOnlyList<LookupKey> Of(CollectedResource resource) =>
        Of(resource.Type, resource.Configuration, resource.AccountId, resource.Arn, resource.Region, resource.Tags);

    public IReadOnlyList<LookupKey> Of(StoredResource resource) =>
        Of(resource.Type, resource.Configuration!.Value, resource.AccountId, resource.Arn, resource.Region, resource.Tags);

    private List<LookupKey> Of(
        string type, JsonElement configuration, string accountId, string arn, string region, IReadOnlyDictionary<string, string>? tags)
    {
        var keys = new List<LookupKey>();
        foreach (var expression in catalog.Current.LookupKeysOf(type))
        {
            var input = new PolicyInput
            {
                Configuration = configuration,
                AccountId = accountId,
                Arn = arn,
                Region = region,
                Tags = tags,
                Params = new Dictionary<string, JsonElement>(),
                Now = DateTimeOffset.UnixEpoch, // a time-dependent key could not be indexed
            };
            var (values, reason) = LookupValues.Read(expression, input);
            keys.AddRange(reason is null ? values.Select(value => new LookupKey(expression.Text, value)) : [new LookupKey(expression.Text, null)]);
        }

        return keys;
    }
}

/// <summary>The values of a key, or of the expression compared with it: one or a list.</summary>
internal static class LookupValues
{
    /// <summary>The distinct values as text; unreliable if there is a reason.</summary>
    public static (IReadOnlyList<string> Values, UnknownReason? Reason) Read(JmesPathExpression expression, PolicyInput input)
    {
        var (value, reason) = PolicyEvaluator.EvaluateAlone(expression, input);
        return reason is not null ? ([], reason) : ([.. Texts(value).Distinct(StringComparer.Ordinal)], null);
    }

    private static List<string> Texts(JmesValue value)
    {
        if (value.Kind is not JmesKind.Array)
        {
            return value.Kind switch
            {
                JmesKind.String => [value.GetString()],
                JmesKind.Number or JmesKind.Boolean => [value.ToString()],
                _ => [],
            };
        }

        var texts = new List<string>();
        foreach (var item in value.EnumerateArray())
        {
            texts.AddRange(Texts(item));
        }

        return texts;
    }
}
