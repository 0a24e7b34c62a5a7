using System.Data.Common;
using Dapper;

namespace Qrie.Sql.Findings.Lists;

/// <summary>Reads one range in chunks that grow, because mostly its first findings are all that is needed of it.</summary>
internal sealed class RangeReader(DbConnection connection, FindingListQuery query, FindingRange range, int firstChunk, int maxChunk)
{
    private readonly Queue<FindingPlace> _read = [];
    private FindingPlace? _last = query.After;
    private int _chunk = Math.Min(firstChunk, maxChunk);
    private bool _ended;

    /// <summary>Null: it has no more.</summary>
    public async Task<FindingPlace?> NextAsync()
    {
        if (_read.Count == 0 && !_ended)
        {
            foreach (var place in await connection.QueryAsync<FindingPlace>(Sql, (query.Parameters.Of(range) with { Limit = _chunk }).Behind(_last)))
            {
                _read.Enqueue(place);
                _last = place;
            }

            _ended = _read.Count < _chunk;
            _chunk = Math.Min(_chunk * 4, maxChunk);
        }

        return _read.TryDequeue(out var next) ? next : null;
    }

    /// <summary>What follows at the same time, then what is older: one condition for both would be no range of the index.</summary>
    private string Sql => _last is null
        ? $"{Select} {query.From}{query.To} {Order}"
        : $"""
          {Select} AND f.first_seen = @AfterSeen AND (f.arn, f.policy_id, f.account_service) > (@AfterArn, @AfterPolicy, @AfterService)
          UNION ALL
          {Select} AND f.first_seen < @AfterSeen {query.From}
          {Order}
          """;

    private string Select =>
        $"SELECT f.first_seen, f.arn, f.policy_id, f.account_service FROM findings f WHERE f.organization = @Organization {query.RangeCondition}";

    private const string Order = "ORDER BY first_seen DESC, arn, policy_id, account_service LIMIT @Limit";
}
