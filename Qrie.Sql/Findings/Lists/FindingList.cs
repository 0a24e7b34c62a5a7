using System.Data.Common;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>Lists findings: finds their places in the indexes, and reads only the findings of the page.</summary>
internal static class FindingList
{
    public static async Task<Page<Finding>> ReadAsync(
        SqlDatabase database, DbConnection connection, string organization, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var places = await FindingPlaces.OfAsync(database, connection, organization, filter);
        if (places.IsRemoved(filter.AccountId))
        {
            return new Page<Finding>([], null);
        }

        var (found, next) = filter.Order == FindingOrder.Resource
            ? await ResourceOrder.FindAsync(database, connection, places, filter, page, cancel)
            : await InPartsAsync(connection, places, filter, page, cancel);
        return new Page<Finding>(await RowsAsync(database, connection, organization, found), next);
    }

    /// <summary>A key is that of the part, and the place in it.</summary>
    private static async Task<(IReadOnlyList<FindingCursor> Found, IReadOnlyList<string>? Next)> InPartsAsync(
        DbConnection connection, FindingPlaces places, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var (budget, from) = (new SearchBudget(), page.After?[0]);
        var found = new List<FindingCursor>(page.Size + 1);
        var keys = new List<string>(page.Size + 1);
        foreach (var part in await FindingParts.FindAsync(connection, places, filter, filter.Order, from))
        {
            var after = part.Key == from ? FindingCursor.Of([.. page.After!.Skip(1)]) : null;
            var more = await places.FindAsync(part.Filter, after, page.Size + 1 - found.Count, budget, cancel);
            found.AddRange(more);
            keys.AddRange(more.Select(_ => part.Key));
            if (found.Count > page.Size)
            {
                return (found[..page.Size], [keys[page.Size - 1], .. found[page.Size - 1].ToKey()]);
            }

            if (budget.StoppedAt is { } stopped)
            {
                return (found, [part.Key, .. stopped.ToKey()]);
            }
        }

        return (found, null);
    }

    private static async Task<List<Finding>> RowsAsync(
        SqlDatabase database, DbConnection connection, string organization, IReadOnlyList<FindingCursor> order)
    {
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
