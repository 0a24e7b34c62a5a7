using Qrie.Benchmarks.Crash;
using Qrie.Tests.Api;
using Qrie.Tests.Stores;
using ScriptedCollector = Qrie.Tests.Api.ScriptedCollector;

namespace Qrie.Tests.Crash;

/// <summary>The invariants of the crash test detect violations.</summary>
public sealed class StoreFileTests
{
    private static readonly (string Sql, string Violation)[] Damages =
    [
        ("UPDATE resource_counts SET n = n + 1", "a resource count is not"),
        ("INSERT INTO unknown_attribute_counts VALUES ('default', '123456789012_s3', 'AWS::S3::Bucket', 'Acl', 'AccessDenied', 1)",
            "an unknown attribute count is not"),
        ("UPDATE finding_counts SET n = n + 1 WHERE state = 'active'", "a finding count is not"),
        ("UPDATE finding_history SET n = n + 1 WHERE change = 'new'", "findings were counted as new twice"),
        ("UPDATE finding_history SET n = n + 1 WHERE account_id = '*'", "the history of findings does not end"),
        ("UPDATE service_counts SET non_compliant = non_compliant + 1 WHERE account_id = '*'", "a service count is not"),
        ("UPDATE scan_progress SET done = done + 1", "the progress of a scan is not the sum"),
        ("UPDATE scan_progress SET counters = replace(counters, '1', '2')", "the progress of a scan counted"),
        ("INSERT INTO drift_counts VALUES ('default', 's', '123456789012', 'global', 'AWS::S3::Bucket', 1, 0, 0)", "drift of an account"),
        ("UPDATE verdict_counts SET n = n - 1", "a verdict count is not"),
        ("DELETE FROM configurations", "an alive resource has no configuration"),
        ("UPDATE resources SET deleted_at = 1", "a deleted resource has"),
        ("UPDATE findings SET state = 'resolved'", "an active finding has no failed verdict"),
        ("UPDATE scans SET remaining_units = 1", "a scan's remaining units"),
        ("UPDATE units SET counters = '{}'", "a scan counted something twice"),
    ];

    [Fact]
    public async Task Every_violation_in_a_store_is_detected()
    {
        using var file = new SqliteFile();
        var aws = new ScriptedCollector().With("""{"Name":"x","Versioning":{"Status":"Suspended"}}""", "bad")
            .With("""{"Name":"x","Versioning":{"Status":"Enabled"}}""", "good");
        await using (var qrie = await RunningQrie.StartAsync(aws, store: file.Path))
        {
            await qrie.ScanAsync(new { kind = "inventory" });
            await qrie.LaunchAsync("S3BucketVersioningDisabled");
        }

        (await StoreFile.ViolationsAsync(file.Path, default)).ShouldBeEmpty();
        var facts = await StoreFile.FactsAsync(file.Path, default);
        facts.Count(line => line.StartsWith("finding:", StringComparison.Ordinal)).ShouldBe(1);
        foreach (var (sql, violation) in Damages)
        {
            using var copy = new SqliteFile();
            File.Copy(file.Path, copy.Path);
            await copy.ExecuteAsync(sql);

            (await StoreFile.ViolationsAsync(copy.Path, default)).ShouldContain(line => line.StartsWith(violation, StringComparison.Ordinal), sql);
        }
    }
}
