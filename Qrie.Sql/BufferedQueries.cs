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
    public static async Task<IEnumerable<T>> QueryAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null)
    {
        var rows = new List<T>();
        await using var reader = await ReadAsync(connection, sql, parameters, transaction);
        var parse = reader.GetRowParser(typeof(T));
        while (await reader.ReadAsync())
        {
            rows.Add(Value<T>(parse(reader))!);
        }

        return rows;
    }

    /// <returns>The default value if there is no row.</returns>
    public static async Task<T?> QueryFirstOrDefaultAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null)
    {
        await using var reader = await ReadAsync(connection, sql, parameters, transaction);
        return await reader.ReadAsync() ? Value<T>(reader.GetRowParser(typeof(T))(reader)) : default;
    }

    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public static async Task<T> QueryFirstAsync<T>(this DbConnection connection, CommandDefinition command)
    {
        await using var reader = await connection.ExecuteReaderAsync(command, CommandBehavior.Default);
        return await reader.ReadAsync(command.CancellationToken)
            ? Value<T>(reader.GetRowParser(typeof(T))(reader))! : throw new InvalidOperationException("There is no row.");
    }

    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public static Task<T> QueryFirstAsync<T>(
        this DbConnection connection, string sql, object? parameters = null, DbTransaction? transaction = null) =>
        connection.QueryFirstAsync<T>(new CommandDefinition(sql, parameters, transaction));

    private static Task<DbDataReader> ReadAsync(DbConnection connection, string sql, object? parameters, DbTransaction? transaction) =>
        connection.ExecuteReaderAsync(new CommandDefinition(sql, parameters, transaction), CommandBehavior.Default);

    /// <summary>Databases answer numbers in types of their own.</summary>
    private static T? Value<T>(object? value) => value switch
    {
        T row => row,
        null or DBNull => default,
        _ => (T)Convert.ChangeType(value, Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T), CultureInfo.InvariantCulture),
    };
}
