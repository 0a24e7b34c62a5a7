using Qrie.Sql.Database;
using Qrie.Tests.Stores;

namespace Qrie.Tests.Demo;

/// <summary>The demo's store with the schema before frameworks, migrated: counting what is stored gives the totals that were maintained.</summary>
[Collection(DemoHost.Collection)]
public sealed class MigrationTests(DemoHost demo)
{
    private const string Downgrade =
        """
        DROP TABLE compliance_counts; DROP TABLE type_counts; DROP TABLE compliance_days; DROP TABLE attestations; DROP TABLE policy_history;
        DROP INDEX findings_by_exception; ALTER TABLE findings RENAME COLUMN exception_id TO suppression;
        DROP TABLE finding_triage; DROP TABLE triage_entries; DROP TABLE open_days; DROP TABLE resolution_days;
        ALTER TABLE findings DROP COLUMN reopened_at;
        DROP TABLE exceptions; DROP TABLE exception_revisions; DROP TABLE exception_evidence; DROP TABLE exception_counts;
        DROP TABLE alert_rules; DROP TABLE alert_outbox; DROP TABLE alert_deliveries; DROP TABLE alert_unreadable_accounts;
        DROP TABLE archives;
        DROP INDEX coverage_unread; DROP INDEX accounts_without_regions; DROP INDEX findings_resolved;
        ALTER TABLE schedules DROP COLUMN level;
        DROP TABLE replicas; DROP TABLE duties; ALTER TABLE event_rechecks DROP COLUMN epoch; ALTER TABLE event_rechecks DROP COLUMN lease_until;
        UPDATE installation SET value = '2' WHERE name = 'schema_version';
        """;

    [Fact]
    public async Task Totals_of_frameworks_are_counted_from_what_an_older_version_stored()
    {
        using var file = new SqliteFile();
        await demo.CopyAsync(file.Path);
        var (verdicts, types) = (await VerdictsAsync(file), await TypesAsync(file));
        verdicts.Count.ShouldBeGreaterThan(1000);
        types.Count.ShouldBeGreaterThan(300);
        var days = await DaysAsync(file);
        days.Count.ShouldBeGreaterThan(10);
        await file.ExecuteAsync(Downgrade);

        await using (var database = SqliteDatabase.Open(file.Path))
        {
            await Migrator.MigrateAsync(database, CancellationToken.None);
        }

        (await VerdictsAsync(file)).ShouldBe(verdicts);
        (await TypesAsync(file)).ShouldBe(types);
        (await DaysAsync(file)).ShouldBe(days);
        (await file.QueryAsync("SELECT name FROM pragma_table_info('schedules')")).ShouldContain("level");
    }

    private static async Task<List<string>> VerdictsAsync(SqliteFile file) =>
    [
        .. await file.QueryAsync(
            """
            SELECT concat_ws(' ', account_id, policy_id, revision, passed, failed, unknown, not_applicable, out_of_scope) FROM compliance_counts ORDER BY 1
            """),
    ];

    private static async Task<List<string>> DaysAsync(SqliteFile file) =>
        [.. await file.QueryAsync("SELECT concat_ws(' ', account_id, band, kind, day, n) FROM open_days WHERE n <> 0 ORDER BY 1")];

    private static async Task<List<string>> TypesAsync(SqliteFile file) =>
        [.. await file.QueryAsync("SELECT concat_ws(' ', account_id, type, service, resources, unread, accounts) FROM type_counts ORDER BY 1")];
}
