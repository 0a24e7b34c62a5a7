using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;
using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

/// <summary>Finds the resources of an account_service to evaluate.</summary>
internal static class PendingEvaluationReader
{
    /// <summary>Joins an evaluation <c>e</c> and its resource <c>r</c>.</summary>
    public const string SameResource = "e.organization = r.organization AND e.account_service = r.account_service AND e.arn = r.arn";

    /// <summary>The minimum number of state rows per read: most may need no evaluation.</summary>
    private const int LookAtLeast = 500;

    /// <summary>The maximum size of configurations held before parsing: some are 400 KB, most are 2.</summary>
    private const long BytesAtOnce = 8_000_000;

    public static async Task<EvaluationProgress> StateAsync(DbConnection connection, string organization, string accountService)
    {
        var key = new { organization, accountService };
        var sequence = await connection.ExecuteScalarAsync<long?>(
            "SELECT seq FROM change_sequences WHERE organization = @organization AND account_service = @accountService", key);
        var due = await connection.ExecuteScalarAsync<long?>(
            """
            SELECT next_due FROM evaluations WHERE organization = @organization AND account_service = @accountService AND next_due IS NOT NULL
            ORDER BY next_due LIMIT 1
            """,
            key);
        var types = await connection.QueryAsync<(string Type, long Alive, string? Fingerprint, long? Sequence)>(
            """
            SELECT c.type, c.n, j.fingerprint, j.seq FROM resource_counts c
            LEFT JOIN evaluated_types j ON j.organization = c.organization AND j.account_service = c.account_service AND j.type = c.type
            WHERE c.organization = @organization AND c.account_service = @accountService
            """,
            key);
        return new EvaluationProgress(
            sequence ?? 0, Columns.Time(due), types.ToDictionary(t => t.Type, t => new TypeState(t.Alive, t.Fingerprint, t.Sequence ?? 0)));
    }

    public static async Task<EvaluationChunk> ChunkAsync(
        SqlDatabase database, DbConnection connection, string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit)
    {
        var (number, condition) = query.Walk switch
        {
            EvaluationSelection.Changed => ("r.change_seq", "r.change_seq > @ChangedSince AND (r.change_seq, r.arn) > (@number, @arn)"),
            EvaluationSelection.Due => ("e.next_due", "e.next_due <= @now AND (e.next_due, e.arn) > (@number, @arn)"),
            _ => ("0", "r.arn > @arn"),
        };
        var lookAt = Math.Max(limit, LookAtLeast);
        var from = query.Walk == EvaluationSelection.Due
            ? $"evaluations e {database.JoinOne("JOIN", "resources", "r", SameResource)}"
            : $"resources r {database.JoinOne("LEFT JOIN", "evaluations", "e", SameResource)}";
        var own = query.Walk == EvaluationSelection.Due ? "e" : "r";
        var rows = (await connection.QueryAsync<PendingEvaluationRow>(
            $"""
            SELECT {ResourceRow.Columns}, e.hash AS evaluated_hash, e.fingerprint AS evaluated_fingerprint, e.next_due, {number} AS number
            FROM {from}
            WHERE {own}.organization = @organization AND {own}.account_service = @accountService AND r.deleted_at IS NULL
              AND {database.Among("r.type", "@types")} AND {condition}
            ORDER BY {(query.Walk == EvaluationSelection.All ? "r.arn" : query.Walk == EvaluationSelection.Changed ? "r.change_seq, r.arn"
                : "e.next_due, e.arn")}
            LIMIT @lookAt
            """,
            new
            {
                organization,
                accountService,
                types = database.List(query.Fingerprints.Keys),
                query.ChangedSince,
                now = Columns.Ms(query.Now),
                number = after?.Number ?? -1,
                arn = after?.Arn ?? "",
                lookAt,
            })).AsList();
        var needed = rows.Where(row => row.NeedsEvaluating(
            query.Fingerprints[row.Type], query.OrFingerprints?.GetValueOrDefault(row.Type), Columns.Ms(query.Now)));
        var (due, complete) = WhatFits(needed, limit);
        // Rows that did not fit are read again in the next chunk.
        var last = complete ? (rows.Count == lookAt ? rows[^1] : null) : due[^1];
        await ReadConfigurationsAsync(database, connection, organization, accountService, due);
        return new EvaluationChunk([.. due.Select(row => row.ToResource())], last is null ? null : new EvaluationCursor(last.Number, last.Arn));
    }

    /// <summary>At least one, however large it is.</summary>
    private static (List<PendingEvaluationRow> Rows, bool All) WhatFits(IEnumerable<PendingEvaluationRow> rows, int limit)
    {
        var fits = new List<PendingEvaluationRow>();
        var bytes = 0L;
        foreach (var row in rows)
        {
            bytes += row.Size;
            if (fits.Count == limit || (fits.Count > 0 && bytes > BytesAtOnce))
            {
                return (fits, false);
            }

            fits.Add(row);
        }

        return (fits, true);
    }

    private static async Task ReadConfigurationsAsync(
        SqlDatabase database, DbConnection connection, string organization, string accountService, List<PendingEvaluationRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var configurations = (await ByArn.ReadAsync<(string Arn, byte[] Configuration)>(
            database, connection, null, organization, accountService, [.. rows.Select(r => r.Arn)],
            "arn, configuration", "configurations")).ToDictionary(c => c.Arn, c => c.Configuration);
        foreach (var row in rows)
        {
            row.Configuration = configurations[row.Arn];
        }
    }
}
