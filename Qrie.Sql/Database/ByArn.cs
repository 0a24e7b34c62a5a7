using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// Reads rows of an account_service by their ARNs, in batches: a long parameter list is a large object, which only full garbage collections free.
/// </summary>
internal static class ByArn
{
    private const int AtOnce = 250;

    /// <param name="sql">With the parameters @organization, @accountService and the list @arns.</param>
    public static async Task<List<T>> ReadAsync<T>(
        SqlDatabase database, DbConnection connection, DbTransaction? transaction,
        string organization, string accountService, IReadOnlyCollection<string> arns, string sql)
    {
        var rows = new List<T>();
        foreach (var some in arns.Chunk(AtOnce))
        {
            rows.AddRange(await connection.QueryAsync<T>(sql, new { organization, accountService, arns = database.List(some) }, transaction));
        }

        return rows;
    }
}
