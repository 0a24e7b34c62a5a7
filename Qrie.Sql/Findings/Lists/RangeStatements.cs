using System.Data.Common;

namespace Qrie.Sql.Findings.Lists;

/// <summary>
/// The two statements that read ranges: from the start and after a finding. Each is prepared once and executed for every range, which for a dozen findings
/// costs less than preparing it.
/// </summary>
internal sealed class RangeStatements(DbConnection connection, FindingListQuery query) : IAsyncDisposable
{
    private const string Order = "ORDER BY first_seen DESC, arn, policy_id, account_service LIMIT @Limit";

    private static readonly (string Name, Func<FindingListParameters, object?> Value)[] s_parameters =
    [
        ("@Organization", p => p.Organization), ("@AccountId", p => p.AccountId), ("@Service", p => p.Service), ("@Policy", p => p.Policy),
        ("@SeverityFrom", p => p.SeverityFrom), ("@SeverityTo", p => p.SeverityTo), ("@Region", p => p.Region), ("@Type", p => p.Type),
        ("@Prefix", p => p.Prefix), ("@PrefixEnd", p => p.PrefixEnd), ("@From", p => p.From),
        ("@To", p => p.To), ("@Removed", p => p.Removed), ("@Policies", p => p.Policies), ("@Limit", p => p.Limit),
        ("@AfterSeen", p => p.AfterSeen), ("@AfterArn", p => p.AfterArn), ("@AfterPolicy", p => p.AfterPolicy), ("@AfterService", p => p.AfterService),
        ("@RangeState", p => p.RangeState), ("@RangeSeverity", p => p.RangeSeverity),
        ("@RangePolicy", p => p.RangePolicy), ("@RangeRegion", p => p.RangeRegion),
        ("@RangeType", p => p.RangeType), ("@RangeService", p => p.RangeService), ("@RangeDue", p => p.RangeDue), ("@BeforeSeen", p => p.BeforeSeen),
        ("@Workflow", p => p.Workflow), ("@Assignee", p => p.Assignee), ("@DueOn", p => p.DueOn), ("@DueCritical", p => p.DueCritical),
        ("@DueHigh", p => p.DueHigh), ("@DueMedium", p => p.DueMedium), ("@DueLow", p => p.DueLow),
    ];

    private DbCommand? _first;
    private DbCommand? _behind;

    /// <param name="range">The range.</param>
    /// <param name="after">The previous finding; null to start.</param>
    /// <param name="limit">The maximum number of findings.</param>
    public async Task<IReadOnlyList<FindingCursor>> ReadAsync(FindingRange range, FindingCursor? after, int limit)
    {
        var command = after is null ? _first ??= Prepare(First) : _behind ??= Prepare(Behind);
        var values = (query.Parameters.Of(range) with { Limit = limit }).Behind(after);
        foreach (var (name, value) in s_parameters)
        {
            if (command.Parameters.Contains(name))
            {
                command.Parameters[name].Value = value(values) ?? DBNull.Value;
            }
        }

        var places = new List<FindingCursor>(limit);
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
        {
            places.Add(new FindingCursor(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3)));
        }

        return places;
    }

    public async ValueTask DisposeAsync()
    {
        await (_first?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_behind?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private string First => $"{Select} {query.From}{query.To}{query.Due} {Order}";

    /// <summary>
    /// First the rest of the same time, then older ones: a single condition for both would not be an index range. Each is limited by itself, because
    /// PostgreSQL, with row-level security, reads and sorts both to their ends otherwise.
    /// </summary>
    private string Behind =>
        $"""
        SELECT * FROM ({Select} AND f.first_seen = @AfterSeen AND (f.arn, f.policy_id, f.account_service) > (@AfterArn, @AfterPolicy, @AfterService) {Order}) a
        UNION ALL
        SELECT * FROM ({Select} AND f.first_seen < @BeforeSeen {query.From} {Order}) b
        {Order}
        """;

    private string Select =>
        $"SELECT f.first_seen, f.arn, f.policy_id, f.account_service FROM findings f WHERE f.organization = @Organization {query.RangeCondition}";

    private DbCommand Prepare(string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, _) in s_parameters.Where(p => sql.Contains(p.Name, StringComparison.Ordinal)))
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
