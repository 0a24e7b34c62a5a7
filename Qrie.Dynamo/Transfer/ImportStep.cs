using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer;

/// <summary>A part of an import: rows of one or more tables with the same key become items together.</summary>
/// <param name="Tables">The first one names the step.</param>
/// <param name="Key">Columns that all of the tables have; texts if there are several tables.</param>
/// <param name="WriteAsync">Puts the items of a group into a session.</param>
internal sealed record ImportStep(IReadOnlyList<string> Tables, IReadOnlyList<string> Key, Func<WriteSession, RowGroup, Task> WriteAsync)
{
    public string Name => Tables[0];

    /// <summary>A step in which each row is a group.</summary>
    /// <param name="key">The whole key of the table.</param>
    public static ImportStep Of(string table, IReadOnlyList<string> key, Func<WriteSession, TransferRow, Task> writeAsync) =>
        new([table], key, async (session, group) =>
        {
            foreach (var row in group.Of(table))
            {
                await writeAsync(session, row);
            }
        });

    /// <summary>The groups in the order of their keys.</summary>
    public async IAsyncEnumerable<RowGroup> ReadAsync(ITransferBuffer buffer, [EnumeratorCancellation] CancellationToken cancel)
    {
        var sources = new List<(string Table, IAsyncEnumerator<TransferRow> Rows)>();
        try
        {
            var heads = new Dictionary<string, TransferRow>();
            foreach (var table in Tables)
            {
                var rows = buffer.ReadAsync(table, Key, cancel).GetAsyncEnumerator(cancel);
                sources.Add((table, rows));
                await AdvanceAsync(table, rows, heads);
            }

            while (heads.Count > 0)
            {
                var least = heads.Values.Select(KeyOf).Aggregate((one, other) => Compare(one, other) <= 0 ? one : other);
                var group = new RowGroup();
                foreach (var (table, rows) in sources)
                {
                    while (heads.TryGetValue(table, out var row) && Compare(KeyOf(row), least) == 0)
                    {
                        group.Add(row);
                        await AdvanceAsync(table, rows, heads);
                    }
                }

                yield return group;
            }
        }
        finally
        {
            foreach (var (_, rows) in sources)
            {
                await rows.DisposeAsync();
            }
        }
    }

    private string[] KeyOf(TransferRow row) => [.. Key.Select(column => Convert.ToString(row[column], CultureInfo.InvariantCulture)!)];

    private static async Task AdvanceAsync(string table, IAsyncEnumerator<TransferRow> rows, Dictionary<string, TransferRow> heads)
    {
        if (await rows.MoveNextAsync())
        {
            heads[table] = rows.Current;
        }
        else
        {
            heads.Remove(table);
        }
    }

    private static int Compare(string[] one, string[] other)
    {
        for (var i = 0; i < one.Length; i++)
        {
            if (CodePoints.CompareTexts(one[i], other[i]) is not 0 and var order)
            {
                return order;
            }
        }

        return 0;
    }
}

/// <summary>Rows with the same key.</summary>
internal sealed class RowGroup
{
    private readonly Dictionary<string, List<TransferRow>> _rows = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>The rows of a table; none if there are none.</summary>
    public IReadOnlyList<TransferRow> Of(string table) => _rows.TryGetValue(table, out var rows) ? rows : [];

    /// <summary>The row of a table that has one for a key; null if there is none.</summary>
    public TransferRow? One(string table) => Of(table) is [var row] ? row : null;

    public void Add(TransferRow row)
    {
        if (!_rows.TryGetValue(row.Table, out var rows))
        {
            _rows[row.Table] = rows = [];
        }

        rows.Add(row);
        Count++;
    }
}
