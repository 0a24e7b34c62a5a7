using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>The calls that a policy depends on: without one of them its verdicts become unknown.</summary>
public static class PolicyOperations
{
    /// <summary>Each once: the calls that list its type and read the attributes it uses, and the same for the types that it looks up.</summary>
    public static IReadOnlyList<ServiceOperation> Of(ResourceCatalog catalog, PolicyDefinition policy)
    {
        var operations = new List<ServiceOperation>();
        if (catalog.FindType(policy.ResourceType) is { } type)
        {
            var reads = new[] { policy.Applies, policy.Evidence }.Concat(policy.Violation)
                .Concat(policy.FixPlaces).Concat(policy.Lookups.Select(l => l.EqualTo))
                .OfType<JmesPathExpression>().Select(e => e.Reads()).ToList();
            operations.AddRange(Of(type, reads.SelectMany(r => r.Members).ToHashSet(), reads.Exists(r => r.Whole)));
        }

        // What an expression reads of a variable cannot be determined in advance.
        operations.AddRange(policy.Lookups.Select(l => catalog.FindType(l.Type)).OfType<ResourceTypeDefinition>().SelectMany(SourceWalker.Operations));
        return [.. operations.Distinct()];
    }

    private static IEnumerable<ServiceOperation> Of(ResourceTypeDefinition type, HashSet<string> members, bool whole)
    {
        // Existence, region, identity and tags are always read.
        foreach (var expression in new[] { type.Where, type.Region, type.Id, type.Tags }.OfType<JmesPathExpression>().Concat(Places(type.Arn)))
        {
            var reads = expression.Reads();
            members.UnionWith(reads.Members);
            whole |= reads.Whole;
        }

        var plan = type.Plan.Attributes;
        var described = plan.Select(p => p.Attribute.Name).ToHashSet();
        var needed = new HashSet<int>();
        for (var i = 0; i < plan.Count; i++)
        {
            // A name that no attribute defines may be part of the merged attributes.
            var attribute = plan[i].Attribute;
            if (whole || plan[i].BeforeRegion || members.Contains(attribute.Name) || IsTags(attribute.Name, type)
                || (attribute.IsMerged && members.Any(m => !described.Contains(m))))
            {
                Add(plan, i, needed);
            }
        }

        var sources = needed.Select(i => plan[i].Attribute.Source).Concat(new[] { type.List, type.One?.Source }.OfType<CatalogSource>());
        return sources.SelectMany(SourceWalker.Operations);
    }

    /// <summary>Including everything that it is computed from.</summary>
    private static void Add(IReadOnlyList<PlannedAttribute> plan, int index, HashSet<int> needed)
    {
        if (needed.Add(index))
        {
            foreach (var before in plan[index].After)
            {
                Add(plan, before, needed);
            }
        }
    }

    private static bool IsTags(string name, ResourceTypeDefinition type) => type.Tags is null && name is "Tags" or "TagSet" or "TagList" or "tags" or "tagSet";

    private static IEnumerable<JmesPathExpression> Places(TextTemplate? template) =>
        template?.Segments.Select(p => p.Expression).OfType<JmesPathExpression>() ?? [];
}
