using System.Data.Common;
using System.Globalization;
using Qrie.Domain.Findings;

namespace Qrie.Sql.Findings.Lists;

/// <summary>A part of a list: the findings of one severity, policy or account, in the order of first_seen.</summary>
/// <param name="Key">Its place among the parts.</param>
/// <param name="Filter">That of the list, and the value.</param>
internal sealed record FindingPart(string Key, FindingFilter Filter);

/// <summary>
/// A list that is sorted by something else than first_seen consists of parts, one for each value, which are read one after the other: each of them is a list
/// that an index has in order.
/// </summary>
internal static class FindingParts
{
    /// <summary>The parts from one on.</summary>
    /// <param name="from">The key of the first; null: from the beginning.</param>
    public static async Task<IReadOnlyList<FindingPart>> FindAsync(
        DbConnection connection, FindingPlaces places, FindingFilter filter, FindingOrder order, string? from) => order switch
        {
            FindingOrder.FirstSeen => [new FindingPart("", filter)],
            FindingOrder.Severity => await SeveritiesAsync(connection, places.Query(filter), filter, from),
            FindingOrder.Policy => await PoliciesAsync(connection, places.Query(filter), filter, from),
            _ => await AccountsAsync(connection, places.Query(filter), filter, from),
        };

    private static async Task<IReadOnlyList<FindingPart>> SeveritiesAsync(
        DbConnection connection, FindingListQuery query, FindingFilter filter, string? from)
    {
        var most = from is null ? int.MaxValue : int.Parse(from, CultureInfo.InvariantCulture);
        return
        [
            .. (await FindingRanges.SeveritiesAsync(connection, query)).Where(s => s <= most)
                .Select(s => new FindingPart(s.ToString(CultureInfo.InvariantCulture), filter with { SeverityFrom = s, SeverityTo = s })),
        ];
    }

    /// <summary>The counts know the policies that have findings.</summary>
    private static async Task<IReadOnlyList<FindingPart>> PoliciesAsync(
        DbConnection connection, FindingListQuery query, FindingFilter filter, string? from) =>
    [
        .. (await connection.QueryAsync<string>(
            $"""
            SELECT DISTINCT c.policy_id FROM finding_counts c
            WHERE c.organization = @Organization AND c.account_id = {(query.HasAccount ? "@AccountId" : $"'{Dashboard.AllAccounts.Id}'")} AND c.n > 0
              AND c.policy_id >= @from {query.Counted} ORDER BY c.policy_id
            """,
            query.With(("from", from ?? ""))))
            .Select(id => new FindingPart(id, filter with { PolicyId = id })),
    ];

    private static async Task<IReadOnlyList<FindingPart>> AccountsAsync(
        DbConnection connection, FindingListQuery query, FindingFilter filter, string? from) =>
    [
        .. (await connection.QueryAsync<string>(
            $"""
            SELECT a.account_id FROM accounts a
            WHERE a.organization = @Organization AND a.account_id >= @from {(filter.IncludeRemoved ? "" : "AND a.status = 'active'")}
              {(query.HasAccount ? "AND a.account_id = @AccountId" : "")}
              AND EXISTS (SELECT 1 FROM finding_counts c
                          WHERE c.organization = a.organization AND c.account_id = a.account_id AND c.n > 0 {query.Counted})
            ORDER BY a.account_id
            """,
            query.With(("from", from ?? ""))))
            .Select(id => new FindingPart(id, filter with { AccountId = id })),
    ];
}
