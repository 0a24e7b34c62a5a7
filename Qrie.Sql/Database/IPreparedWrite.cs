namespace Qrie.Sql.Database;

/// <summary>
/// One statement for many rows, prepared once: scans write millions of rows, for which Dapper's and the driver's parameter objects cost more than the writing.
/// Belongs to the transaction in which it was prepared.
/// </summary>
internal interface IPreparedWrite : IDisposable
{
    /// <summary>Writes one row.</summary>
    /// <param name="values">Strings, numbers and nulls, in the order of the names.</param>
    Task ExecuteAsync(params ReadOnlySpan<object?> values);
}
