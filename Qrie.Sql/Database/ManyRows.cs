using System.Data.Common;
using Dapper;
using Npgsql;

namespace Qrie.Sql.Database;

internal static class ManyRows
{
    /// <summary>Executes one statement once for each row, in order. Returns how many rows of the database it wrote.</summary>
    /// <param name="rows">Their properties are the parameters.</param>
    public static async Task<int> ExecuteRowsAsync<T>(this DbTransaction transaction, string sql, IReadOnlyList<T> rows)
        where T : notnull
    {
        if (transaction is not NpgsqlTransaction postgres)
        {
            return await transaction.Connection!.ExecuteAsync(sql, rows, transaction);
        }

        if (rows.Count == 0)
        {
            return 0;
        }

        var names = PostgresRows.NamesIn(sql);
        var properties = names.Select(name => rows[0].GetType().GetProperties().Single(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))).ToList();
        using var write = new PostgresRows(postgres, sql, names);
        foreach (var row in rows)
        {
            await write.ExecuteAsync([.. properties.Select(p => p.GetValue(row))]);
        }

        await write.FlushAsync();
        return write.Written;
    }
}
