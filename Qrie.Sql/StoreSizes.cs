using Dapper;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;

namespace Qrie.Sql;

/// <summary>How large a table is.</summary>
/// <param name="Rows">Of a server, its estimate.</param>
/// <param name="Bytes">With indexes; null if the database does not know it by table.</param>
public sealed record TableSize(string Table, long Rows, long? Bytes);

/// <summary>The sizes of a store's tables, for reports of problems.</summary>
public static class StoreSizes
{
    /// <summary>By name.</summary>
    public static Task<IReadOnlyList<TableSize>> ReadAsync(SqlDatabase database, CancellationToken cancel) => database.ReadAsync<IReadOnlyList<TableSize>>(
        async connection =>
        {
            if (database is not SqliteDatabase)
            {
                // Counting would take minutes in a large store.
                return [.. (await connection.QueryAsync<(string Table, long Rows, long Bytes)>(
                    """
                    SELECT relname::text, greatest(reltuples, 0)::bigint, pg_total_relation_size(oid) FROM pg_class
                    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C"
                    """)).Select(t => new TableSize(t.Table, t.Rows, t.Bytes))];
            }

            var sizes = new List<TableSize>();
            foreach (var table in await StoreTables.ReadAsync(database, connection))
            {
                sizes.Add(new TableSize(table.Name, await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM \"{table.Name}\""), null));
            }

            return sizes;
        },
        cancel);
}
