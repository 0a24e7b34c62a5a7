using System.Collections.Concurrent;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Typing;
using Qrie.JmesPath.Typing;

namespace Qrie.Aws.Inventory;

/// <summary>The types of AWS's responses, from the service models.</summary>
public sealed class ModelShapes(ModelCatalog models, ReadList reads) : IOperationShapes
{
    private readonly ConcurrentDictionary<ServiceOperation, OperationShape?> _operations = new();
    private readonly Dictionary<Shape, JmesType> _types = [];
    private readonly Lock _lock = new();

    public OperationShape? Find(ServiceOperation operation) => _operations.GetOrAdd(operation, Read);

    public ApiFacts? FindApi(string api) => models.FindService(api) is { } model
        ? new ApiFacts([.. model.Operations.Select(operation => operation.Name).Concat(model.OtherOperations).Order(StringComparer.Ordinal)])
        : null;

    public string? SigningNameOf(string api) => models.FindService(api) is { } model ? models.Endpoints.SigningNameOf(api) ?? model.SigningName : null;

    private OperationShape? Read(ServiceOperation operation)
    {
        if (models.FindOperation(operation.Service, operation.Operation) is not { } found || !reads.Allows(operation.Service, operation.Operation))
        {
            return null;
        }

        lock (_lock)
        {
            return new OperationShape(
                found.Input?.Members.ToDictionary(member => member.Name, member => member.IsRequired) ?? [],
                found.Output is null ? JmesType.Object(new Dictionary<string, JmesType>()) : TypeOf(found.Output));
        }
    }

    private JmesType TypeOf(Shape shape) => shape.Kind switch
    {
        _ when shape.IsSensitive => JmesType.Any, // stored as an object that describes what was redacted
        ShapeKind.Structure => Structure(shape),
        ShapeKind.List => JmesType.List(TypeOf(shape.Element!)),
        ShapeKind.Map => JmesType.Map(TypeOf(shape.Element!)),
        ShapeKind.String or ShapeKind.Blob => JmesType.String,
        ShapeKind.Integer or ShapeKind.Decimal => JmesType.Number,
        ShapeKind.Boolean => JmesType.Boolean,
        ShapeKind.Timestamp => JmesType.Timestamp,
        _ => JmesType.Any,
    };

    /// <summary>A structure may contain itself, so it is registered before its members.</summary>
    private JmesType Structure(Shape shape)
    {
        if (_types.TryGetValue(shape, out var known))
        {
            return known;
        }

        var members = new Dictionary<string, JmesType>();
        var type = _types[shape] = JmesType.Object(members, name: shape.Name);
        foreach (var member in shape.Members)
        {
            members[member.Name] = member.IsSecret ? JmesType.Any : TypeOf(member.Shape);
        }

        return type;
    }
}
