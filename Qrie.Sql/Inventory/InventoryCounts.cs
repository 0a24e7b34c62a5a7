using System.Data.Common;
using Qrie.Sql.Compliance;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>Collects the changes of a batch to the counts of resources and of their unknown attributes, to save them once.</summary>
internal sealed class InventoryCounts(string organization)
{
    private readonly Dictionary<(string AccountService, string Type), long> _alive = [];
    private readonly Dictionary<(string AccountService, string Type, string Attribute, string Code), long> _unknown = [];

    /// <param name="before">The stored row; null if there is none.</param>
    /// <param name="after">The new row.</param>
    public void Replace(ResourceRow? before, ResourceRow after)
    {
        Add(before, -1);
        Add(after, +1);
    }

    /// <summary>Lists use the counted account_services, so an account_service with only deleted resources must have a row too.</summary>
    public void Know(string accountService, string type) => _alive.TryAdd((accountService, type), 0);

    public async Task SaveAsync(DbTransaction transaction)
    {
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO resource_counts (organization, account_service, type, n) VALUES (@organization, @AccountService, @Type, @N)
            ON CONFLICT (organization, account_service, type) DO UPDATE SET n = resource_counts.n + excluded.n
            """,
            _alive.Select(d => new { organization, d.Key.AccountService, d.Key.Type, N = d.Value }).ToList());
        var services = new ServiceCounts(organization);
        foreach (var ((accountService, _), by) in _alive)
        {
            services.Add(accountService, resources: by, nonCompliant: 0);
        }

        await services.SaveAsync(transaction);
        await TypeCounts.AddResourcesAsync(transaction, organization, _alive);
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO unknown_attribute_counts (organization, account_service, type, attribute, error_code, n)
            VALUES (@organization, @AccountService, @Type, @Attribute, @Code, @N)
            ON CONFLICT (organization, account_service, type, attribute, error_code) DO UPDATE SET n = unknown_attribute_counts.n + excluded.n
            """,
            _unknown.Where(d => d.Value != 0)
                .Select(d => new { organization, d.Key.AccountService, d.Key.Type, d.Key.Attribute, d.Key.Code, N = d.Value })
                .ToList());
    }

    private void Add(ResourceRow? row, long by)
    {
        if (row is not { DeletedAt: null })
        {
            return;
        }

        var alive = (row.AccountService, row.Type);
        _alive[alive] = _alive.GetValueOrDefault(alive) + by;
        foreach (var (attribute, code) in row.UnknownAttributes())
        {
            var key = (row.AccountService, row.Type, attribute, code);
            _unknown[key] = _unknown.GetValueOrDefault(key) + by;
        }
    }
}
