using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;

namespace Qrie.Sql;

/// <summary>
/// Dapper's queries for the stores, of rows that have arrived whole. Dapper's own ask for sequential access, with which Npgsql reads what is left of a row
/// synchronously: a slow network would then block threads, without regard to cancellation. Code in this namespace binds to these methods before Dapper's.
/// </summary>
internal static class BufferedQueries
{
    public static Task<IEnumerable<T>> QueryAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null) =>
        ReadAsync<T, IEnumerable<T>>(
            connection,
            new CommandDefinition(sql, parameters, transaction),
            async (reader, row) =>
            {
                var rows = new List<T>();
                while (await reader.ReadAsync())
                {
                    rows.Add(row(reader)!);
                }

                return rows;
            });

    /// <returns>The default value if there is no row.</returns>
    public static Task<T?> QueryFirstOrDefaultAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null) =>
        ReadAsync<T, T?>(
            connection,
            new CommandDefinition(sql, parameters, transaction),
            async (reader, row) => await reader.ReadAsync() ? row(reader) : default);

    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public static Task<T> QueryFirstAsync<T>(this DbConnection connection, CommandDefinition command) =>
        ReadAsync<T, T>(
            connection,
            command,
            async (reader, row) => await reader.ReadAsync(command.CancellationToken)
                ? row(reader)! : throw new InvalidOperationException("There is no row."));

    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public static Task<T> QueryFirstAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null) =>
        connection.QueryFirstAsync<T>(new CommandDefinition(sql, parameters, transaction));

    private static async Task<TResult> ReadAsync<T, TResult>(
        DbConnection connection, CommandDefinition definition, Func<DbDataReader, Func<DbDataReader, T?>, Task<TResult>> read)
    {
        var reader = await connection.ExecuteReaderAsync(definition, CommandBehavior.Default);
        // Disposed asynchronously, Dapper's reader leaves its command to the finalizer.
        using var command = ((IWrappedDataReader)reader).Command;
        await using (reader)
        {
            var parse = reader.GetRowParser(typeof(T));
            return await read(reader, row => Value<T>(parse(row)));
        }
    }

    /// <summary>Databases answer numbers in types of their own.</summary>
    private static T? Value<T>(object? value) => value switch
    {
        T row => row,
        null or DBNull => default,
        _ => (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), CultureInfo.InvariantCulture),
    };
}
