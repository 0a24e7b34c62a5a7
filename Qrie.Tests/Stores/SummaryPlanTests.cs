using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Sql.Dashboard;

namespace Qrie.Tests.Stores;

/// <summary>Query plans of sums over all accounts, which must not read the rows by account, because there may be hundreds of thousands.</summary>
public sealed class SummaryPlanTests
{
    [Theory]
    [InlineData("finding_counts", "policy_id, band, state", "n", false)]
    [InlineData("finding_counts", "policy_id, band, state", "n", true)]
    [InlineData("finding_history", "change, period", "n", true)]
    [InlineData("service_counts", "service", "resources", true)]
    public async Task Only_total_counts_and_those_of_removed_accounts_are_read(string table, string columns, string number, bool removed)
    {
        using var file = new SqliteFile();
        await using (await file.OpenAsync())
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file.Path, Pooling = false }.ToString());
            if (removed)
            {
                await file.ExecuteAsync(
                    "INSERT INTO accounts (organization, account_id, status, created_at, updated_at) VALUES ('default', '000000000001', 'removed', 0, 0)");
            }

            var sums = await AccountSums.OfAsync(connection, "default", accountId: null);
            var plan = (await connection.QueryAsync<(long Id, long Parent, long Unused, string Detail)>(
                $"EXPLAIN QUERY PLAN {sums.Select(table, columns, [number])}", new { organization = "default" })).Select(step => step.Detail).ToList();

            var reads = plan.Where(step => step.StartsWith("SEARCH c ", StringComparison.Ordinal)).ToList();
            reads.Count.ShouldBe(removed ? 2 : 1, string.Join('\n', plan));
            reads.ShouldAllBe(step => step.Contains("organization=? AND account_id=?", StringComparison.Ordinal));
            plan.ShouldNotContain(step => step.StartsWith("SCAN c ", StringComparison.Ordinal));
        }
    }
}
