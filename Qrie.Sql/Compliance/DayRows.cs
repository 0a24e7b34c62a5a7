using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Compliance;

/// <summary>The scores by day. A day that ended as the one before has no row.</summary>
internal static class DayRows
{
    private const string Last =
        """
        SELECT d.day, d.version, d.definition, d.policies, d.score FROM compliance_days d
        WHERE d.organization = @organization AND d.account_id = @subject AND d.framework = @framework AND d.section = @section
        """;

    public static async Task SaveAsync(DbTransaction transaction, string organization, DateOnly day, IReadOnlyList<RecordedScore> scores)
    {
        var connection = transaction.Connection!;
        foreach (var recorded in scores)
        {
            var section = recorded.Section ?? "";
            var key = new { organization, subject = recorded.Subject, framework = recorded.Framework, section, day = Columns.Day(day) };
            var row = new
            {
                key.organization,
                key.subject,
                key.framework,
                key.section,
                key.day,
                version = recorded.FrameworkVersion,
                definition = recorded.Definition,
                policies = recorded.Policies,
                score = Columns.Json(recorded.Score),
            };
            var before = await connection.QueryFirstOrDefaultAsync<Row>($"{Last} AND d.day < @day ORDER BY d.day DESC LIMIT 1", key, transaction);
            if (before is not null && before.Score == row.score && before.Version == row.version && before.Definition == row.definition
                && before.Policies == row.policies)
            {
                await connection.ExecuteAsync(
                    """
                    DELETE FROM compliance_days
                    WHERE organization = @organization AND account_id = @subject AND framework = @framework AND section = @section AND day = @day
                    """,
                    key, transaction);
                continue;
            }

            await connection.ExecuteAsync(
                """
                INSERT INTO compliance_days (organization, account_id, framework, section, day, version, definition, policies, score)
                VALUES (@organization, @subject, @framework, @section, @day, @version, @definition, @policies, @score)
                ON CONFLICT (organization, account_id, framework, section, day) DO UPDATE SET
                    version = excluded.version, definition = excluded.definition, policies = excluded.policies, score = excluded.score
                WHERE (compliance_days.version, compliance_days.definition, compliance_days.policies, compliance_days.score)
                    <> (excluded.version, excluded.definition, excluded.policies, excluded.score)
                """,
                row, transaction);
        }
    }

    public static async Task<IReadOnlyList<RecordedScore>> ListAsync(
        DbConnection connection, string organization, string framework, string subject, string? section, DateOnly from, DateOnly to)
    {
        var key = new { organization, subject, framework, section = section ?? "", from = Columns.Day(from), to = Columns.Day(to) };
        var before = await connection.QueryAsync<Row>($"{Last} AND d.day < @from ORDER BY d.day DESC LIMIT 1", key);
        var during = await connection.QueryAsync<Row>($"{Last} AND d.day BETWEEN @from AND @to ORDER BY d.day", key);
        return [.. before.Concat(during).Select(row => row.ToScore(framework, subject, section))];
    }

    private sealed class Row
    {
        public string Day { get; set; } = "";
        public string Version { get; set; } = "";
        public string Definition { get; set; } = "";
        public string Policies { get; set; } = "";
        public string Score { get; set; } = "";

        public RecordedScore ToScore(string framework, string subject, string? section) => new(
            DateOnly.ParseExact(Day, "yyyy-MM-dd", CultureInfo.InvariantCulture), framework, subject, section, Version, Definition, Policies,
            Columns.FromJson<Score>(Score));
    }
}
