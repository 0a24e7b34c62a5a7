using Qrie.Aws.Permissions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;

namespace Qrie.Api.Endpoints.Permissions;

/// <summary>The permissions of a scan: declared, used and denied.</summary>
/// <param name="Declared">Actions that the catalog declares for the scanned types.</param>
/// <param name="Used">Declared actions that it used.</param>
/// <param name="Unused">Declared actions that it did not need.</param>
/// <param name="Undeclared">Used without being declared: a bug in Qrie.</param>
/// <param name="Denied">Most policies lost first.</param>
internal sealed record ScanPermissionsView(
    string ScanId, int Declared, int Used, IReadOnlyList<string> Unused, IReadOnlyList<string> Undeclared, IReadOnlyList<DeniedView> Denied)
{
    /// <summary>Null if the scan makes no AWS calls.</summary>
    public static async Task<ScanPermissionsView?> ReadAsync(
        Scan scan, IScanStore scans, IPolicyStore policies, ResourceCatalog catalog, CatalogPermissions permissions, CancellationToken cancel)
    {
        if (scan.Kind != ScanKind.Inventory)
        {
            return null;
        }

        var active = (await policies.ListAsync(scan.Organization, cancel)).Where(p => p.Status == PolicyStatus.Active)
            .Select(p => catalog.FindPolicy(p.PolicyId)).OfType<PolicyDefinition>().ToList();
        // Assuming the role is not a permission of the role.
        var operations = (await scans.ReadOperationsAsync(scan.Organization, scan.ScanId, cancel))
            .Where(o => !o.Operation.StartsWith("sts:", StringComparison.Ordinal)).ToList();
        var declared = permissions.OfInventory(catalog, scan.Filter.Service is { } service ? [service] : null).Select(a => a.Action).ToHashSet();
        var used = operations.Select(o => permissions.ActionOf(o.Operation)).ToHashSet();
        return new ScanPermissionsView(
            scan.ScanId, declared.Count, used.Count, [.. declared.Except(used).Order(StringComparer.Ordinal)],
            [.. used.Except(declared).Order(StringComparer.Ordinal)],
            [
                .. operations.Where(o => o.Denied > 0).GroupBy(o => permissions.ActionOf(o.Operation))
                    .Select(g => DeniedView.Of(g.Key, [.. g], permissions.PoliciesLostBy(catalog, g.Key, active)))
                    .OrderByDescending(d => d.PoliciesLost.Count).ThenBy(d => d.Action, StringComparer.Ordinal),
            ]);
    }
}

/// <param name="Action">The IAM action that the role lacks, or that is denied explicitly.</param>
/// <param name="Accounts">A sample of the accounts in which it was denied.</param>
/// <param name="PoliciesLost">Active policies whose verdicts become unknown without it.</param>
internal sealed record DeniedView(
    string Action, IReadOnlyList<string> Operations, long Calls, IReadOnlyList<string> Accounts, bool MoreAccounts, IReadOnlyList<string> PoliciesLost)
{
    private const int AccountsShown = 20;

    public static DeniedView Of(string action, IReadOnlyList<ScanOperation> operations, IReadOnlyList<string> lost)
    {
        var accounts = operations.SelectMany(o => o.DeniedIn).Distinct().Order(StringComparer.Ordinal).ToList();
        return new DeniedView(
            action, [.. operations.Select(o => o.Operation)], operations.Sum(o => o.Denied),
            [.. accounts.Take(AccountsShown)], accounts.Count > AccountsShown, lost);
    }
}
