using System.Collections.Concurrent;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>The shapes of stored configurations by resource type; those that were checked before are determined when they are first needed.</summary>
public sealed class ResourceShapes
{
    private readonly ConcurrentDictionary<string, Lazy<JmesType>> _shapes = new(StringComparer.Ordinal);

    /// <summary>Any value if the type is unknown, or the catalog was loaded without service models.</summary>
    public JmesType Of(string type) => Find(type) ?? JmesType.Any;

    /// <summary>Null if the type is unknown, or the catalog was loaded without service models.</summary>
    public JmesType? Find(string type) => _shapes.GetValueOrDefault(type)?.Value;

    internal void Add(string type, JmesType shape) => _shapes[type] = new Lazy<JmesType>(shape);

    internal void Add(string type, Func<JmesType> determine) => _shapes[type] = new Lazy<JmesType>(determine);
}
