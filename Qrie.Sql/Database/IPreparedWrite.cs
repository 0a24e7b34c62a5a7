namespace Qrie.Sql.Database;

/// <summary>
/// One statement for many rows, prepared once: scans write millions of rows, and for those Dapper's and the driver's new parameters for each row cost more than
/// the writing. Belongs to the transaction that it was prepared in.
/// </summary>
internal interface IPreparedWrite : IDisposable
{
    /// <summary>Writes one row.</summary>
    /// <param name="values">Texts, numbers and nulls, in the order of the names.</param>
    Task ExecuteAsync(params ReadOnlySpan<object?> values);
}
