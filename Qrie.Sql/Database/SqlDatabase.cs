using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>A database, as far as the stores need to know it: the SQL is the same, these few things differ.</summary>
public abstract class SqlDatabase
{
    /// <summary>The folder of its migrations, and its name in <c>/health</c>.</summary>
    public abstract string Dialect { get; }

    /// <summary>The server's or library's version.</summary>
    public abstract Task<string> VersionAsync(CancellationToken cancel);

    /// <summary>A number that stays as long as nobody has written: whatever was read since it was asked for is still so. Null: it cannot be told.</summary>
    public abstract long? DataVersion();

    /// <summary>Appended to a SELECT whose rows the same transaction then changes. Empty where there is only one writer.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>Appended to a SELECT whose rows must not change before the transaction ends. Empty where there is only one writer.</summary>
    public abstract string ForShare { get; }

    /// <summary>Appended to the SELECT that picks a unit. Empty where there is only one writer.</summary>
    public abstract string SkipLocked { get; }

    /// <summary>
    /// The condition that a column's value is among those of a list parameter, which <see cref="List"/> makes. One parameter for the whole list: SQLite looks
    /// every parameter up by name, which takes quadratic time for one a value.
    /// </summary>
    public abstract string Among(string column, string parameter);

    /// <summary>The value of a list parameter.</summary>
    public abstract object List(IEnumerable<string> values);

    /// <summary>A relation of the texts <c>c0</c>, <c>c1</c>… of a table parameter, which <see cref="Table"/> makes.</summary>
    public abstract string Rows(string parameter, int columns);

    /// <summary>The value of a table parameter.</summary>
    public abstract object Table(IEnumerable<string[]> rows);

    /// <summary>A statement for many rows.</summary>
    /// <param name="names">The parameters, without the at sign, in the order in which the statement first has them and in which rows give their values.</param>
    internal abstract IPreparedWrite Prepare(DbTransaction transaction, string sql, params ReadOnlySpan<string> names);

    /// <summary>Runs reads on a snapshot.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel);

    /// <summary>Runs a transaction; it is rolled back when the work throws.</summary>
    public abstract Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel);

    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return 0;
            },
            cancel);
}
