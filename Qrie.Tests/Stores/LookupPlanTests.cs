using Dapper;
using Microsoft.Data.Sqlite;
using Qrie.Sql.Inventory;

namespace Qrie.Tests.Stores;

/// <summary>The query plan of lookups, which scans run for every resource that depends on another: it must not read all resources.</summary>
public sealed class LookupPlanTests
{
    [Fact]
    public async Task A_lookup_reads_the_resources_of_its_key_only()
    {
        using var file = new SqliteFile();
        await using (await file.OpenAsync())
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file.Path, Pooling = false }.ToString());
            var plan = (await connection.QueryAsync<(long Id, long Parent, long Unused, string Detail)>(
                $"EXPLAIN QUERY PLAN {LookupReader.Hashes}",
                new { organization = "default", Type = "AWS::S3::Bucket", Key = "Name", Value = "a", AccountId = (string?)null }))
                .Select(step => step.Detail).ToList();

            plan[0].ShouldStartWith("SEARCH k USING PRIMARY KEY (organization=? AND type=? AND key=? AND value=?)");
            plan[1].ShouldStartWith("SEARCH r USING PRIMARY KEY (organization=? AND account_service=? AND arn=?)");
        }
    }
}
