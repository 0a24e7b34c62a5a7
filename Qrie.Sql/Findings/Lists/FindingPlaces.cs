using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>
/// Finds the places of findings in the order of first_seen without sorting or reading many rows: the indexes contain them in list order, divided into ranges by
/// the filtered columns, and the ranges that match the filter are merged.
/// </summary>
internal sealed class FindingPlaces(SqlDatabase database, DbConnection connection, string organization, IReadOnlyList<string> removed)
{
    /// <summary>Up to this many resources with a prefix, their findings are sorted; with more, scanning in list order finds the first ones soon.</summary>
    private const int SortAtMost = 1000;

    /// <summary>Up to this many resources, sorting their findings is always fast.</summary>
    private const int WalkFrom = 50;

    /// <summary>The findings that are read at once where most of them may not match.</summary>
    private const int SearchedAtOnce = 1000;

    /// <summary>For the accounts that the filter leaves out.</summary>
    public static async Task<FindingPlaces> OfAsync(SqlDatabase database, DbConnection connection, string organization, FindingFilter filter)
    {
        var removed = filter.IncludeRemoved ? [] : (await connection.QueryAsync<string>(
            $"""
            SELECT account_id FROM accounts
            WHERE organization = @organization AND status <> 'active' {(filter.AccountId is null ? "" : "AND account_id = @AccountId")}
            """,
            new { organization, filter.AccountId })).AsList();
        return new FindingPlaces(database, connection, organization, removed);
    }

    public bool IsRemoved(string? accountId) => accountId is not null && removed.Contains(accountId);

    public FindingListQuery Query(FindingFilter filter, FindingCursor? after = null) => new(organization, filter, after, removed, database);

    /// <summary>Up to <paramref name="wanted"/> places behind <paramref name="after"/>; fewer when there are no more, or the budget is used up.</summary>
    public async Task<List<FindingCursor>> FindAsync(
        FindingFilter filter, FindingCursor? after, int wanted, SearchBudget budget, CancellationToken cancel)
    {
        var query = Query(filter, after);
        if (query.BeginsWithTriage)
        {
            return await TriagedAsync(query, wanted);
        }

        var places = await FromFindingsAsync(query, filter, wanted, budget, cancel);
        return filter.Overdue is null ? places : Merge(places, await TriagedAsync(query, wanted), wanted, budget);
    }

    /// <summary>An explicit due date may be earlier than that of the severity, so that the finding is not among those that opened long ago.</summary>
    private static List<FindingCursor> Merge(List<FindingCursor> places, List<FindingCursor> others, int wanted, SearchBudget budget) =>
    [
        .. places.Concat(others.Where(place => budget.StoppedAt is not { } stopped || place.CompareTo(stopped) <= 0)).Distinct().Order().Take(wanted),
    ];

    private async Task<List<FindingCursor>> FromFindingsAsync(
        FindingListQuery query, FindingFilter filter, int wanted, SearchBudget budget, CancellationToken cancel) =>
        !query.HasPrefix || query.HasAccount
            ? await MergedAsync(query, FindingText.Of(filter), wanted, budget, cancel)
            : await WithPrefixAsync(query, filter, wanted, budget, cancel);

    private async Task<List<FindingCursor>> MergedAsync(
        FindingListQuery query, FindingText? text, int wanted, SearchBudget budget, CancellationToken cancel)
    {
        var ranges = new Queue<FindingRange>(await FindingRanges.FindAsync(connection, query));
        var most = text is null ? wanted : SearchedAtOnce;
        var firstChunk = Math.Max(16, 2 * most / Math.Max(1, ranges.Count));
        await using var statements = new RangeStatements(connection, query);
        var open = new PriorityQueue<RangeReader, FindingCursor>();
        var places = new List<FindingCursor>(wanted);
        while (places.Count < wanted)
        {
            cancel.ThrowIfCancellationRequested();
            // A range is opened when its first finding may be the next one.
            while (ranges.TryPeek(out var range) && (!open.TryPeek(out _, out var first) || range.Head >= first.FirstSeen))
            {
                await AdvanceAsync(new RangeReader(statements, query, ranges.Dequeue(), firstChunk, most));
            }

            if (!open.TryDequeue(out var reader, out var place))
            {
                break;
            }

            if (text?.Matches(place) != false)
            {
                places.Add(place);
            }

            if (text is not null && !budget.Take(place))
            {
                break;
            }

            await AdvanceAsync(reader);
        }

        return places;

        async Task AdvanceAsync(RangeReader reader)
        {
            if (await reader.NextAsync() is { } next)
            {
                open.Enqueue(reader, next);
            }
        }
    }

    /// <summary>
    /// The index by account is in list order, so if a good part of one account matches, scanning it finds the first findings soon.
    /// </summary>
    private async Task<List<FindingCursor>> WithPrefixAsync(
        FindingListQuery query, FindingFilter filter, int wanted, SearchBudget budget, CancellationToken cancel)
    {
        var (count, account, last) = await connection.QueryFirstAsync<(long Count, string? Account, string? Last)>(
            $"""
            SELECT count(*), min(substr(account_service, 1, 12)), max(substr(account_service, 1, 12))
            FROM (SELECT r.account_service FROM resources r WHERE r.organization = @Organization {query.Prefix("r.arn")} LIMIT @Limit) found
            """,
            query.Parameters with { Limit = SortAtMost + 1 });
        if (count > SortAtMost)
        {
            return await MergedAsync(query, FindingText.Of(filter), wanted, budget, cancel);
        }

        if (count < WalkFrom || account != last || query.IsRemoved(account!))
        {
            return await SortedAsync(query, wanted);
        }

        var all = await connection.ExecuteScalarAsync<long>(
            "SELECT sum(n) FROM resource_counts WHERE organization = @organization AND substr(account_service, 1, 12) = @account",
            new { organization, account });
        return count * count > all
            ? await MergedAsync(Query(filter with { AccountId = account }, query.After), FindingText.Of(filter), wanted, budget, cancel)
            : await SortedAsync(query, wanted);
    }

    private async Task<List<FindingCursor>> SortedAsync(FindingListQuery query, int wanted) =>
        (await connection.QueryAsync<FindingCursor>(
            $"""
            SELECT f.first_seen, f.arn, f.policy_id, f.account_service {ByArn(query)} {query.OfKeys}{query.Text}
            {(query.After is null ? "" : """
              AND (f.first_seen < @AfterSeen
                   OR (f.first_seen = @AfterSeen AND (f.arn, f.policy_id, f.account_service) > (@AfterArn, @AfterPolicy, @AfterService)))
              """)}
            ORDER BY f.first_seen DESC, f.arn, f.policy_id, f.account_service LIMIT @Limit
            """,
            (query.Parameters with { Limit = wanted }).Behind(query.After))).AsList();

    /// <summary>The rows of people's notes are in list order; of each, the finding is found by its key.</summary>
    private async Task<List<FindingCursor>> TriagedAsync(FindingListQuery query, int wanted) =>
        (await connection.QueryAsync<FindingCursor>(
            $"""
            SELECT f.first_seen, f.arn, f.policy_id, f.account_service FROM finding_triage t CROSS JOIN findings f
            WHERE t.organization = @Organization AND {query.TriageBegin}
              AND f.organization = t.organization AND f.account_service = t.account_service AND f.arn = t.arn AND f.policy_id = t.policy_id
              {query.OfKeys} {query.Prefix("t.arn")}{query.Text}
            {(query.After is null ? "" : """
              AND (t.first_seen < @AfterSeen
                   OR (t.first_seen = @AfterSeen AND (t.arn, t.policy_id, t.account_service) > (@AfterArn, @AfterPolicy, @AfterService)))
              """)}
            ORDER BY t.first_seen DESC, t.arn, t.policy_id, t.account_service LIMIT @Limit
            """,
            (query.Parameters with { Limit = wanted }).Behind(query.After))).AsList();

    /// <summary>
    /// Every finding has a stored resource, deleted or not, and resources have an index by ARN, which costs policy scans nothing. The plus prevents
    /// SQLite from seeking the whole prefix, instead of one ARN, for each of them.
    /// </summary>
    private string ByArn(FindingListQuery query) =>
        $"""
        FROM resources r CROSS JOIN findings f
        WHERE r.organization = @Organization {query.Prefix("r.arn")}
          AND f.organization = @Organization AND f.account_service = r.account_service AND f.arn = {database.Unindexed}r.arn
        """;
}
