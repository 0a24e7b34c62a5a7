namespace Qrie.Sql.Database;

/// <summary>One statement for many rows. It belongs to the transaction in which it was prepared.</summary>
internal abstract class PreparedWrite : IDisposable
{
    /// <summary>Writes one row, at the latest when <see cref="FlushAsync"/> returns.</summary>
    /// <param name="values">Strings, whole numbers, bytes and nulls, in the order of the names.</param>
    public abstract Task ExecuteAsync(params ReadOnlySpan<object?> values);

    /// <summary>Must be called after the last row.</summary>
    public abstract Task FlushAsync();

    public abstract void Dispose();
}
