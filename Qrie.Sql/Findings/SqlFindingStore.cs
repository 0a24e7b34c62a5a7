using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Exceptions;
using Qrie.Sql.Findings.Lists;

namespace Qrie.Sql.Findings;

public sealed class SqlFindingStore(SqlDatabase database) : IFindingStore
{
    private readonly FindingGroups _groups = new(database);
    private readonly ExceptionSets _exceptions = new();

    public Task<ApplyResult> ApplyAsync(string organization, IReadOnlyList<EvaluatedResource> evaluated, string? scanId, CancellationToken cancel) =>
        evaluated.Count == 0
            ? Task.FromResult(ApplyResult.Nothing)
            : database.WriteAsync(
                organization,
                transaction => VerdictWriter.ApplyAsync(transaction, database, _exceptions, organization, evaluated, scanId), cancel);

    public Task<int> ResolvePolicyAsync(
        string organization, string policyId, ResolvedReason reason, DateTimeOffset now, int limit, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => VerdictWriter.ResolvePolicyAsync(transaction, database, organization, policyId, reason, now, limit), cancel);

    public Task<EvaluationProgress> ReadEvaluationProgressAsync(string organization, string accountService, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => PendingEvaluationReader.StateAsync(connection, organization, accountService), cancel);

    public Task<EvaluationChunk> ReadPendingAsync(
        string organization, string accountService, EvaluationQuery query, EvaluationCursor? after, int limit, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            connection => PendingEvaluationReader.ChunkAsync(database, connection, organization, accountService, query, after, limit), cancel);

    public Task<IReadOnlyList<(string AccountService, string Arn)>> ListStaleAsync(string organization, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<(string AccountService, string Arn)>>(
            organization,
            async connection =>
            [
                .. await connection.QueryAsync<(string AccountService, string Arn)>(
                    """
                    SELECT e.account_service, e.arn FROM evaluations e
                    JOIN accounts a ON a.organization = e.organization AND a.account_id = substr(e.account_service, 1, 12) AND a.status = 'active'
                    WHERE e.organization = @organization AND e.next_due = 0
                    ORDER BY e.account_service, e.arn LIMIT @limit
                    """,
                    new { organization, limit }),
            ],
            cancel);

    public Task RecordEvaluatedAsync(string organization, string accountService, EvaluatedUnit evaluated, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction =>
            {
                await transaction.ExecuteRowsAsync(
                    """
                    INSERT INTO policy_evaluated (organization, account_service, policy_id, evaluated_at)
                    VALUES (@organization, @accountService, @policyId, @at)
                    ON CONFLICT (organization, account_service, policy_id) DO UPDATE SET evaluated_at = excluded.evaluated_at
                    WHERE excluded.evaluated_at > policy_evaluated.evaluated_at
                    """,
                    evaluated.PolicyIds.Select(policyId => new { organization, accountService, policyId, at = Columns.Ms(evaluated.At) }).ToList());
                await transaction.ExecuteRowsAsync(
                    """
                    INSERT INTO evaluated_types (organization, account_service, type, fingerprint, seq)
                    VALUES (@organization, @accountService, @type, @fingerprint, @Sequence)
                    ON CONFLICT (organization, account_service, type) DO UPDATE SET fingerprint = excluded.fingerprint, seq = excluded.seq
                    """,
                    evaluated.Fingerprints.Select(t => new { organization, accountService, type = t.Key, fingerprint = t.Value, evaluated.Sequence }).ToList());
            },
            cancel);

    public Task<Evaluation?> FindEvaluationAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
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
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<FindingRow>(
                FindingRow.Select(
                    "findings f", "f.organization = @organization AND f.account_service = @accountService AND f.arn = @arn AND f.policy_id = @policyId"),
                new { organization, accountService, arn, policyId }))?.ToFinding(),
            cancel);

    public Task<IReadOnlyList<Finding>> ListOfResourceAsync(string organization, string accountService, string arn, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<Finding>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<FindingRow>(
                    FindingRow.Select(
                        "findings f", "f.organization = @organization AND f.account_service = @accountService AND f.arn = @arn ORDER BY f.policy_id"),
                    new { organization, accountService, arn })).Select(row => row.ToFinding()),
            ],
            cancel);

    public Task<Page<Finding>> ListAsync(string organization, FindingFilter filter, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => FindingList.ReadAsync(database, connection, organization, filter, page, cancel), cancel);

    public Task<Page<FindingGroup>> GroupAsync(
        string organization, FindingFilter filter, FindingGrouping by, PageRequest page, CancellationToken cancel) =>
        by == FindingGrouping.Resource
            ? database.ReadAsync(organization, connection => ResourceGroups.ReadAsync(database, connection, organization, filter, page, cancel), cancel)
            : _groups.ReadAsync(organization, filter, by, page, cancel);

    public Task<IReadOnlyDictionary<string, long>> CountActiveByPolicyAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyDictionary<string, long>>(
            organization,
            async connection => (await connection.QueryAsync<(string PolicyId, long N)>(
                (await AccountSums.OfAsync(connection, organization, null)).Select("finding_counts", "policy_id", ["n"], "c.state = 'active'"),
                new { organization }))
                .Where(c => c.N != 0).ToDictionary(c => c.PolicyId, c => c.N),
            cancel);

    public Task<IReadOnlyList<string>> ListUnresolvedPoliciesAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<string>>(
            organization,
            async connection =>
            [
                .. await connection.QueryAsync<string>(
                    $"""
                    SELECT policy_id FROM finding_counts WHERE organization = @organization AND account_id = '{AllAccounts.Id}' AND state <> 'resolved'
                    GROUP BY policy_id HAVING sum(n) > 0 ORDER BY policy_id
                    """,
                    new { organization }),
            ],
            cancel);

    public Task<IReadOnlyList<VerdictCount>> CountVerdictsAsync(string organization, string? accountId, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<VerdictCount>>(
            organization,
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

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
