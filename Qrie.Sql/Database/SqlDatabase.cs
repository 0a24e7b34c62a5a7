using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>A database, as seen by the stores: the SQL is the same for all dialects except for these members.</summary>
public abstract class SqlDatabase : IAsyncDisposable
{
    /// <summary>The folder of its migrations, and its name in <c>/health</c>.</summary>
    public abstract string Dialect { get; }

    /// <summary>Whether several processes use it at a time: what one of them left behind is then told by expired leases, not by its own start.</summary>
    public abstract bool IsShared { get; }

    /// <summary>The version of the server or library.</summary>
    public abstract Task<string> VersionAsync(CancellationToken cancel);

    /// <summary>A number that changes with every write: as long as it stays the same, earlier reads are current. Null if it cannot be determined.</summary>
    public abstract long? DataVersion();

    /// <summary>
    /// The condition that a column is in a list parameter made by <see cref="List(IEnumerable{string})"/>. One parameter holds the whole list:
    /// SQLite looks up every parameter by name, which takes quadratic time for one parameter per value.
    /// </summary>
    public abstract string Among(string column, string parameter);

    /// <summary>The same for a column of whole numbers.</summary>
    public abstract string AmongNumbers(string column, string parameter);

    /// <summary>The value of a list parameter.</summary>
    public abstract object List(IEnumerable<string> values);

    /// <summary>The value of a list parameter of whole numbers.</summary>
    public static object List(IEnumerable<long> values) => Columns.Json(values);

    /// <summary>A relation of the string columns <c>c0</c>, <c>c1</c>… of a table parameter made by <see cref="Table"/>.</summary>
    public abstract string Rows(string parameter, int columns);

    /// <summary>The value of a table parameter.</summary>
    public abstract object Table(IEnumerable<string[]> rows);

    /// <summary>The position of a text in another, from 1; 0 if it does not occur. Both are expressions.</summary>
    public abstract string Position(string text, string sought);

    /// <summary>Put before a column so that no index is sought by it; empty where the planner needs no such help.</summary>
    public abstract string Unindexed { get; }

    /// <summary>
    /// Joins at most one row by its whole key. PostgreSQL has to be told: its statistics are behind while a scan fills a table, and for an account that
    /// it takes for empty it would compare all rows with all rows.
    /// </summary>
    /// <param name="kind"><c>JOIN</c> or <c>LEFT JOIN</c>.</param>
    /// <param name="on">The key of <paramref name="table"/>, which is called <paramref name="alias"/>, equal to columns of earlier tables.</param>
    public virtual string JoinOne(string kind, string table, string alias, string on) => $"{kind} {table} {alias} ON {on}";

    /// <summary>
    /// Selects the rows of an account_service by ARNs, with the parameters @organization, @accountService and the list @arns. As <see cref="JoinOne"/>, it does
    /// not depend on statistics.
    /// </summary>
    internal virtual string ByArn(string columns, string table, string and) =>
        $"SELECT {columns} FROM {table} WHERE organization = @organization AND account_service = @accountService AND {Among("arn", "@arns")}{and}";

    /// <summary>A statement for many rows.</summary>
    /// <param name="names">The parameters, without the at sign, in the order of their first use in the statement and of the values of rows.</param>
    internal abstract PreparedWrite Prepare(DbTransaction transaction, string sql, params ReadOnlySpan<string> names);

    public abstract ValueTask DisposeAsync();

    /// <summary>What an administrator should change, with the remedy.</summary>
    public virtual Task<IReadOnlyList<string>> ListWarningsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Runs reads on a snapshot.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancel);

    /// <summary>The same for reads of one organization: where the database can, it shows them no rows of others, whatever their SQL asks for.</summary>
    public virtual Task<T> ReadAsync<T>(string organization, Func<DbConnection, Task<T>> work, CancellationToken cancel) => ReadAsync(work, cancel);

    /// <summary>Runs a transaction; it is rolled back if the work throws.</summary>
    public abstract Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel);

    public Task WriteAsync(Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            async transaction =>
            {
                await work(transaction);
                return 0;
            },
            cancel);

    /// <summary>
    /// The same for progress of which the end is stored by a later, ordinary transaction: the commit need not wait for the disk, because that one makes it
    /// safe. If the machine stops before, both are lost, and the work is done again.
    /// </summary>
    public virtual Task<T> WriteProgressAsync<T>(Func<DbTransaction, Task<T>> work, CancellationToken cancel) => WriteAsync(work, cancel);

    /// <summary>The same for writes of one organization.</summary>
    public virtual Task<T> WriteProgressAsync<T>(string organization, Func<DbTransaction, Task<T>> work, CancellationToken cancel) =>
        WriteAsync(organization, work, cancel);

    public Task WriteProgressAsync(string organization, Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteProgressAsync(
            organization,
            async transaction =>
            {
                await work(transaction);
                return 0;
            },
            cancel);

    /// <summary>The same for writes of one organization: where the database can, it refuses them rows of others.</summary>
    public virtual Task<T> WriteAsync<T>(string organization, Func<DbTransaction, Task<T>> work, CancellationToken cancel) => WriteAsync(work, cancel);

    public Task WriteAsync(string organization, Func<DbTransaction, Task> work, CancellationToken cancel) =>
        WriteAsync(
            organization,
            async transaction =>
            {
                await work(transaction);
                return 0;
            },
            cancel);
}
