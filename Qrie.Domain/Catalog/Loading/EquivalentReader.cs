using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads the <c>equivalents</c> of a policy: of each kind an id, <c>{ id, covers, why }</c>, or a list of both (docs/policies.md).</summary>
internal sealed class EquivalentReader(CatalogErrors errors)
{
    /// <summary>Where checks come from: Security Hub, AWS Config, Prowler, the CIS benchmark.</summary>
    internal static readonly string[] Kinds = ["securityhub", "config", "prowler", "cis"];

    private static readonly Dictionary<string, EquivalentCoverage> s_coverages = new()
    {
        ["same"] = EquivalentCoverage.Same,
        ["more"] = EquivalentCoverage.More,
        ["less"] = EquivalentCoverage.Less,
    };

    /// <summary>By kind, in the order of the file; a kind that the policy has nothing of is not there.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PolicyEquivalent>> Read(MapReader policy)
    {
        var equivalents = new Dictionary<string, IReadOnlyList<PolicyEquivalent>>();
        if (MapReader.From(policy.Node("equivalents"), "'equivalents'", errors) is not { } reader)
        {
            return equivalents;
        }

        foreach (var kind in Kinds)
        {
            if (reader.Node(kind) is { } node)
            {
                equivalents[kind] = ReadKind(node, kind, reader);
            }
        }

        reader.RefuseOthers();
        return equivalents;
    }

    private List<PolicyEquivalent> ReadKind(SourceNode node, string kind, MapReader reader)
    {
        if (node is SourceList { Items.Count: 0 })
        {
            errors.Add(node, $"'{kind}' has no ids.", "Write an id, a list of them, or leave the key out.");
        }

        var read = new List<PolicyEquivalent>();
        foreach (var item in node is SourceList list ? list.Items : [node])
        {
            if ((item is SourceMap map ? ReadMap(map, kind) : ReadId(item, kind, reader)) is not { } equivalent)
            {
                continue;
            }

            if (read.Exists(other => string.Equals(other.Id, equivalent.Id, StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add(item, $"'{kind}' names '{equivalent.Id}' twice.", "Name each check once; one 'why' may tell several differences.");
                continue;
            }

            read.Add(equivalent);
        }

        return read;
    }

    private static PolicyEquivalent? ReadId(SourceNode node, string kind, MapReader reader) =>
        reader.Text(node, kind) is { } id ? new PolicyEquivalent(id, EquivalentCoverage.Same, null) : null;

    private PolicyEquivalent? ReadMap(SourceMap map, string kind)
    {
        var before = errors.Count;
        var reader = new MapReader(map, $"an entry of '{kind}'", errors);
        var id = reader.RequiredText("id");
        var covers = reader.Text("covers");
        var why = reader.Text("why");
        reader.RefuseOthers();
        var coverage = EquivalentCoverage.Same;
        if (covers is not null && !s_coverages.TryGetValue(covers, out coverage))
        {
            errors.Add(
                reader.Node("covers")!, $"'{covers}' does not say what is covered.",
                "Write 'same'; 'more' where all that the check finds is found, and more; 'less' where something of it is not.");
        }
        else if (coverage is not EquivalentCoverage.Same && reader.Node("why") is null)
        {
            errors.Add(map, $"Why '{id}' covers {covers} is not said.", "Add 'why:' with what the policy finds besides, or leaves out.");
        }

        return errors.Count == before ? new PolicyEquivalent(id!, coverage, why?.Trim()) : null;
    }
}
