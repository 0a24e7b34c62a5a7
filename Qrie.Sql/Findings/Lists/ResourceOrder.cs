using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>
/// Lists findings by resource. No index of findings has them in this order, but one of resources has: it is read on until the page is full. Where few findings
/// can match, so that most resources would be read in vain, these are sorted instead.
/// </summary>
internal static class ResourceOrder
{
    private const int SortAtMost = 5000;
    private const int FirstChunk = 200;
    private const int MaxChunk = 1600;

    /// <summary>Resources that a page reads before it ends early.</summary>
    private const int ReadAtMost = 4000;

    /// <summary>A key is the ARN, the account_service, and the policy; the last one is empty where a page ended without a finding.</summary>
    public static async Task<(IReadOnlyList<FindingCursor> Found, IReadOnlyList<string>? Next)> FindAsync(
        SqlDatabase database, DbConnection connection, FindingPlaces places, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var after = page.After is null ? null : new FindingCursor(0, page.After[0], page.After[2], page.After[1]);
        var query = places.Query(filter);
        return await MostAsync(connection, query) <= SortAtMost
            ? await SortedAsync(places, filter, page.Size, after, cancel)
            : await WalkedAsync(database, connection, query, filter, page.Size, after, cancel);
    }

    /// <summary>How many can match: the counts do not know all that a filter may name.</summary>
    private static Task<long> MostAsync(DbConnection connection, FindingListQuery query) => connection.ExecuteScalarAsync<long>(
        $"""
        SELECT coalesce(sum(c.n), 0) FROM finding_counts c
        WHERE c.organization = @Organization AND c.account_id = {(query.HasAccount ? "@AccountId" : $"'{Dashboard.AllAccounts.Id}'")} {query.Counted}
        """,
        query.Parameters);

    private static async Task<(IReadOnlyList<FindingCursor> Found, IReadOnlyList<string>? Next)> SortedAsync(
        FindingPlaces places, FindingFilter filter, int size, FindingCursor? after, CancellationToken cancel)
    {
        var all = await places.FindAsync(filter, null, SortAtMost + 1, new SearchBudget(), cancel);
        return Page([.. all.Order(s_order).Where(p => after is null || s_order.Compare(p, after) > 0).Take(size + 1)], size);
    }

    private static async Task<(IReadOnlyList<FindingCursor> Found, IReadOnlyList<string>? Next)> WalkedAsync(
        SqlDatabase database, DbConnection connection, FindingListQuery query, FindingFilter filter, int size, FindingCursor? after, CancellationToken cancel)
    {
        var text = FindingText.Of(filter);
        var found = new List<FindingCursor>();
        var (last, read, chunk) = (after, 0, FirstChunk);
        while (read < ReadAtMost)
        {
            cancel.ThrowIfCancellationRequested();
            var resources = (await connection.QueryAsync<(string Arn, string AccountService)>(
                $"""
                SELECT r.arn, r.account_service FROM resources r
                WHERE r.organization = @Organization {query.Prefix("r.arn")}
                  {(last is null ? "" : "AND (r.arn, r.account_service) >= (@AfterArn, @AfterService)")}
                  {(query.HasAccount ? "AND substr(r.account_service, 1, 12) = @AccountId" : "")}
                ORDER BY r.arn, r.account_service LIMIT @Limit
                """,
                (query.Parameters with { Limit = chunk }).Behind(last))).AsList();
            var rows = (await connection.QueryAsync<FindingCursor>(
                $"""
                SELECT f.first_seen, f.arn, f.policy_id, f.account_service FROM {database.Rows("@keys", 2)} k CROSS JOIN findings f
                WHERE f.organization = @Organization AND f.account_service = k.c0 AND f.arn = k.c1 {query.OfKeys}
                """,
                query.With(("keys", database.Table(resources.Select(r => new[] { r.AccountService, r.Arn })))))).AsList();
            found.AddRange(rows.Where(p => (after is null || s_order.Compare(p, after) > 0) && text?.Matches(p) != false).Order(s_order));
            if (found.Count > size)
            {
                return Page(found, size);
            }

            if (resources.Count < chunk)
            {
                return (found, null);
            }

            // Where the next chunk starts: behind all findings of the last resource.
            var (arn, service) = resources[^1];
            last = after = new FindingCursor(0, arn, "\U0010FFFF", service);
            (read, chunk) = (read + chunk, Math.Min(chunk * 2, MaxChunk));
        }

        return (found, Key(last!));
    }

    private static readonly Comparer<FindingCursor> s_order = Comparer<FindingCursor>.Create((one, other) =>
        FindingCursor.Compare(one.Arn, other.Arn) is not 0 and var byArn ? byArn
        : FindingCursor.Compare(one.AccountService, other.AccountService) is not 0 and var byService ? byService
        : FindingCursor.Compare(one.PolicyId, other.PolicyId));

    private static (IReadOnlyList<FindingCursor> Found, IReadOnlyList<string>? Next) Page(List<FindingCursor> found, int size) =>
        found.Count > size ? (found[..size], Key(found[size - 1])) : (found, null);

    private static IReadOnlyList<string> Key(FindingCursor place) => [place.Arn, place.AccountService, place.PolicyId];
}
