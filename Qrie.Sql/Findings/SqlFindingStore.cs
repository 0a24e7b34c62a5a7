using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

public sealed class SqlFindingStore(SqlDatabase database) : IFindingStore
{
    public Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<JudgedResource> judged, string? scanId, CancellationToken cancel) =>
        judged.Count == 0
            ? Task.FromResult(ApplyResult.Nothing)
            : database.WriteAsync(transaction => VerdictWriter.ApplyAsync(transaction, database, organization, judged, scanId), cancel);

    public Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => VerdictWriter.ResolvePolicyAsync(transaction, database, organization, policyId, reason, now, limit), cancel);

    public Task<JudgementState> ReadJudgementStateAsync(string organization, string accountService, CancellationToken cancel) =>
        database.ReadAsync(connection => JudgementReader.StateAsync(connection, organization, accountService), cancel);

    public Task<JudgementChunk> ReadToJudgeAsync(
        string organization, string accountService, JudgementQuery query, JudgementCursor? after, int limit, CancellationToken cancel) =>
        database.ReadAsync(connection => JudgementReader.ChunkAsync(database, connection, organization, accountService, query, after, limit), cancel);

    public Task RecordJudgedAsync(string organization, string accountService, JudgedUnit judged, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO policy_judged (organization, account_service, policy_id, judged_at)
                    VALUES (@organization, @accountService, @policyId, @at)
                    ON CONFLICT (organization, account_service, policy_id) DO UPDATE SET judged_at = excluded.judged_at
                    WHERE excluded.judged_at > policy_judged.judged_at
                    """,
                    judged.PolicyIds.Select(policyId => new { organization, accountService, policyId, at = Columns.Ms(judged.At) }).ToList(), transaction);
                await transaction.Connection!.ExecuteAsync(
                    """
                    INSERT INTO judged_types (organization, account_service, type, fingerprint, seq)
                    VALUES (@organization, @accountService, @type, @fingerprint, @Sequence)
                    ON CONFLICT (organization, account_service, type) DO UPDATE SET fingerprint = excluded.fingerprint, seq = excluded.seq
                    """,
                    judged.Fingerprints.Select(t => new { organization, accountService, type = t.Key, fingerprint = t.Value, judged.Sequence }).ToList(), transaction);
            },
            cancel);

    public Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        database.ReadAsync(
            async connection =>
            {
                var row = await connection.QueryFirstOrDefaultAsync<EvaluationRow>(
                    "SELECT * FROM evaluations WHERE organization = @organization AND account_service = @accountService AND arn = @arn",
                    new { organization, accountService, arn });
                return row?.ToEvaluation(await new PolicyLists(connection, null).FindAsync(row.PolicyList));
            },
            cancel);

    public Task<Finding?> FindAsync(string organization, string accountService, string arn, string policyId, CancellationToken cancel) =>
        database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<FindingRow>(
                $"""
                {Select}
                WHERE f.organization = @organization AND f.account_service = @accountService AND f.arn = @arn AND f.policy_id = @policyId
                """,
                new { organization, accountService, arn, policyId }))?.ToFinding(),
            cancel);

    public Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            async connection =>
            {
                var after = page.After;
                var rows = (await connection.QueryAsync<FindingRow>(
                    $"""
                    {Select}
                    WHERE f.organization = @organization
                      {(filter.AccountId is null ? "" : "AND f.account_id = @AccountId")}
                      {(filter.Service is null ? "" : "AND f.service = @Service")}
                      {(filter.PolicyId is null ? "" : "AND f.policy_id = @PolicyId")}
                      {(filter.State is null ? "" : "AND f.state = @state")}
                      {(filter.SeverityFrom is null ? "" : "AND f.severity >= @SeverityFrom")}
                      {(filter.SeverityTo is null ? "" : "AND f.severity <= @SeverityTo")}
                      {(after is null ? "" : """
                        AND f.first_seen <= @firstSeen
                        AND (f.first_seen < @firstSeen OR (f.arn, f.policy_id, f.account_service) > (@arn, @afterPolicy, @accountService))
                        """)}
                      AND EXISTS (SELECT 1 FROM accounts a
                                  WHERE a.organization = f.organization AND a.account_id = f.account_id AND a.status = 'active')
                    ORDER BY f.first_seen DESC, f.arn, f.policy_id, f.account_service LIMIT @limit
                    """,
                    new
                    {
                        organization,
                        filter.AccountId,
                        filter.Service,
                        filter.PolicyId,
                        state = filter.State is { } state ? Columns.Name(state) : null,
                        filter.SeverityFrom,
                        filter.SeverityTo,
                        firstSeen = after is null ? 0 : long.Parse(after[0], CultureInfo.InvariantCulture),
                        arn = after?[1],
                        afterPolicy = after?[2],
                        accountService = after?[3],
                        limit = page.Size + 1,
                    })).AsList();
                return Paged.Of(
                    rows, page.Size, row => row.ToFinding(),
                    row => [row.FirstSeen.ToString(CultureInfo.InvariantCulture), row.Arn, row.PolicyId, row.AccountService]);
            },
            cancel);

    public Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(
            async connection => (await connection.QueryAsync<(string PolicyId, long N)>(
                AllAccounts.Sum(null, "finding_counts", "policy_id", ["n"], "c.state = 'active'"), new { organization }))
                .Where(c => c.N != 0).ToDictionary(c => c.PolicyId, c => c.N),
            cancel);

    public Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<VerdictCount>>(
            async connection =>
            [
                .. (await connection.QueryAsync<(string AccountService, string PolicyId, string Verdict, string Attribute, string Code, long N)>(
                    """
                    SELECT c.account_service, c.policy_id, c.verdict, c.attribute, c.error_code, c.n FROM verdict_counts c
                    JOIN policies p ON p.organization = c.organization AND p.policy_id = c.policy_id AND p.revision = c.revision
                                   AND p.status = 'active'
                    JOIN accounts a ON a.organization = c.organization AND a.account_id = substr(c.account_service, 1, 12) AND a.status = 'active'
                    WHERE c.organization = @organization AND c.n > 0 AND (@accountId IS NULL OR a.account_id = @accountId)
                    ORDER BY c.account_service, c.policy_id, c.verdict, c.attribute, c.error_code
                    """,
                    new { organization, accountId })).Select(row =>
                    {
                        var (account, service) = AccountService.Split(row.AccountService);
                        return new VerdictCount(
                            account, service, row.PolicyId, Columns.Parse<Verdict>(row.Verdict), NullIfEmpty(row.Attribute), NullIfEmpty(row.Code), row.N);
                    }),
            ],
            cancel);

    /// <summary>
    /// Findings as they are shown: an active one was last evaluated when its policy was last judged over the whole account_service, though
    /// nothing about it changed.
    /// </summary>
    private const string Select =
        """
        SELECT f.account_service, f.arn, f.policy_id, f.account_id, f.service, f.type, f.region, f.severity, f.state, f.evidence, f.first_seen,
               CASE WHEN f.state = 'active' AND j.judged_at > f.last_evaluated THEN j.judged_at ELSE f.last_evaluated END AS last_evaluated,
               f.describe_time, f.resolved_at, f.resolved_reason, f.scan_id, f.transitions
        FROM findings f
        LEFT JOIN policy_judged j ON j.organization = f.organization AND j.account_service = f.account_service AND j.policy_id = f.policy_id
        """;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
