using System.Data.Common;
using System.Text.Json;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Policies;

public sealed class SqlPolicyStore(SqlDatabase database) : IPolicyStore
{
    public Task<LaunchedPolicy?> LaunchAsync(LaunchedPolicy policy, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                var row = await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
                    """
                    INSERT INTO policies (organization, policy_id, status, scope, severity, params, remediation, revision, created_at, updated_at, revised_at)
                    VALUES (@Organization, @PolicyId, 'active', @scope, @Severity, @parameters, @Remediation, 1, @createdAt, @updatedAt, @updatedAt)
                    ON CONFLICT (organization, policy_id) DO UPDATE SET
                        status = 'active', scope = excluded.scope, severity = excluded.severity, params = excluded.params,
                        remediation = excluded.remediation, revision = policies.revision + 1,
                        created_at = excluded.created_at, updated_at = excluded.updated_at, revised_at = excluded.revised_at
                    WHERE policies.status <> 'active'
                    RETURNING *
                    """,
                    new
                    {
                        policy.Organization,
                        policy.PolicyId,
                        scope = Columns.Json(policy.Scope),
                        policy.Severity,
                        parameters = Columns.Json(policy.Params),
                        policy.Remediation,
                        createdAt = Columns.Ms(policy.CreatedAt),
                        updatedAt = Columns.Ms(policy.UpdatedAt),
                    },
                    transaction);
                return row?.ToPolicy();
            },
            cancel);

    public Task<LaunchedPolicy?> SetStatusAsync(
        string organization, string policyId, PolicyStatus status, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => (await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
                """
                UPDATE policies SET status = @status, revision = revision + 1, updated_at = @now, revised_at = @now
                WHERE organization = @organization AND policy_id = @policyId AND status <> 'deleted'
                RETURNING *
                """,
                new { organization, policyId, status = Columns.Name(status), now = Columns.Ms(now) }, transaction))?.ToPolicy(),
            cancel);

    public Task<LaunchedPolicy?> UpdateAsync(string organization, string policyId, PolicyChange change, DateTimeOffset now, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => (await transaction.Connection!.QueryFirstOrDefaultAsync<Row>(
                """
                UPDATE policies SET scope = coalesce(@scope, scope), severity = coalesce(@Severity, severity), params = coalesce(@parameters, params),
                                    remediation = coalesce(@Remediation, remediation), revision = revision + @step, updated_at = @now,
                                    revised_at = CASE WHEN @step = 0 THEN revised_at ELSE @now END
                WHERE organization = @organization AND policy_id = @policyId AND status <> 'deleted'
                RETURNING *
                """,
                new
                {
                    organization,
                    policyId,
                    scope = Columns.JsonOrNull(change.Scope),
                    change.Severity,
                    parameters = Columns.JsonOrNull(change.Params),
                    change.Remediation,
                    step = change.ChangesVerdicts ? 1 : 0,
                    now = Columns.Ms(now),
                },
                transaction))?.ToPolicy(),
            cancel);

    public Task<LaunchedPolicy?> FindAsync(string organization, string policyId, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>(
                "SELECT * FROM policies WHERE organization = @organization AND policy_id = @policyId AND status <> 'deleted'",
                new { organization, policyId }))?.ToPolicy(),
            cancel);

    public Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => ListAsync(connection, organization), cancel);

    public Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, IEnumerable<string> policyIds, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<LaunchedPolicy>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<Row>(
                    $"""
                    SELECT * FROM policies WHERE organization = @organization AND {database.Among("policy_id", "@ids")} AND status <> 'deleted'
                    ORDER BY policy_id
                    """,
                    new { organization, ids = database.List(policyIds) })).Select(row => row.ToPolicy()),
            ],
            cancel);

    internal static async Task<IReadOnlyList<LaunchedPolicy>> ListAsync(DbConnection connection, string organization) =>
    [
        .. (await connection.QueryAsync<Row>(
            "SELECT * FROM policies WHERE organization = @organization AND status <> 'deleted' ORDER BY policy_id",
            new { organization })).Select(row => row.ToPolicy()),
    ];

    /// <summary>The revisions for which verdicts may be written, locked until the transaction ends.</summary>
    internal static async Task<IReadOnlyDictionary<string, long>> ActiveRevisionsAsync(
        DbTransaction transaction, SqlDatabase database, string organization) =>
        (await transaction.Connection!.QueryAsync<(string PolicyId, long Revision)>(
            $"SELECT policy_id, revision FROM policies WHERE organization = @organization AND status = 'active'",
            new { organization }, transaction))
        .ToDictionary(p => p.PolicyId, p => p.Revision);

    private sealed class Row
    {
        // Most policies have neither a scope nor parameters; parsing these texts takes longer than reading the rows.
        private static readonly string Everything = Columns.Json(PolicyScope.Everything);
        private static readonly Dictionary<string, JsonElement> NoParams = [];

        public string Organization { get; set; } = "";
        public string PolicyId { get; set; } = "";
        public string Status { get; set; } = "";
        public string Scope { get; set; } = "";
        public long? Severity { get; set; }
        public string Params { get; set; } = "";
        public string? Remediation { get; set; }
        public long Revision { get; set; }
        public long CreatedAt { get; set; }
        public long UpdatedAt { get; set; }
        public long RevisedAt { get; set; }

        public LaunchedPolicy ToPolicy() => new()
        {
            Organization = Organization,
            PolicyId = PolicyId,
            Status = Columns.Parse<PolicyStatus>(Status),
            Scope = Scope == Everything ? PolicyScope.Everything : Columns.FromJson<PolicyScope>(Scope),
            Severity = (int?)Severity,
            Params = Params == "{}" ? NoParams : Columns.FromJson<Dictionary<string, JsonElement>>(Params),
            Remediation = Remediation,
            Revision = Revision,
            CreatedAt = Columns.Time(CreatedAt),
            UpdatedAt = Columns.Time(UpdatedAt),
            RevisedAt = Columns.Time(RevisedAt),
        };
    }
}
