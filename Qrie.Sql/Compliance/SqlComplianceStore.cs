using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Compliance;

public sealed class SqlComplianceStore(SqlDatabase database) : IComplianceStore
{
    private readonly ReadCache _cache = new(database);

    public long? Version() => database.DataVersion();

    public Task<ComplianceTotals> ReadTotalsAsync(string organization, AccountSelection accounts, CancellationToken cancel) =>
        _cache.GetAsync(
            (nameof(ReadTotalsAsync), organization, accounts.AccountIds is null ? null : string.Join(' ', accounts.AccountIds), accounts.Ou),
            connection => TotalsReader.ReadAsync(database, connection, organization, accounts), cancel);

    public Task<IReadOnlyList<UnknownPairs>> CountUnknownAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<PairPolicy> policies, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<UnknownPairs>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<(string PolicyId, string Attribute, string Code, long Pairs, long Accounts)>(
                    // CROSS JOIN: the few policies first, then the accounts, each of which is one seek.
                    $"""
                    SELECT p.c0, c.attribute, c.error_code, sum(c.n), count(DISTINCT a.account_id) FROM {database.Rows("@policies", 3)} p
                    CROSS JOIN accounts a
                    CROSS JOIN verdict_counts c
                    WHERE a.organization = @organization AND a.status = 'active'{Selected(accounts).Condition}
                      AND c.organization = a.organization AND c.account_service = a.account_id || '_' || p.c2
                      AND c.policy_id = p.c0 AND c.revision = CAST(p.c1 AS BIGINT) AND c.verdict = 'unknown' AND c.n > 0
                    GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3
                    """,
                    new
                    {
                        organization,
                        ids = Selected(accounts).Ids,
                        ou = Selected(accounts).Ou,
                        policies = database.Table(policies.Select(p => new[] { p.PolicyId, p.Revision.ToString(CultureInfo.InvariantCulture), p.Service })),
                    })).Select(u => new UnknownPairs(u.PolicyId, u.Attribute.Length == 0 ? null : u.Attribute, u.Code, u.Pairs, (int)u.Accounts)),
            ],
            cancel);

    public Task<IReadOnlyList<UnreadList>> ListUnreadAsync(
        string organization, AccountSelection accounts, IReadOnlyCollection<string> types, int limit, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<UnreadList>>(
            organization,
            async connection =>
            [
                .. (await connection.QueryAsync<(string Type, string AccountId, string Region, string? Code, string? Message, long CheckedAt)>(
                    $"""
                    SELECT c.type, c.account_id, c.region, c.error_code, c.message, c.checked_at FROM coverage c
                    JOIN accounts a ON a.organization = c.organization AND a.account_id = c.account_id AND a.status = 'active'{Selected(accounts).Condition}
                    WHERE c.organization = @organization AND {database.Among("c.type", "@types")} AND c.outcome NOT IN ('complete', 'not_available')
                    ORDER BY c.type, c.account_id, c.region LIMIT @limit
                    """,
                    new { organization, ids = Selected(accounts).Ids, ou = Selected(accounts).Ou, types = database.List(types), limit }))
                .Select(l => new UnreadList(l.Type, l.AccountId, l.Region, l.Code, l.Message, Columns.Time(l.CheckedAt))),
            ],
            cancel);

    public Task<Page<PolicyPair>> ListPairsAsync(
        string organization, AccountSelection accounts, IReadOnlyList<PairPolicy> policies, PairVerdict? verdict, PageRequest page, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            connection => new PairList(database, connection, organization, accounts, verdict).ReadAsync(policies, page, cancel), cancel);

    public Task SaveDayAsync(string organization, DateOnly day, IReadOnlyList<RecordedScore> scores, CancellationToken cancel) =>
        database.WriteAsync(organization, transaction => DayRows.SaveAsync(transaction, organization, day, scores), cancel);

    public Task<IReadOnlyList<RecordedScore>> ListDaysAsync(
        string organization, string framework, string subject, string? section, DateOnly from, DateOnly to, CancellationToken cancel) =>
        database.ReadAsync(organization, connection => DayRows.ListAsync(connection, organization, framework, subject, section, from, to), cancel);

    public Task<Attestation?> FindAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection => (await connection.QueryFirstOrDefaultAsync<AttestationRow>(
                "SELECT * FROM attestations WHERE organization = @organization AND framework = @framework AND requirement = @requirement",
                new { organization, framework, requirement }))?.ToAttestation(),
            cancel);

    public Task<IReadOnlyList<Attestation>> ListAttestationsAsync(string organization, string framework, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyList<Attestation>>(
            (nameof(ListAttestationsAsync), organization, framework),
            async connection =>
            [
                .. (await connection.QueryAsync<AttestationRow>(
                    "SELECT * FROM attestations WHERE organization = @organization AND framework = @framework ORDER BY requirement",
                    new { organization, framework })).Select(row => row.ToAttestation()),
            ],
            cancel);

    public Task SaveAttestationAsync(string organization, Attestation attestation, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            transaction => transaction.Connection!.ExecuteAsync(
                """
                INSERT INTO attestations (organization, framework, requirement, is_met, text, link, attested_by, attested_at, expires_at)
                VALUES (@organization, @Framework, @Requirement, @isMet, @Text, @Link, @AttestedBy, @at, @expires)
                ON CONFLICT (organization, framework, requirement) DO UPDATE SET
                    is_met = excluded.is_met, text = excluded.text, link = excluded.link, attested_by = excluded.attested_by,
                    attested_at = excluded.attested_at, expires_at = excluded.expires_at
                """,
                new
                {
                    organization,
                    attestation.Framework,
                    attestation.Requirement,
                    isMet = attestation.IsMet ? 1 : 0,
                    attestation.Text,
                    attestation.Link,
                    attestation.AttestedBy,
                    at = Columns.Ms(attestation.AttestedAt),
                    expires = Columns.Ms(attestation.ExpiresAt),
                },
                transaction),
            cancel);

    public Task<bool> DeleteAttestationAsync(string organization, string framework, string requirement, CancellationToken cancel) =>
        database.WriteAsync(
            organization,
            async transaction => await transaction.Connection!.ExecuteAsync(
                "DELETE FROM attestations WHERE organization = @organization AND framework = @framework AND requirement = @requirement",
                new { organization, framework, requirement }, transaction) > 0,
            cancel);

    private SelectedAccounts Selected(AccountSelection accounts) => new(database, accounts);

    private sealed class AttestationRow
    {
        public string Framework { get; set; } = "";
        public string Requirement { get; set; } = "";
        public long IsMet { get; set; }
        public string Text { get; set; } = "";
        public string? Link { get; set; }
        public string AttestedBy { get; set; } = "";
        public long AttestedAt { get; set; }
        public long ExpiresAt { get; set; }

        public Attestation ToAttestation() => new()
        {
            Framework = Framework,
            Requirement = Requirement,
            IsMet = IsMet != 0,
            Text = Text,
            Link = Link,
            AttestedBy = AttestedBy,
            AttestedAt = Columns.Time(AttestedAt),
            ExpiresAt = Columns.Time(ExpiresAt),
        };
    }
}
