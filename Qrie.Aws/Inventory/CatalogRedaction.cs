using Qrie.Aws.Api.Redaction;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Inventory;

/// <summary>The redaction rules of the service files, in the form that response readers use.</summary>
public static class CatalogRedaction
{
    /// <summary>Account names, which discovery imports: the model marks them as sensitive, but they are not secret.</summary>
    private static readonly Dictionary<string, IReadOnlyList<string>> _accountNames = new() { ["organizations:ListAccounts"] = ["Accounts[].Name"] };

    public static RedactionRules Rules(ResourceCatalog catalog) => RedactionRules.Create(
        Merge(catalog.Services.Select(service => service.SecretPaths)), Merge(catalog.Services.Select(service => service.PlainPaths).Append(_accountNames)));

    /// <summary>Two services may have rules for the same operation.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Merge(IEnumerable<IReadOnlyDictionary<string, IReadOnlyList<string>>> paths) =>
        paths.SelectMany(service => service)
            .GroupBy(entry => entry.Key)
            .ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.SelectMany(entry => entry.Value).Distinct()]);
}
