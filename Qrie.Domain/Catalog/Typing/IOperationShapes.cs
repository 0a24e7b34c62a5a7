using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>What is known of AWS's operations, for checking service files and policies at load.</summary>
public interface IOperationShapes
{
    /// <summary>Null: there is no such operation, or Qrie refuses to call it.</summary>
    OperationShape? Find(ServiceOperation operation);

    /// <summary>Null: there is no such API.</summary>
    /// <param name="api">The name of its model, <c>s3control</c>.</param>
    ApiFacts? FindApi(string api);
}

/// <summary>What an operation takes and gives.</summary>
/// <param name="Parameters">Every parameter, and whether a call without it is refused.</param>
/// <param name="Answer">The answer.</param>
public sealed record OperationShape(IReadOnlyDictionary<string, bool> Parameters, JmesType Answer);

/// <summary>What an API can do.</summary>
/// <param name="SigningName">Its name in signatures, and mostly in events.</param>
/// <param name="Operations">The names of all its operations, those included that Qrie never calls.</param>
public sealed record ApiFacts(string SigningName, IReadOnlyList<string> Operations);
