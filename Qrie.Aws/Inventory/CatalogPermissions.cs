using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Aws.Inventory;

/// <summary>Which IAM actions the role in an account needs so that the catalog can be read.</summary>
public sealed class CatalogPermissions(ModelCatalog models, IamActionsFile actions)
{
    /// <summary>By name, each once.</summary>
    public IReadOnlyList<string> For(ResourceCatalog catalog) =>
        [.. catalog.Services.SelectMany(service => service.Resources).SelectMany(For).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What reading one type needs.</summary>
    public IReadOnlyList<string> For(ResourceTypeDefinition type) =>
        [.. SourceWalker.Operations(type).Select(operation => actions.ActionFor(operation, SigningName(operation.Service))).Distinct()];

    private string SigningName(string service) =>
        models.Endpoints.SigningNameOf(service) ?? models.FindService(service)?.SigningName ?? service;
}
