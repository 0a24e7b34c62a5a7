using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Qrie.Sql.Database;

/// <summary>One statement for many rows, sent together: a row each would wait for the network. Inserts become a single statement of all rows.</summary>
internal sealed partial class PostgresRows : PreparedWrite
{
    private const int AtOnce = 500;

    /// <summary>Configurations of resources may have some hundred kilobytes each.</summary>
    private const long BytesAtOnce = 8 * 1024 * 1024;

    private static readonly Dictionary<NpgsqlDbType, string> s_names = new()
    {
        [NpgsqlDbType.Bigint] = "bigint",
        [NpgsqlDbType.Text] = "text",
        [NpgsqlDbType.Bytea] = "bytea",
        [NpgsqlDbType.Boolean] = "boolean",
    };

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly string _sql;
    private readonly int _parameters;
    private readonly List<object?[]> _rows = [];
    private readonly ManyRowInsert? _insert;

    private long _bytes;

    /// <summary>What the rows that are not sent yet replace.</summary>
    private readonly HashSet<RowKey> _replaced = [];

    /// <param name="sql">With named parameters; each row has their values in the order of <paramref name="names"/>.</param>
    public PostgresRows(NpgsqlTransaction transaction, string sql, IReadOnlyList<string> names)
    {
        (_transaction, _connection) = (transaction, transaction.Connection!);
        _parameters = names.Count;
        _insert = ManyRowInsert.Of(sql, names);
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

    public override Task ExecuteAsync(params ReadOnlySpan<object?> values) => AddAsync(values.ToArray());

    private async Task AddAsync(object?[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = row[i] switch
            {
                int number => (long)number,
                string text => Clean(text),
                null or long or bool or byte[] => row[i],
                var other => throw new ArgumentException($"A {other.GetType().Name} cannot be written.", nameof(row)),
            };
            _bytes += row[i] switch { string text => text.Length, byte[] bytes => bytes.Length, _ => 0 };
        }

        if (_insert?.Key is { } key && !_replaced.Add(new RowKey(row, key)))
        {
            await FlushAsync();
            _replaced.Add(new RowKey(row, key));
        }

        _rows.Add(row);
        if (_rows.Count == AtOnce || _bytes >= BytesAtOnce)
        {
            await FlushAsync();
        }
    }

    public override async Task FlushAsync()
    {
        if (_rows.Count == 0)
        {
            return;
        }

        var types = Enumerable.Range(0, _parameters).Select(TypeOf).ToList();
        Written += _insert is null ? await ExecuteEachAsync(types) : await InsertAsync(_insert, types);
        _rows.Clear();
        _replaced.Clear();
        _bytes = 0;
    }

    private async Task<int> InsertAsync(ManyRowInsert insert, List<NpgsqlDbType?> types)
    {
        var text = insert.Text([.. types.Select(type => type is { } known ? s_names[known] : null)]);
        await using var command = new NpgsqlCommand(text, _connection, _transaction);
        for (var i = 0; i < _parameters; i++)
        {
            if (types[i] is { } type)
            {
                command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = ColumnOf(i, type) });
            }
        }

        return await command.ExecuteNonQueryAsync();
    }

    private Array ColumnOf(int at, NpgsqlDbType type) => type switch
    {
        NpgsqlDbType.Bigint => _rows.ConvertAll(row => (long?)row[at]).ToArray(),
        NpgsqlDbType.Boolean => _rows.ConvertAll(row => (bool?)row[at]).ToArray(),
        NpgsqlDbType.Bytea => _rows.ConvertAll(row => (byte[]?)row[at]).ToArray(),
        _ => _rows.ConvertAll(row => (string?)row[at]).ToArray(),
    };

    private async Task<int> ExecuteEachAsync(List<NpgsqlDbType?> types)
    {
        await using var batch = new NpgsqlBatch(_connection, _transaction);
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

        return await batch.ExecuteNonQueryAsync();
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
    internal static partial Regex Named();

    /// <summary>The values of some parameters of a row.</summary>
    private readonly struct RowKey(object?[] row, IReadOnlyList<int> key) : IEquatable<RowKey>
    {
        private readonly object?[] _row = row;
        private readonly IReadOnlyList<int> _key = key;

        public bool Equals(RowKey other)
        {
            foreach (var at in _key)
            {
                if (!Equals(_row[at], other._row[at]))
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is RowKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var at in _key)
            {
                hash.Add(_row[at]);
            }

            return hash.ToHashCode();
        }
    }
}
