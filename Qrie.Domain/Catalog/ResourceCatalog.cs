using Qrie.Domain.Catalog.CloudTrail;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog;

/// <summary>Everything that Qrie knows about AWS, as it was when it was loaded. Immutable; a reload makes a new one.</summary>
public sealed class ResourceCatalog
{
    private readonly Dictionary<string, ServiceDefinition> _services;
    private readonly Dictionary<string, ResourceTypeDefinition> _types;
    private readonly Dictionary<string, PolicyDefinition> _policies;
    private readonly ILookup<string, JmesPathExpression> _lookupKeys;

    /// <param name="services">Their files.</param>
    /// <param name="policies">Their files.</param>
    /// <param name="names">Where CloudTrail's names are not the API's; null: nowhere.</param>
    /// <param name="shapes">What stored configurations look like, by type; null: it is not known.</param>
    public ResourceCatalog(
        IReadOnlyList<ServiceDefinition> services, IReadOnlyList<PolicyDefinition> policies, CloudTrailNames? names = null,
        IReadOnlyDictionary<string, JmesType>? shapes = null)
    {
        Shapes = shapes ?? new Dictionary<string, JmesType>();
        EventNames = names ?? CloudTrailNames.None;
        Services = [.. services.OrderBy(service => service.Key, StringComparer.Ordinal)];
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

    /// <summary>A catalog of nothing.</summary>
    public static ResourceCatalog Empty { get; } = new([], []);

    /// <summary>By key.</summary>
    public IReadOnlyList<ServiceDefinition> Services { get; }

    /// <summary>By id.</summary>
    public IReadOnlyList<PolicyDefinition> Policies { get; }

    /// <summary>Which events concern which types.</summary>
    public EventIndex Events { get; }

    public CloudTrailNames EventNames { get; }

    /// <summary>
    /// The shapes of stored configurations by type, which expressions over them are typed against; types of which nothing is known are missing.
    /// </summary>
    public IReadOnlyDictionary<string, JmesType> Shapes { get; }

    /// <summary>Null: there is no such service.</summary>
    public ServiceDefinition? FindService(string key) => _services.GetValueOrDefault(key);

    /// <summary>By its name or an alias; null: there is no such type.</summary>
    public ResourceTypeDefinition? FindType(string type) => _types.GetValueOrDefault(type);

    /// <summary>The keys that policies look resources of a type up with; each text once.</summary>
    public IEnumerable<JmesPathExpression> LookupKeysOf(string type) => _lookupKeys[type];

    /// <summary>All keys of all types, as texts: when they change, stored resources must be indexed again.</summary>
    public IReadOnlyList<(string Type, string Key)> LookupKeys =>
        [.. _lookupKeys.SelectMany(type => type.Select(key => (type.Key, key.Text)))
            .OrderBy(k => k.Key, StringComparer.Ordinal).ThenBy(k => k.Text, StringComparer.Ordinal)];

    /// <summary>By its id or a former one; null: there is no such policy.</summary>
    public PolicyDefinition? FindPolicy(string id) => _policies.GetValueOrDefault(id);
}
