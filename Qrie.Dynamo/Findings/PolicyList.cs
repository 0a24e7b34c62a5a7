using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Qrie.Domain.Policies;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Findings;

/// <summary>Policies with their revisions, in order: most evaluations have the same ones, so they only name them.</summary>
internal sealed record PolicyList(string Name, IReadOnlyList<ListedPolicy> Policies);

internal sealed record ListedPolicy(string PolicyId, long Revision);

/// <summary>Stores and finds policy lists. They never change.</summary>
internal sealed class PolicyLists(DynamoStore store)
{
    /// <summary>A policy's change makes a new one: older ones are read again when they are needed.</summary>
    private const int Cached = 1000;

    private readonly ConcurrentDictionary<string, PolicyList> _known = new(StringComparer.Ordinal);

    /// <summary>Stored before the transaction that names it.</summary>
    public PolicyList Of(WriteSession session, IReadOnlyList<EvaluatedPolicy> policies)
    {
        List<ListedPolicy> listed = [.. policies.Select(p => new ListedPolicy(p.PolicyId, p.Revision))];
        var json = Json.Of(listed);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)))[..32];
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        session.Before(ItemWrite.Put(KeyOf(name), ItemOf(json)));
        return new PolicyList(name, listed);
    }

    public async Task<PolicyList> FindAsync(string name, CancellationToken cancel)
    {
        if (_known.TryGetValue(name, out var known))
        {
            return known;
        }

        var item = await store.GetAsync(KeyOf(name), cancel) ?? throw new InvalidDataException("A stored evaluation names policies that are not stored.");
        var found = new PolicyList(name, Json.To<List<ListedPolicy>>(PoliciesOf(item)));
        if (_known.Count >= Cached)
        {
            _known.Clear();
        }

        _known[name] = found;
        return found;
    }

    internal static Item ItemOf(string policies) => new Item().Set("Policies", policies);

    internal static string PoliciesOf(Item item) => item.RequiredText("Policies");

    internal static ItemKey KeyOf(string name) => Documents.Key(KeyText.Join("policy-list", name), "list");
}
