using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Qrie.Sql.Database;

/// <summary>
/// Prepared once: scans write millions of rows, for which Dapper's and the driver's parameter objects cost more than the writing. Parameters are bound by
/// position with the library's API, because the driver looks up every parameter by name for every row.
/// </summary>
internal sealed class SqlitePreparedWrite : PreparedWrite
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private byte[] _text = ArrayPool<byte>.Shared.Rent(4096);

    public SqlitePreparedWrite(sqlite3 connection, string sql, ReadOnlySpan<string> names)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v2(connection, sql, out _statement));
        for (var i = 0; i < names.Length; i++)
        {
            if (raw.sqlite3_bind_parameter_name(_statement, i + 1).utf8_to_string() != "@" + names[i])
            {
                throw new ArgumentException($"Parameter {i + 1} of the statement is not @{names[i]}.", nameof(names));
            }
        }
    }

    public override Task ExecuteAsync(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Check(values[i] switch
            {
                null => raw.sqlite3_bind_null(_statement, i + 1),
                string text => BindText(i + 1, text),
                long number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                int number => raw.sqlite3_bind_int64(_statement, i + 1, number),
                byte[] bytes => raw.sqlite3_bind_blob(_statement, i + 1, bytes),
                var other => throw new ArgumentException($"A {other.GetType().Name} cannot be written.", nameof(values)),
            });
        }

        var result = raw.sqlite3_step(_statement);
        raw.sqlite3_reset(_statement);
        Check(result);
        return Task.CompletedTask;
    }

    public override Task FlushAsync() => Task.CompletedTask;

    public override void Dispose()
    {
        _statement.Dispose();
        ArrayPool<byte>.Shared.Return(_text);
    }

    private int BindText(int position, string text)
    {
        if (text.Length == 0)
        {
            return raw.sqlite3_bind_text(_statement, position, text); // an empty span would be bound as null
        }

        var maxBytes = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_text.Length < maxBytes)
        {
            ArrayPool<byte>.Shared.Return(_text);
            _text = ArrayPool<byte>.Shared.Rent(maxBytes);
        }

        // SQLite copies the text.
        return raw.sqlite3_bind_text(_statement, position, _text.AsSpan(0, Encoding.UTF8.GetBytes(text, _text)));
    }

    /// <exception cref="SqliteException">The result code is an error.</exception>
    private void Check(int result)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            SqliteException.ThrowExceptionForRC(result, _connection);
        }
    }
}
