using Qrie.Aws.Api;
using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;

namespace Qrie.Tests.Inventory.Synthesised;

/// <summary>The effect of a member that AWS omits: only attributes made from it may change without being unknown.</summary>
internal static class MissingMember
{
    private const string AccountId = CollectorHarness.AccountId;
    private const string Region = "eu-west-1";

    /// <summary>The attributes that look unconfigured without a member that they are not made from.</summary>
    /// <param name="service">All of its types are read.</param>
    /// <param name="random">Chooses members if there are more than <paramref name="most"/>.</param>
    /// <param name="most">The number of members that are omitted, one after the other.</param>
    public static async Task<IReadOnlyList<string>> WronglyUnconfiguredAsync(string service, Random random, int most = int.MaxValue)
    {
        var aws = new ModelResponses(CollectorHarness.Models, AccountId);
        // Responses do not depend on the parameters, so a list per parent returns the same resources each time.
        var whole = (await CollectAsync(aws, service)).DistinctBy(r => (r.Type, r.Region, r.Id)).ToDictionary(r => (r.Type, r.Region, r.Id));
        var wrong = new List<string>();
        (string Operation, string Member)[] members = [.. aws.Members];
        random.Shuffle(members);
        foreach (var missing in members.Take(most))
        {
            aws.Without = missing;
            // A type that does not call the operation reads exactly the same as before.
            foreach (var seen in await CollectAsync(aws, service, OnlyReadersOf(missing.Operation, service)))
            {
                if (whole.TryGetValue((seen.Type, seen.Region, seen.Id), out var before))
                {
                    var type = ShippedCatalog.Instance.FindType(seen.Type)!;
                    wrong.AddRange(Claimed(type, before, seen, missing.Operation)
                        .Select(a => $"{seen.Type}.{a} without {missing.Member} of {missing.Operation}"));
                }
            }
        }

        return [.. wrong.Distinct()];
    }

    /// <summary>The attributes that changed although neither they nor their inputs come from the operation.</summary>
    private static IEnumerable<string> Claimed(ResourceTypeDefinition type, CollectedResource before, CollectedResource seen, string operation)
    {
        var changed = before.Configuration.EnumerateObject().Concat(seen.Configuration.EnumerateObject()).Select(a => a.Name).Distinct()
            .Where(name => name != "_unknown" && before.Attribute(name) != seen.Attribute(name)).ToHashSet();
        var known = changed.Where(name => !seen.Unknown.ContainsKey(name)
            && !(seen.Unknown.ContainsKey(AttributeDefinition.Merged) && seen.Attribute(name) is null));
        return known.Where(name => !Feeds(name, []));

        bool Feeds(string name, HashSet<string> visited)
        {
            if (!visited.Add(name))
            {
                return false;
            }

            if (type.Describe.FirstOrDefault(a => a.Name == name) is not { } attribute)
            {
                return IsOfRow();
            }

            // An attribute that reads its own name is computed from the row.
            var reads = SourceReads.Of(attribute.Source, type.Arn);
            return SourceWalker.Operations(attribute.Source).Any(o => o.ToString() == operation)
                || reads.Whole || reads.Members.Any(read => read == name ? IsOfRow() : Feeds(read, visited));
        }

        // From the row, or merged into it.
        bool IsOfRow() => type.Describe.Where(a => a.IsMerged).Select(a => a.Source).Append(type.List).OfType<CatalogSource>()
            .SelectMany(SourceWalker.Operations).Any(o => o.ToString() == operation);
    }

    /// <summary>A catalog of the types of a service that call an operation.</summary>
    private static ResourceCatalog OnlyReadersOf(string operation, string service)
    {
        var whole = ShippedCatalog.Instance.FindService(service)!;
        var part = new ServiceDefinition
        {
            Key = whole.Key,
            Name = whole.Name,
            Scope = whole.Scope,
            Home = whole.Home,
            Resources = [.. whole.Resources.Where(type => SourceWalker.Operations(type).Any(o => o.ToString() == operation))],
        };
        part.Resources.ShouldNotBeEmpty(operation);
        return new ResourceCatalog([part], []);
    }

    public static async Task<IReadOnlyList<CollectedResource>> CollectAsync(ModelResponses aws, string service, ResourceCatalog? catalog = null)
    {
        catalog ??= ShippedCatalog.Instance;
        var collector = new ResourceCollector(
            aws, CollectorHarness.Models, new CatalogHolder(catalog), (_, _) => Task.FromResult(new AwsPrincipal(AccountId)),
            new AutoClock(FakeAws.Start));
        var resources = new List<CollectedResource>();
        var scopes = catalog.FindService(service)!.Resources.Select(t => t.Scope).Distinct();
        foreach (var region in scopes.Select(scope => scope == ResourceScope.Global ? Regions.Global : Region))
        {
            await foreach (var item in collector.CollectAsync(new CollectionUnit(CollectorHarness.Account, region, service), CancellationToken.None))
            {
                if (item is ResourcesCollected { Resources: var some })
                {
                    resources.AddRange(some);
                }
            }
        }

        return resources;
    }
}
