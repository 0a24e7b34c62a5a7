using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Typing;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>A snapshot of the loaded catalog. Immutable; a reload creates a new one.</summary>
public sealed class ResourceCatalog
{
    private readonly Dictionary<string, ServiceDefinition> _services;
    private readonly Dictionary<string, ResourceTypeDefinition> _types;
    private readonly Dictionary<string, PolicyDefinition> _policies;
    private readonly ILookup<string, JmesPathExpression> _lookupKeys;

    /// <param name="services">The service definitions.</param>
    /// <param name="policies">The policy definitions.</param>
    /// <param name="names">CloudTrail's names that differ from the API's; null for none.</param>
    /// <param name="shapes">The types of stored configurations, by resource type; null if unknown.</param>
    /// <param name="frameworks">The compliance frameworks; null for none.</param>
    public ResourceCatalog(
        IReadOnlyList<ServiceDefinition> services, IReadOnlyList<PolicyDefinition> policies, CloudTrailNames? names = null,
        ResourceShapes? shapes = null, IReadOnlyList<FrameworkDefinition>? frameworks = null)
    {
        Shapes = shapes ?? new ResourceShapes();
        EventNames = names ?? CloudTrailNames.None;
        Services = [.. services.OrderBy(service => service.Key, StringComparer.Ordinal)];
        Frameworks = [.. (frameworks ?? []).OrderBy(framework => framework.Id, StringComparer.Ordinal)];
        Policies = [.. policies.OrderBy(policy => policy.Id, StringComparer.Ordinal)];
        _services = Services.ToDictionary(service => service.Key);
        _types = [];
        foreach (var type in Services.SelectMany(service => service.Resources))
        {
            _types[type.Type] = type;
            foreach (var alias in type.Aliases)
            {
                _types.TryAdd(alias, type);
            }
        }

        Events = new EventIndex(Services);
        _policies = Policies.ToDictionary(policy => policy.Id);
        _lookupKeys = Policies.SelectMany(policy => policy.Lookups).DistinctBy(lookup => (lookup.Type, lookup.Key.Text))
            .ToLookup(lookup => lookup.Type, lookup => lookup.Key);
        foreach (var policy in Policies)
        {
            foreach (var alias in policy.Aliases)
            {
                _policies.TryAdd(alias, policy);
            }
        }
    }

    /// <summary>An empty catalog.</summary>
    public static ResourceCatalog Empty { get; } = new([], []);

    /// <summary>By key.</summary>
    public IReadOnlyList<ServiceDefinition> Services { get; }

    /// <summary>By id.</summary>
    public IReadOnlyList<PolicyDefinition> Policies { get; }

    /// <summary>By id.</summary>
    public IReadOnlyList<FrameworkDefinition> Frameworks { get; }

    /// <summary>What is valid but may not mean what its author thinks, such as an expression that other JMESPath engines read differently.</summary>
    public IReadOnlyList<CatalogError> Notes { get; init; } = [];

    /// <summary>Which events affect which types.</summary>
    public EventIndex Events { get; }

    public CloudTrailNames EventNames { get; }

    /// <summary>
    /// The types of stored configurations by resource type, for checking expressions; resource types without a known one are missing.
    /// </summary>
    public ResourceShapes Shapes { get; }

    /// <summary>Null if there is no such service.</summary>
    public ServiceDefinition? FindService(string key) => _services.GetValueOrDefault(key);

    /// <summary>By its name or an alias; null if there is no such type.</summary>
    public ResourceTypeDefinition? FindType(string type) => _types.GetValueOrDefault(type);

    /// <summary>The distinct keys by which policies look up resources of a type.</summary>
    public IEnumerable<JmesPathExpression> LookupKeysOf(string type) => _lookupKeys[type];

    /// <summary>All lookup keys of all types, as text: if they change, stored resources must be reindexed.</summary>
    public IReadOnlyList<(string Type, string Key)> LookupKeys =>
        [.. _lookupKeys.SelectMany(type => type.Select(key => (type.Key, key.Text)))
            .OrderBy(k => k.Key, StringComparer.Ordinal).ThenBy(k => k.Text, StringComparer.Ordinal)];

    /// <summary>Null if there is no such framework.</summary>
    public FrameworkDefinition? FindFramework(string id) => Frameworks.FirstOrDefault(framework => framework.Id == id);

    /// <summary>By its current or a former id; null if there is no such policy.</summary>
    public PolicyDefinition? FindPolicy(string id) => _policies.GetValueOrDefault(id);
}
