using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>The types of AWS operations, for checking service files and policies at load.</summary>
public interface IOperationShapes
{
    /// <summary>Null if there is no such operation, or Qrie refuses to call it.</summary>
    OperationShape? Find(ServiceOperation operation);

    /// <summary>Null if there is no such API.</summary>
    /// <param name="api">The name of its model, <c>s3control</c>.</param>
    ApiFacts? FindApi(string api);

    /// <summary>The signing name of an API, which is usually its event source too; null if there is no such API.</summary>
    string? SigningNameOf(string api);
}

/// <summary>The parameters and the response of an operation.</summary>
/// <param name="Parameters">Every parameter, and whether it is required.</param>
/// <param name="Answer">The response.</param>
public sealed record OperationShape(IReadOnlyDictionary<string, bool> Parameters, JmesType Answer);

/// <summary>Facts about an API.</summary>
/// <param name="Operations">The names of all its operations, including those that Qrie never calls.</param>
public sealed record ApiFacts(IReadOnlyList<string> Operations);
