using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Qrie.Sql.Database;

/// <summary>One statement for many rows, sent together: a row each would wait for the network.</summary>
internal sealed partial class PostgresRows : PreparedWrite
{
    private const int AtOnce = 500;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly string _sql;
    private readonly int _parameters;
    private readonly List<object?[]> _rows = [];

    /// <param name="sql">With named parameters; each row has their values in the order of <paramref name="names"/>.</param>
    public PostgresRows(NpgsqlTransaction transaction, string sql, IReadOnlyList<string> names)
    {
        (_transaction, _connection) = (transaction, transaction.Connection!);
        _parameters = names.Count;
        _sql = Named().Replace(sql, match =>
        {
            var at = names.ToList().FindIndex(name => name.Equals(match.Groups[1].Value, StringComparison.OrdinalIgnoreCase));
            return at >= 0 ? $"${at + 1}" : throw new ArgumentException($"There is no value for {match.Value}.", nameof(names));
        });
    }

    /// <summary>How many rows of the database were written so far.</summary>
    public int Written { get; private set; }

    /// <summary>The names of the parameters of a statement, each once.</summary>
    public static IReadOnlyList<string> NamesIn(string sql) =>
        [.. Named().Matches(sql).Select(match => match.Groups[1].Value).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>A text as PostgreSQL can hold it: a null character, and half of a surrogate pair, become the replacement character.</summary>
    public static string Clean(string text)
    {
        var whole = text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
        return whole.Contains('\0', StringComparison.Ordinal) ? whole.Replace('\0', '\uFFFD') : whole;
    }

    public override Task ExecuteAsync(params ReadOnlySpan<object?> values)
    {
        var row = values.ToArray();
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = row[i] switch
            {
                int number => (long)number,
                string text => Clean(text),
                null or long or bool or byte[] => row[i],
                var other => throw new ArgumentException($"A {other.GetType().Name} cannot be written.", nameof(values)),
            };
        }

        _rows.Add(row);
        return _rows.Count < AtOnce ? Task.CompletedTask : FlushAsync();
    }

    public override async Task FlushAsync()
    {
        if (_rows.Count == 0)
        {
            return;
        }

        await using var batch = new NpgsqlBatch(_connection, _transaction);
        var types = Enumerable.Range(0, _parameters).Select(TypeOf).ToList();
        foreach (var row in _rows)
        {
            var command = new NpgsqlBatchCommand(_sql);
            for (var i = 0; i < row.Length; i++)
            {
                var parameter = new NpgsqlParameter { Value = row[i] ?? DBNull.Value };
                if (types[i] is { } type)
                {
                    parameter.NpgsqlDbType = type;
                }

                command.Parameters.Add(parameter);
            }

            batch.BatchCommands.Add(command);
        }

        Written += await batch.ExecuteNonQueryAsync();
        _rows.Clear();
    }

    public override void Dispose()
    {
        // Nothing is held between statements.
    }

    /// <summary>
    /// All rows give a parameter the same type, also those in which it is null: a statement is prepared for its types. Null if it is always null.
    /// </summary>
    private NpgsqlDbType? TypeOf(int at) => _rows.Find(row => row[at] is not null)?[at] switch
    {
        long => NpgsqlDbType.Bigint,
        string => NpgsqlDbType.Text,
        byte[] => NpgsqlDbType.Bytea,
        bool => NpgsqlDbType.Boolean,
        _ => null,
    };

    [GeneratedRegex(@"@(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
