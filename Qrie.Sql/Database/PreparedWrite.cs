using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// One statement for many rows, prepared once and with parameters that are made once: scans write millions of rows, and for those Dapper's new parameters for
/// each row cost more than the writing.
/// </summary>
internal sealed class PreparedWrite : IDisposable
{
    private readonly DbCommand _command;

    /// <param name="names">The parameters in the order in which rows give their values, without the at sign.</param>
    public PreparedWrite(DbTransaction transaction, string sql, params ReadOnlySpan<string> names)
    {
        _command = transaction.Connection!.CreateCommand();
        _command.Transaction = transaction;
        _command.CommandText = sql;
        foreach (var name in names)
        {
            var parameter = _command.CreateParameter();
            parameter.ParameterName = "@" + name;
            _command.Parameters.Add(parameter);
        }
    }

    public Task<int> ExecuteAsync(params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return _command.ExecuteNonQueryAsync();
    }

    public void Dispose() => _command.Dispose();
}
