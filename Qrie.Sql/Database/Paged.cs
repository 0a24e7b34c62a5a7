using Qrie.Domain;

namespace Qrie.Sql.Database;

internal static class Paged
{
    /// <summary>A page of rows, read with one more row than its size to determine whether another page follows.</summary>
    public static Page<T> Of<TRow, T>(List<TRow> rows, int size, Func<TRow, T> select, Func<TRow, IReadOnlyList<string>> key) =>
        new([.. rows.Take(size).Select(select)], rows.Count > size ? key(rows[size - 1]) : null);
}
