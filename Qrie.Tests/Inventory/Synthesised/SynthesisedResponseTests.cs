using Qrie.Aws.Api;
using Qrie.Aws.Inventory;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;

namespace Qrie.Tests.Inventory.Synthesised;

/// <summary>
/// Every type of the catalog with responses generated from the service models, with all possible members, and then without one member. This covers types that
/// the emulator lacks; the meaning of values is tested with the emulator.
/// </summary>
public sealed class SynthesisedResponseTests(ITestOutputHelper output)
{
    private const string AccountId = CollectorHarness.AccountId;
    private const string Region = "eu-west-1";

    public static TheoryData<string> Services() => [.. ShippedCatalog.Instance.Services.Select(service => service.Key)];

    [Theory, MemberData(nameof(Services))]
    public async Task Responses_with_all_members_are_read_completely(string service)
    {
        var collected = await CollectAsync(new ModelResponses(CollectorHarness.Models, AccountId), service);

        foreach (var type in ShippedCatalog.Instance.FindService(service)!.Resources)
        {
            var some = collected.Where(r => r.Type == type.Type).ToList();
            some.ShouldNotBeEmpty(type.Type);
            some.SelectMany(r => r.Unknown).ShouldBeEmpty(type.Type);
            // Answers are the same whatever is asked: only what is listed once per parent may come more than once.
            if (type.List is not SourceChain)
            {
                some.Select(r => (r.Region, r.Id)).ShouldBeUnique(type.Type);
            }
        }
    }

    /// <summary>The effect of a member that AWS omits: only attributes made from it may change without being unknown.</summary>
    [Theory, MemberData(nameof(Services))]
    public async Task A_missing_member_does_not_make_other_attributes_look_unconfigured(string service)
    {
        var aws = new ModelResponses(CollectorHarness.Models, AccountId);
        // Responses do not depend on the parameters, so a list per parent returns the same resources each time.
        var whole = (await CollectAsync(aws, service)).DistinctBy(r => (r.Type, r.Region, r.Id)).ToDictionary(r => (r.Type, r.Region, r.Id));
        var wrong = new List<string>();
        // A type that does not call the operation reads exactly the same as before.
        var readers = aws.Members.Select(m => m.Operation).Distinct().ToDictionary(o => o, o => OnlyReadersOf(o, service));
        foreach (var missing in aws.Members)
        {
            aws.Without = missing;
            foreach (var seen in await CollectAsync(aws, service, readers[missing.Operation]))
            {
                if (whole.TryGetValue((seen.Type, seen.Region, seen.Id), out var before))
                {
                    var type = ShippedCatalog.Instance.FindType(seen.Type)!;
                    wrong.AddRange(Claimed(type, before, seen, missing.Operation)
                        .Select(a => $"{seen.Type}.{a} without {missing.Member} of {missing.Operation}"));
                }
            }
        }

        output.WriteLine($"{aws.Members.Count} members");
        wrong.Distinct().ShouldBeEmpty();
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

    private static async Task<IReadOnlyList<CollectedResource>> CollectAsync(ModelResponses aws, string service, ResourceCatalog? catalog = null)
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
