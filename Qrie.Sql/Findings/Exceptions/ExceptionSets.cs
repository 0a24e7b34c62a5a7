using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings.Exceptions;

namespace Qrie.Sql.Findings.Exceptions;

/// <summary>
/// The exceptions in force, as seen by a transaction. They are read again only after a change: otherwise a batch of verdicts costs one seek, which finds
/// nothing in an organization without exceptions.
/// </summary>
internal sealed class ExceptionSets
{
    private readonly ConcurrentDictionary<string, (long Revision, ExceptionSet Set)> _known = new(StringComparer.Ordinal);

    public async Task<ExceptionSet> ReadAsync(DbTransaction transaction, string organization)
    {
        var revision = await transaction.Connection!.ExecuteScalarAsync<long?>(
            "SELECT revision FROM exception_revisions WHERE organization = @organization", new { organization }, transaction);
        if (revision is not { } current)
        {
            return ExceptionSet.None;
        }

        if (_known.TryGetValue(organization, out var known) && known.Revision == current)
        {
            return known.Set;
        }

        var set = new ExceptionSet((await transaction.Connection!.QueryAsync<ExceptionRow>(
            "SELECT * FROM exceptions WHERE organization = @organization AND status = 'active'", new { organization }, transaction))
            .Select(row => row.ToException()));
        _known[organization] = (current, set);
        return set;
    }

    /// <summary>Must be called in every transaction that changes what is in force.</summary>
    public static Task AdvanceAsync(DbTransaction transaction, string organization) => transaction.Connection!.ExecuteAsync(
        """
        INSERT INTO exception_revisions (organization, revision) VALUES (@organization, 1)
        ON CONFLICT (organization) DO UPDATE SET revision = exception_revisions.revision + 1
        """,
        new { organization }, transaction);
}
