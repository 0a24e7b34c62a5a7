using Dapper;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>A request for a page of findings, with the parameters shared by its statements.</summary>
internal sealed class FindingListQuery
{
    private const string BySeverity = "AND f.severity = @RangeSeverity AND f.state = @RangeState";
    private const string ByAccount = "AND f.account_id = @AccountId AND f.severity = @RangeSeverity AND f.state = @RangeState";
    private const string ByFacet =
        """
        AND f.policy_id = @RangePolicy AND f.state = @RangeState AND f.severity = @RangeSeverity AND f.region = @RangeRegion AND f.type = @RangeType
        AND f.service = @RangeService
        """;

    private readonly string? _notRemoved;
    private readonly IReadOnlyList<string> _removed;
    private readonly FindingFilter _filter;
    private readonly SqlDatabase _database;

    /// <param name="organization">The owner.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="after">The last finding of the previous page; null for the first page.</param>
    /// <param name="removed">The accounts to exclude.</param>
    /// <param name="database">Determines the dialect.</param>
    public FindingListQuery(string organization, FindingFilter filter, FindingCursor? after, IReadOnlyList<string> removed, SqlDatabase database)
    {
        _filter = filter;
        _database = database;
        _removed = removed;
        _notRemoved = removed.Count == 0 ? null : $" AND NOT {database.Among("substr(f.account_service, 1, 12)", "@Removed")}";
        After = after;
        Parameters = new FindingListParameters
        {
            Organization = organization,
            AccountId = filter.AccountId,
            Service = filter.Service,
            Policy = filter.PolicyId,
            State = filter.State is { } state ? Columns.Name(state) : null,
            SeverityFrom = filter.SeverityFrom,
            SeverityTo = filter.SeverityTo,
            Region = filter.Region,
            Type = filter.Type,
            Prefix = filter.ArnPrefix,
            PrefixEnd = string.IsNullOrEmpty(filter.ArnPrefix) ? null : TextPrefix.End(filter.ArnPrefix),
            From = Columns.Ms(filter.FirstSeenFrom),
            To = Columns.Ms(filter.FirstSeenTo),
            Removed = removed.Count == 0 ? null : database.List(removed),
            Policies = filter.PolicyIds is null ? null : database.List(filter.PolicyIds),
            Text = filter.Text is null ? null : FindingText.Lower(filter.Text),
            TextPolicies = filter.TextPolicyIds is null ? null : database.List(filter.TextPolicyIds),
            Workflow = filter.Workflow is { } workflow ? Columns.Name(workflow) : null,
            Assignee = filter.Assignee,
            DueOn = filter.Overdue is { } overdue ? Columns.Day(overdue.Today) : null,
            DueCritical = DueOf(filter, SeverityBand.Critical),
            DueHigh = DueOf(filter, SeverityBand.High),
            DueMedium = DueOf(filter, SeverityBand.Medium),
            DueLow = DueOf(filter, SeverityBand.Low),
        };
    }

    public FindingCursor? After { get; }

    public FindingListParameters Parameters { get; }

    public bool HasPrefix => !string.IsNullOrEmpty(_filter.ArnPrefix);

    public bool HasAccount => _filter.AccountId is not null;

    /// <summary>Whether the rows of people's notes are the fewest to begin with.</summary>
    public bool BeginsWithTriage => _filter.Assignee is not null || _filter.Workflow is not (null or Workflow.New or Workflow.Resolved);

    /// <summary>The parameters with others.</summary>
    public DynamicParameters With(params (string Name, object? Value)[] others)
    {
        var all = new DynamicParameters(Parameters);
        foreach (var (name, value) in others)
        {
            all.Add(name, value);
        }

        return all;
    }

    public bool HasText => _filter.Text is not null;

    public bool IsRemoved(string accountId) => _removed.Contains(accountId);

    /// <summary>Whether the filter needs facets.</summary>
    public bool NeedsFacets => _filter is not { PolicyId: null, PolicyIds: null, Service: null, Region: null, Type: null };

    public string Prefix(string column) => TextPrefix.Condition(column, _filter.ArnPrefix, "@Prefix");

    /// <summary>The lower bound of times, which can use the index.</summary>
    public string From => _filter.FirstSeenFrom is null ? "" : " AND f.first_seen >= @From";

    /// <summary>The upper bound of times for the first page.</summary>
    public string To => _filter.FirstSeenTo is null ? "" : " AND f.first_seen < @To";

    /// <summary>The upper bound of times of overdue findings for the first page: those of a range opened, and so were first seen, before.</summary>
    public string Due => _filter.Overdue is null ? "" : " AND f.first_seen < @RangeDue";

    /// <summary>The condition on the account.</summary>
    public string Account => HasAccount ? "AND f.account_id = @AccountId" : "";

    /// <summary>The condition on states and severities, over columns of a table of ranges.</summary>
    public string StateAndSeverity(string table) => State(table) + Severities(table);

    /// <summary>The condition on severities.</summary>
    public string Severities(string table) =>
        (_filter.SeverityFrom is null ? "" : $" AND {table}.severity >= @SeverityFrom")
        + (_filter.SeverityTo is null ? "" : $" AND {table}.severity <= @SeverityTo");

    /// <summary>The condition on facets.</summary>
    public string Facets =>
        StateAndSeverity("c")
        + (_filter.PolicyId is null ? "" : " AND c.policy_id = @Policy")
        + PolicyIds("c")
        + (_filter.Service is null ? "" : " AND c.service = @Service")
        + (_filter.Region is null ? "" : " AND c.region = @Region")
        + (_filter.Type is null ? "" : " AND c.type = @Type");

    /// <summary>The condition that selects a range, and the remaining filter in it, all of it on index columns.</summary>
    public string RangeCondition => (HasAccount ? ByAccount + InAccountRest : (NeedsFacets ? ByFacet : BySeverity) + _notRemoved)
        + Prefix("f.arn") + Triage;

    /// <summary>The whole filter, for rows found by their ARN.</summary>
    public string Everything => (HasAccount ? " AND f.account_id = @AccountId" : _notRemoved) + StateAndSeverity("f") + InAccountRest + From + To + Triage;

    /// <summary>
    /// The whole filter, for rows that a join finds by their key: without the plus SQLite seeks an index by the filter instead, and reads it from beginning to
    /// end for each key.
    /// </summary>
    public string OfKeys => Everything.Replace("f.", _database.Unindexed + "f.", StringComparison.Ordinal);

    /// <summary>The condition on rows of the counts, as far as they know what the filter names.</summary>
    public string Counted =>
        State("c") + (_filter.PolicyId is null ? "" : " AND c.policy_id = @Policy") + PolicyIds("c");

    /// <summary>The whole filter, for ranges of <c>findings_by_facet</c> that are read from beginning to end.</summary>
    public string InFacets => Facets + Prefix("f.arn") + From + To + _notRemoved + Text + Triage;

    /// <summary>The whole filter, for the index by account.</summary>
    public string InAccount => Everything + Prefix("f.arn") + Text;

    /// <summary>The condition on the text.</summary>
    public string Text => !HasText ? ""
        : $" AND ({_database.Position("lower(f.arn)", "@Text")} > 0"
          + $"{(_filter.TextPolicyIds is null ? "" : $" OR {_database.Among("f.policy_id", "@TextPolicies")}")})";

    /// <summary>The condition of the row of people's notes from which a list begins.</summary>
    public string TriageBegin => _filter.Assignee is not null ? "t.assignee = @Assignee"
        : _filter.Overdue is not null && !BeginsWithTriage ? "t.due_on < @DueOn"
        : "t.workflow = @Workflow";

    private string State(string table) =>
        (_filter.State is null ? "" : $" AND {table}.state = @State") + (_filter.WithoutSuppressed ? $" AND {table}.state <> 'suppressed'" : "")
        + (_filter.Workflow is null ? "" : $" AND {table}.state {(_filter.Workflow == Workflow.Resolved ? "=" : "<>")} 'resolved'")
        + (_filter.Overdue is null ? "" : $" AND {table}.state = 'active'");

    /// <summary>The condition on people's notes and due dates, for rows of findings.</summary>
    private string Triage => (_filter.Workflow switch
    {
        null or Workflow.Resolved => "",
        Workflow.New => $" AND NOT EXISTS ({TriageOf("1")} AND t.workflow <> 'new')",
        _ => $" AND EXISTS ({TriageOf("1")} AND t.workflow = @Workflow)",
    })
        + (_filter.Assignee is null ? "" : $" AND EXISTS ({TriageOf("1")} AND t.assignee = @Assignee)")
        + (_filter.Overdue is null ? "" : $"""
             AND coalesce(({TriageOf("t.due_on")}) < @DueOn, coalesce(f.reopened_at, f.first_seen) < CASE
                     WHEN f.severity >= 90 THEN @DueCritical WHEN f.severity >= 50 THEN @DueHigh WHEN f.severity >= 25 THEN @DueMedium ELSE @DueLow END)
            """);

    private static string TriageOf(string column) =>
        $"""
        SELECT {column} FROM finding_triage t WHERE t.organization = f.organization AND t.account_service = f.account_service AND t.arn = f.arn
            AND t.policy_id = f.policy_id
        """;

    private static long? DueOf(FindingFilter filter, SeverityBand band) => filter.Overdue is not { } overdue ? null
        : Columns.Ms(new DateTimeOffset(overdue.Settings.OpenedBefore(band, overdue.Today), TimeOnly.MinValue, TimeSpan.Zero));

    private string PolicyIds(string table) => _filter.PolicyIds is null ? "" : $" AND {_database.Among($"{table}.policy_id", "@Policies")}";

    private string InAccountRest =>
        (_filter.PolicyId is null ? "" : " AND f.policy_id = @Policy")
        + PolicyIds("f")
        + (_filter.Service is null ? "" : " AND substr(f.account_service, 14) = @Service") // the index has no other
        + (_filter.Region is null ? "" : " AND f.region = @Region")
        + (_filter.Type is null ? "" : " AND f.type = @Type");
}

/// <summary>The parameters of all statements of a list: each uses those that it names.</summary>
internal sealed record FindingListParameters
{
    public required string Organization { get; init; }
    public string? AccountId { get; init; }
    public string? Service { get; init; }
    public string? Policy { get; init; }
    public string? State { get; init; }
    public int? SeverityFrom { get; init; }
    public int? SeverityTo { get; init; }
    public string? Region { get; init; }
    public string? Type { get; init; }
    public string? Prefix { get; init; }
    public string? PrefixEnd { get; init; }
    public long? From { get; init; }
    public long? To { get; init; }
    public object? Removed { get; init; }
    public object? Policies { get; init; }
    public string? Text { get; init; }
    public object? TextPolicies { get; init; }
    public string? Workflow { get; init; }
    public string? Assignee { get; init; }
    public string? DueOn { get; init; }

    // Findings of a severity that opened before this are overdue.
    public long? DueCritical { get; init; }
    public long? DueHigh { get; init; }
    public long? DueMedium { get; init; }
    public long? DueLow { get; init; }

    public int Limit { get; init; }

    // The start position.
    public long AfterSeen { get; init; }
    public string? AfterArn { get; init; }
    public string? AfterPolicy { get; init; }
    public string? AfterService { get; init; }

    // The range.
    public string? RangeState { get; init; }
    public long? RangeSeverity { get; init; }
    public string? RangePolicy { get; init; }
    public string? RangeRegion { get; init; }
    public string? RangeType { get; init; }
    public string? RangeService { get; init; }
    public long? RangeDue { get; init; }

    /// <summary>The upper bound of times behind a position: one only, because SQLite seeks by one and reads in vain up to the other.</summary>
    public long BeforeSeen => Math.Min(AfterSeen, RangeDue ?? long.MaxValue);

    public FindingListParameters Of(FindingRange range) => this with
    {
        RangeState = range.State,
        RangeSeverity = range.Severity,
        RangePolicy = range.PolicyId,
        RangeRegion = range.Region,
        RangeType = range.Type,
        RangeService = range.Service,
        RangeDue = Severities.BandOf((int)(range.Severity ?? 0)) switch
        {
            SeverityBand.Critical => DueCritical,
            SeverityBand.High => DueHigh,
            SeverityBand.Medium => DueMedium,
            _ => DueLow,
        },
    };

    public FindingListParameters Behind(FindingCursor? after) => after is null
        ? this
        : this with { AfterSeen = after.FirstSeen, AfterArn = after.Arn, AfterPolicy = after.PolicyId, AfterService = after.AccountService };
}
