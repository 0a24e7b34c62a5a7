using System.Data.Common;
using Dapper;

namespace Qrie.Sql.Inventory;

/// <summary>Gathers what a batch changes in the counts of unknown attributes, to be saved once.</summary>
internal sealed class UnknownCounts(string organization)
{
    private readonly Dictionary<(string AccountService, string Type, string Attribute, string Code), long> _deltas = [];

    public void Replace(
        string accountService, string type, IReadOnlyDictionary<string, string>? before, IReadOnlyDictionary<string, string>? after)
    {
        Add(accountService, type, before, -1);
        Add(accountService, type, after, +1);
    }

    public Task SaveAsync(DbTransaction transaction) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO unknown_attribute_counts (organization, account_service, type, attribute, error_code, n)
            VALUES (@organization, @AccountService, @Type, @Attribute, @Code, @N)
            ON CONFLICT (organization, account_service, type, attribute, error_code) DO UPDATE SET n = unknown_attribute_counts.n + excluded.n
            """,
            _deltas.Where(d => d.Value != 0)
                .Select(d => new { organization, d.Key.AccountService, d.Key.Type, d.Key.Attribute, d.Key.Code, N = d.Value })
                .ToList(),
            transaction);

    private void Add(string accountService, string type, IReadOnlyDictionary<string, string>? attributes, long by)
    {
        foreach (var (attribute, code) in attributes ?? new Dictionary<string, string>())
        {
            var key = (accountService, type, attribute, code);
            _deltas[key] = _deltas.GetValueOrDefault(key) + by;
        }
    }
}
