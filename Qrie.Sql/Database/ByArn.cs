using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// Reads rows of an account_service by their ARNs, in batches: a long parameter list is a large object, which only full garbage collections free.
/// </summary>
internal static class ByArn
{
    private const int AtOnce = 250;

    /// <param name="columns">As in a select list.</param>
    /// <param name="and">More conditions, from " AND"; may be empty.</param>
    public static async Task<List<T>> ReadAsync<T>(
        SqlDatabase database, DbConnection connection, DbTransaction? transaction,
        string organization, string accountService, IReadOnlyCollection<string> arns, string columns, string table, string and = "")
    {
        var sql = database.ByArn(columns, table, and);
        var rows = new List<T>();
        foreach (var some in arns.Distinct(StringComparer.Ordinal).Chunk(AtOnce)) // a resource may occur twice in a batch
        {
            rows.AddRange(await connection.QueryAsync<T>(sql, new { organization, accountService, arns = database.List(some) }, transaction));
        }

        return rows;
    }
}
