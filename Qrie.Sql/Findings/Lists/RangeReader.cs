namespace Qrie.Sql.Findings.Lists;

/// <summary>Reads a range in growing chunks, because usually only its first findings are needed.</summary>
internal sealed class RangeReader(RangeStatements statements, FindingListQuery query, FindingRange range, int firstChunk, int maxChunk)
{
    private readonly Queue<FindingCursor> _read = [];
    private FindingCursor? _last = query.After;
    private int _chunk = Math.Min(firstChunk, maxChunk);
    private bool _ended;

    /// <summary>Null if there are no more.</summary>
    public async Task<FindingCursor?> NextAsync()
    {
        if (_read.Count == 0 && !_ended)
        {
            foreach (var place in await statements.ReadAsync(range, _last, _chunk))
            {
                _read.Enqueue(place);
                _last = place;
            }

            _ended = _read.Count < _chunk;
            _chunk = Math.Min(_chunk * 4, maxChunk);
        }

        return _read.TryDequeue(out var next) ? next : null;
    }
}
