using Qrie.Domain.Catalog.Typing;

namespace Qrie.Domain.Catalog.Compiled;

/// <summary>The service models, with what is known of them already, so that most are not read.</summary>
/// <param name="models">The models.</param>
/// <param name="signingNames">By API; receives the others that are asked for.</param>
internal sealed class CompiledShapes(IOperationShapes models, Dictionary<string, string?> signingNames) : IOperationShapes
{
    public OperationShape? Find(ServiceOperation operation) => models.Find(operation);

    public ApiFacts? FindApi(string api) => models.FindApi(api);

    public string? SigningNameOf(string api) =>
        signingNames.TryGetValue(api, out var name) ? name : signingNames[api] = models.SigningNameOf(api);
}
