using Qrie.Domain.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Dashboard;

public sealed class SqlDriftStore(SqlDatabase database) : IDriftStore
{
    private readonly ReadCache _cache = new(database);

    /// <summary>Joined to tables with an account id to exclude removed accounts.</summary>
    private const string OfActiveAccounts = "JOIN accounts a ON a.organization = d.organization AND a.account_id = d.account_id AND a.status = 'active'";

    public Task<IReadOnlyList<AccountDrift>> CountByAccountAsync(string organization, string scanId, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyList<AccountDrift>>(
            (nameof(CountByAccountAsync), organization, scanId),
            async connection =>
            [
                .. (await connection.QueryAsync<(string AccountId, long Created, long Changed, long Deleted)>(
                    $"""
                    SELECT d.account_id, d.created, d.changed, d.deleted FROM accounts a
                    CROSS JOIN drift_counts d
                    WHERE a.organization = @organization AND a.status = 'active'
                      AND d.organization = a.organization AND d.scan_id = @scanId AND d.account_id = a.account_id
                      AND d.region = '{DriftWriter.Sum}' AND d.type = '{DriftWriter.Sum}'
                    ORDER BY d.created + d.changed + d.deleted DESC, d.account_id
                    """,
                    new { organization, scanId })).Select(d => new AccountDrift(d.AccountId, d.Created, d.Changed, d.Deleted)),
            ],
            cancel);

    public Task<IReadOnlyList<TypeDrift>> CountByTypeAsync(string organization, string scanId, string accountId, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyList<TypeDrift>>(
            (nameof(CountByTypeAsync), organization, scanId, accountId),
            async connection =>
            [
                .. (await connection.QueryAsync<(string Region, string Type, long Created, long Changed, long Deleted)>(
                    $"""
                    SELECT d.region, d.type, d.created, d.changed, d.deleted FROM drift_counts d {OfActiveAccounts}
                    WHERE d.organization = @organization AND d.scan_id = @scanId AND d.account_id = @accountId AND d.region <> '{DriftWriter.Sum}'
                    ORDER BY d.created + d.changed + d.deleted DESC, d.region, d.type
                    """,
                    new { organization, scanId, accountId })).Select(d => new TypeDrift(d.Region, d.Type, d.Created, d.Changed, d.Deleted)),
            ],
            cancel);

    public Task<IReadOnlyList<DriftSample>> ListSamplesAsync(string organization, string scanId, string? accountId, CancellationToken cancel) =>
        _cache.GetAsync<IReadOnlyList<DriftSample>>(
            (nameof(ListSamplesAsync), organization, scanId, accountId),
            async connection =>
            [
                .. (await connection.QueryAsync<(
                    string Arn, string AccountService, string Change, string Type, string Region, long FoundAt, string Attributes)>(
                    $"""
                    SELECT d.arn, d.account_service, d.change, d.type, d.region, d.found_at, d.attributes FROM drift_samples d {OfActiveAccounts}
                    WHERE d.organization = @organization AND d.scan_id = @scanId AND (@accountId IS NULL OR d.account_id = @accountId)
                    ORDER BY d.found_at, d.account_service, d.arn, d.change
                    """,
                    new { organization, scanId, accountId })).Select(d => new DriftSample(
                        d.Arn, d.AccountService, Columns.Parse<DriftChange>(d.Change), d.Type, d.Region, Columns.Time(d.FoundAt),
                        Columns.FromJson<List<string>>(d.Attributes))),
            ],
            cancel);
}
