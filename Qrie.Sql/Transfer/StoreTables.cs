using System.Data.Common;
using Qrie.Domain.Transfer;
using Qrie.Sql.Database;

namespace Qrie.Sql.Transfer;

/// <summary>The tables of a database as it is, so that an export has whatever the migrations made.</summary>
internal static class StoreTables
{
    /// <summary>The table whose rows describe the database itself.</summary>
    public const string Installation = "installation";

    private const string Sqlite =
        """
        SELECT t.name, c.name, c.type FROM sqlite_master t JOIN pragma_table_info(t.name) c
        WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY t.name, c.name
        """;

    private const string Postgres =
        """
        SELECT table_name COLLATE "C", column_name COLLATE "C", data_type FROM information_schema.columns
        WHERE table_schema = current_schema() ORDER BY 1, 2
        """;

    public static async Task<IReadOnlyList<TransferTable>> ReadAsync(SqlDatabase database, DbConnection connection) =>
        [.. (await connection.QueryAsync<(string Table, string Column, string Type)>(database is SqliteDatabase ? Sqlite : Postgres))
            .GroupBy(c => c.Table, StringComparer.Ordinal)
            .Select(t => new TransferTable(t.Key, [.. t.Select(c => new TransferColumn(c.Column, KindOf(c.Type)))], []))];

    private static TransferKind KindOf(string type) => type.ToUpperInvariant() switch
    {
        "TEXT" => TransferKind.Text,
        "INTEGER" or "BIGINT" => TransferKind.Number,
        "BLOB" or "BYTEA" => TransferKind.Bytes,
        _ => throw new NotSupportedException($"A column of type {type} cannot be exported."),
    };
}
