using Dapper;
using Qrie.Domain.Findings.Preview;
using Qrie.Sql.Database;
using Qrie.Sql.Inventory;

namespace Qrie.Sql.Findings;

public sealed class SqlPolicyTargetStore(SqlDatabase database) : IPolicyTargetStore
{
    /// <summary>The maximum size of configurations held before parsing.</summary>
    private const long BytesAtOnce = 8_000_000;

    public Task<TargetRange?> NextRangeAsync(
        string organization, string accountService, string type, TargetRange? after, int limit, CancellationToken cancel) =>
        database.ReadAsync(
            organization,
            async connection =>
            {
                // Ordered by list and ARN, like resources_by_list: other types of the account_service cost nothing.
                var rows = (await connection.QueryAsync<(string Arn, string ListedIn, long Size)>(
                    """
                    SELECT arn, listed_in, size FROM resources
                    WHERE organization = @organization AND account_service = @accountService AND type = @type AND deleted_at IS NULL
                      AND (listed_in, arn) > (@listedIn, @arn)
                    ORDER BY listed_in, arn LIMIT @limit
                    """,
                    new { organization, accountService, type, listedIn = after?.ListedIn ?? "", arn = after?.Arns[^1] ?? "", limit })).AsList();
                var fits = HowManyFit(rows);
                return fits == 0 ? null : new TargetRange(accountService, type, [.. rows.Take(fits).Select(row => row.Arn)], rows[fits - 1].ListedIn);
            },
            cancel);

    public Task<IReadOnlyList<PolicyTarget>> ReadAsync(string organization, string policyId, TargetRange range, CancellationToken cancel) =>
        database.ReadAsync<IReadOnlyList<PolicyTarget>>(
            organization,
            async connection =>
            {
                var key = new { organization, range.AccountService, range.Type, policyId, arns = database.List(range.Arns) };
                var findings = (await connection.QueryAsync<FindingRow>(
                    $"""
                    SELECT * FROM findings
                    WHERE organization = @organization AND account_service = @AccountService AND {database.Among("arn", "@arns")} AND policy_id = @policyId
                    """,
                    key)).ToDictionary(row => row.Arn);
                var rows = await connection.QueryAsync<ResourceRow>(
                    $"""
                    SELECT {ResourceRow.Columns}, c.configuration FROM resources r
                    JOIN configurations c ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
                    WHERE r.organization = @organization AND r.account_service = @AccountService AND {database.Among("r.arn", "@arns")}
                      AND r.type = @Type AND r.deleted_at IS NULL
                    ORDER BY r.arn
                    """,
                    key);
                return [.. rows.Select(row => new PolicyTarget(row.ToResource(), findings.GetValueOrDefault(row.Arn)?.ToFinding()))];
            },
            cancel);

    /// <summary>At least one, however large it is.</summary>
    private static int HowManyFit(List<(string Arn, string ListedIn, long Size)> rows)
    {
        var bytes = 0L;
        for (var i = 0; i < rows.Count; i++)
        {
            bytes += rows[i].Size;
            if (i > 0 && bytes > BytesAtOnce)
            {
                return i;
            }
        }

        return rows.Count;
    }
}
