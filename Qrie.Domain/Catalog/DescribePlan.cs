using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>The order in which attributes are computed, derived from what their expressions read (catalog-format.md section 3).</summary>
public sealed class DescribePlan
{
    private DescribePlan(IReadOnlyList<PlannedAttribute> attributes) => Attributes = attributes;

    /// <summary>A plan without attributes.</summary>
    public static DescribePlan Empty { get; } = new([]);

    /// <summary>Orders every attribute after those that it reads.</summary>
    public IReadOnlyList<PlannedAttribute> Attributes { get; }

    internal static DescribePlan Build(
        IReadOnlyList<AttributeDefinition> attributes, SourceMap place, CatalogErrors errors, JmesPathExpression? region = null, TextTemplate? arn = null)
    {
        var reads = attributes.Select(attribute => SourceReads.Of(attribute.Source, arn)).ToArray();
        var index = attributes.Select((attribute, i) => (attribute.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i);
        var needs = attributes.Select((_, i) => Needs(i, reads, index)).ToArray();
        if (index.TryGetValue(AttributeDefinition.Merged, out var merged))
        {
            WaitForMerged(merged, reads, index, needs);
            foreach (var first in Closure(needs[merged], needs).Where(i => reads[i].Members.Contains(attributes[i].Name)))
            {
                ReportLost(attributes[first].Name, place, errors);
            }
        }

        var early = region is null ? [] : Closure(ReadBy(region, index, merged: index.GetValueOrDefault(AttributeDefinition.Merged, -1)), needs);
        var order = Sort(attributes, needs, place, errors);
        var position = order.Select((original, sorted) => (original, sorted)).ToDictionary(pair => pair.original, pair => pair.sorted);
        return new DescribePlan([.. order.Select(i => new PlannedAttribute(attributes[i], [.. needs[i].Select(need => position[need])], early.Contains(i)))]);
    }

    private static HashSet<int> Needs(int self, SourceReads[] reads, Dictionary<string, int> index)
    {
        var needs = reads[self].Members.Where(index.ContainsKey).Select(name => index[name]).Where(i => i != self).ToHashSet();
        if (reads[self].Whole)
        {
            // Attributes that read the whole resource come after all others.
            needs.UnionWith(Enumerable.Range(0, reads.Length).Where(i => i != self && !reads[i].Whole));
        }

        return needs;
    }

    /// <summary>
    /// A name that no attribute defines may come from the list's row or from <c>*</c>, which is known only from the latter's response. The same applies to an
    /// attribute's own name, which it may read to transform the existing value.
    /// </summary>
    private static void WaitForMerged(int merged, SourceReads[] reads, Dictionary<string, int> index, HashSet<int>[] needs)
    {
        var before = Closure(needs[merged], needs);
        for (var i = 0; i < reads.Length; i++)
        {
            if (i != merged && !before.Contains(i) && reads[i].Members.Any(name => !index.TryGetValue(name, out var described) || described == i))
            {
                needs[i].Add(merged);
            }
        }
    }

    /// <summary>Described attributes replace those of <c>*</c>; an attribute on which <c>*</c> depends cannot have read that.</summary>
    private static void ReportLost(string name, SourceMap place, CatalogErrors errors)
    {
        var node = (place.Find("describe")?.Value as SourceMap)?.Find(name)?.Key;
        errors.Add(
            node ?? (SourceNode)place, $"'{name}' reads its own name before '*' is read, so a '{name}' in that response would be lost.",
            $"Let '*' read another name than '{name}', or give what is computed here a name of its own.");
    }

    private static HashSet<int> ReadBy(JmesPathExpression region, Dictionary<string, int> index, int merged)
    {
        var names = region.Reads().Members;
        var found = names.Where(index.ContainsKey).Select(name => index[name]).ToHashSet();
        if (merged >= 0 && names.Any(name => !index.ContainsKey(name)))
        {
            found.Add(merged);
        }

        return found;
    }

    private static HashSet<int> Closure(HashSet<int> start, HashSet<int>[] needs)
    {
        var closure = new HashSet<int>();
        var open = new Stack<int>(start);
        while (open.TryPop(out var i))
        {
            if (closure.Add(i))
            {
                foreach (var need in needs[i])
                {
                    open.Push(need);
                }
            }
        }

        return closure;
    }

    private static List<int> Sort(IReadOnlyList<AttributeDefinition> attributes, HashSet<int>[] needs, SourceMap place, CatalogErrors errors)
    {
        var order = new List<int>();
        var open = Enumerable.Range(0, attributes.Count).ToList();
        while (open.Count > 0)
        {
            var ready = open.Find(i => needs[i].All(order.Contains));
            if (open.TrueForAll(i => !needs[i].All(order.Contains)))
            {
                var names = string.Join(", ", open.Select(i => $"'{attributes[i].Name}'"));
                errors.Add(place, $"The attributes {names} read each other in a circle.", "Let one of them read only what the list's rows hold.");
                needs[open[0]].Clear();
                continue;
            }

            order.Add(ready);
            open.Remove(ready);
        }

        return order;
    }
}

/// <summary>An attribute and its position in the plan.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="After">Positions of the attributes that must be computed first.</param>
/// <param name="BeforeRegion">The resource's region depends on it, so it is read in the home region.</param>
public sealed record PlannedAttribute(AttributeDefinition Attribute, IReadOnlyList<int> After, bool BeforeRegion);
