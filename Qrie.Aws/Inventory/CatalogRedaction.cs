using Qrie.Aws.Api.Redaction;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>What the service files know of secrets, as the response reader wants it.</summary>
public static class CatalogRedaction
{
    /// <summary>Names of accounts, which discovery takes over: the model marks them, and they are no secret.</summary>
    private static readonly Dictionary<string, IReadOnlyList<string>> _accountNames = new() { ["organizations:ListAccounts"] = ["Accounts[].Name"] };

    public static RedactionRules Rules(ResourceCatalog catalog) => RedactionRules.Create(
        Merge(catalog.Services.Select(service => service.SecretPaths)), Merge(catalog.Services.Select(service => service.PlainPaths).Append(_accountNames)));

    /// <summary>Two services may say something of the same operation.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Merge(IEnumerable<IReadOnlyDictionary<string, IReadOnlyList<string>>> paths) =>
        paths.SelectMany(service => service)
            .GroupBy(entry => entry.Key)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.SelectMany(entry => entry.Value).Distinct()]);
}
