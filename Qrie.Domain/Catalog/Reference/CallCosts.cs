namespace Qrie.Domain.Catalog.Reference;

/// <summary>
/// What reading a type costs, as far as its definition decides it: pages of lists and repeated attempts come on top, calls on a condition
/// (<c>when</c>) are counted as made.
/// </summary>
/// <param name="Shared">Calls once per account and region, lists among them.</param>
/// <param name="Each">Calls for every resource.</param>
/// <param name="OfParts">Calls for every part of a resource, such as a listener of a load balancer.</param>
/// <param name="Batches">For calls about several resources at once: how many each.</param>
public sealed record CallCosts(int Shared, int Each, int OfParts, IReadOnlyList<int> Batches)
{
    public static CallCosts Of(ResourceTypeDefinition type)
    {
        var costs = new CallCosts(0, 0, 0, []);
        var links = type.List is SourceChain list ? list.Links : type.List is null ? [] : [type.List];
        for (var i = 0; i < links.Count; i++)
        {
            // What stands behind the first link of a list is asked of whatever that told.
            costs = links[i] is SourceStep { Call: not null } step
                ? step.Batch is { } size ? costs with { Batches = [.. costs.Batches, size] }
                    : i == 0 || step.ReadsNoRow ? costs with { Shared = costs.Shared + 1 } : costs with { OfParts = costs.OfParts + 1 }
                : costs;
        }

        return type.Describe.Aggregate(costs, (so, attribute) => so.With(attribute.Source, type.IsSingleton, isPart: false));
    }

    /// <summary>For the table: <c>1, and 3 each</c>.</summary>
    public override string ToString()
    {
        List<string> parts = [$"{Shared}"];
        parts.AddRange(Batches.Select(size => $"1 for {size}"));
        if (Each > 0)
        {
            parts.Add($"{Each} each");
        }

        if (OfParts > 0)
        {
            parts.Add($"{OfParts} for each part");
        }

        return string.Join(", ", parts.Where(part => part != "0" || parts.Count == 1));
    }

    private CallCosts With(CatalogSource source, bool isSingleton, bool isPart)
    {
        if (source is SourceChain chain)
        {
            var (so, inside) = (this, isPart);
            foreach (var link in chain.Links)
            {
                so = so.With(link, isSingleton, inside);
                inside |= link is not SourceStep { ReadsNoRow: true, Match: null };
            }

            return so;
        }

        // One resource alone is asked for by $id.
        if (source is not SourceStep step || step.When?.Text == "$id")
        {
            return this;
        }

        var counted = step.Call is null ? this
            : step.Batch is { } size ? this with { Batches = [.. Batches, size] }
            : isPart ? this with { OfParts = OfParts + 1 }
            : step.Match is not null || step.ReadsNoRow || isSingleton ? this with { Shared = Shared + 1 }
            : this with { Each = Each + 1 };
        return step.Describe.Aggregate(counted, (so, attribute) => so.With(attribute.Source, isSingleton, isPart: true));
    }
}
