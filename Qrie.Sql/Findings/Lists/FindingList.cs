using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>
/// Lists findings without sorting or reading many rows: the indexes contain them in list order, divided into ranges by the filtered columns, and the ranges
/// that match the filter are merged. Only the findings of the page are then read.
/// </summary>
internal static class FindingList
{
    /// <summary>Up to this many resources with a prefix, their findings are sorted; with more, scanning in list order finds the first ones soon.</summary>
    private const int SortAtMost = 1000;

    /// <summary>Up to this many resources, sorting their findings is always fast.</summary>
    private const int WalkFrom = 50;

    public static async Task<Page<Finding>> ReadAsync(
        SqlDatabase database, DbConnection connection, string organization, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var removed = filter.IncludeRemoved ? [] : await RemovedAsync(connection, organization, filter.AccountId);
        if (filter.AccountId is { } account && removed.Contains(account))
        {
            return new Page<Finding>([], null);
        }

        var query = new FindingListQuery(organization, filter, page.After is null ? null : FindingCursor.Of(page.After), removed, database);
        var wanted = page.Size + 1;
        var places = query.HasPrefix && !query.HasAccount
            ? await WithPrefixAsync(
                connection, query,
                account => new FindingListQuery(organization, filter with { AccountId = account }, query.After, removed, database), wanted, cancel)
            : await MergedAsync(connection, query, wanted, cancel);
        var rows = await RowsAsync(database, connection, organization, places.Take(page.Size));
        return new Page<Finding>(rows, places.Count > page.Size ? places[page.Size - 1].ToKey() : null);
    }

    private static async Task<IReadOnlyList<string>> RemovedAsync(DbConnection connection, string organization, string? accountId) =>
        (await connection.QueryAsync<string>(
            $"""
            SELECT account_id FROM accounts WHERE organization = @organization AND status <> 'active' {(accountId is null ? "" : "AND account_id = @accountId")}
            """,
            new { organization, accountId })).AsList();

    private static async Task<List<FindingCursor>> MergedAsync(DbConnection connection, FindingListQuery query, int wanted, CancellationToken cancel)
    {
        var ranges = new Queue<FindingRange>(await FindingRanges.FindAsync(connection, query));
        var firstChunk = Math.Max(16, 2 * wanted / Math.Max(1, ranges.Count));
        await using var statements = new RangeStatements(connection, query);
        var open = new PriorityQueue<RangeReader, FindingCursor>();
        var places = new List<FindingCursor>(wanted);
        while (places.Count < wanted)
        {
            cancel.ThrowIfCancellationRequested();
            // A range is opened when its first finding may be the next one.
            while (ranges.TryPeek(out var range) && (!open.TryPeek(out _, out var first) || range.Head >= first.FirstSeen))
            {
                await AdvanceAsync(new RangeReader(statements, query, ranges.Dequeue(), firstChunk, wanted));
            }

            if (!open.TryDequeue(out var reader, out var place))
            {
                break;
            }

            places.Add(place);
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
    private static async Task<List<FindingCursor>> WithPrefixAsync(
        DbConnection connection, FindingListQuery query, Func<string, FindingListQuery> inAccount, int wanted, CancellationToken cancel)
    {
        var (count, account, last) = await connection.QuerySingleAsync<(long Count, string? Account, string? Last)>(
            $"""
            SELECT count(*), min(substr(account_service, 1, 12)), max(substr(account_service, 1, 12))
            FROM (SELECT r.account_service FROM resources r WHERE r.organization = @Organization {query.Prefix("r.arn")} LIMIT @Limit) found
            """,
            query.Parameters with { Limit = SortAtMost + 1 });
        if (count > SortAtMost)
        {
            return await MergedAsync(connection, query, wanted, cancel);
        }

        if (count < WalkFrom || account != last || query.IsRemoved(account!))
        {
            return await SortedAsync(connection, query, wanted);
        }

        var all = await connection.ExecuteScalarAsync<long>(
            "SELECT sum(n) FROM resource_counts WHERE organization = @Organization AND substr(account_service, 1, 12) = @account",
            new { query.Parameters.Organization, account });
        return count * count > all ? await MergedAsync(connection, inAccount(account!), wanted, cancel) : await SortedAsync(connection, query, wanted);
    }

    private static async Task<List<FindingCursor>> SortedAsync(DbConnection connection, FindingListQuery query, int wanted) =>
        (await connection.QueryAsync<FindingCursor>(
            $"""
            SELECT f.first_seen, f.arn, f.policy_id, f.account_service {ByArn(query)} {query.Everything}
            {(query.After is null ? "" : """
              AND (f.first_seen < @AfterSeen
                   OR (f.first_seen = @AfterSeen AND (f.arn, f.policy_id, f.account_service) > (@AfterArn, @AfterPolicy, @AfterService)))
              """)}
            ORDER BY f.first_seen DESC, f.arn, f.policy_id, f.account_service LIMIT @Limit
            """,
            (query.Parameters with { Limit = wanted }).Behind(query.After))).AsList();

    /// <summary>
    /// Every finding has a stored resource, deleted or not, and resources have an index by ARN, which costs policy scans nothing. The empty string prevents
    /// SQLite from seeking the whole prefix, instead of one ARN, for each of them.
    /// </summary>
    private static string ByArn(FindingListQuery query) =>
        $"""
        FROM resources r CROSS JOIN findings f
        WHERE r.organization = @Organization {query.Prefix("r.arn")}
          AND f.organization = @Organization AND f.account_service = r.account_service AND f.arn = r.arn || ''
        """;

    private static async Task<List<Finding>> RowsAsync(SqlDatabase database, DbConnection connection, string organization, IEnumerable<FindingCursor> places)
    {
        var order = places.ToList();
        if (order.Count == 0)
        {
            return [];
        }

        var rows = await connection.QueryAsync<FindingRow>(
            FindingRow.Select(
                $"{database.Rows("@keys", 3)} k CROSS JOIN findings f",
                "f.organization = @organization AND f.account_service = k.c0 AND f.arn = k.c1 AND f.policy_id = k.c2"),
            new { organization, keys = database.Table(order.Select(p => new[] { p.AccountService, p.Arn, p.PolicyId })) });
        var found = rows.ToDictionary(r => (r.AccountService, r.Arn, r.PolicyId));
        return [.. order.Select(p => found[(p.AccountService, p.Arn, p.PolicyId)].ToFinding())];
    }
}
