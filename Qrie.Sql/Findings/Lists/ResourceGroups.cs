using System.Data.Common;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Lists;

/// <summary>
/// Findings by resource, those with the most severe finding first. The list by severity is read in its order, and of each resource the first finding counts:
/// the others of the resource are skipped, because they follow it.
/// </summary>
internal static class ResourceGroups
{
    private const int PlacesAtOnce = 100;

    /// <summary>Findings that a page reads before it ends early: further down most of them are of resources that came before.</summary>
    private const int ReadAtMost = 2000;

    public static async Task<Page<FindingGroup>> ReadAsync(
        SqlDatabase database, DbConnection connection, string organization, FindingFilter filter, PageRequest page, CancellationToken cancel)
    {
        var places = await FindingPlaces.OfAsync(database, connection, organization, filter);
        if (places.IsRemoved(filter.AccountId))
        {
            return new Page<FindingGroup>([], null);
        }

        var (budget, from, read) = (new SearchBudget(), page.After?[0], 0);
        var groups = new List<FindingGroup>(page.Size);
        foreach (var part in await FindingParts.FindAsync(connection, places, filter, FindingOrder.Severity, from))
        {
            var after = part.Key == from ? FindingCursor.Of([.. page.After!.Skip(1)]) : null;
            while (true)
            {
                var chunk = await places.FindAsync(part.Filter, after, PlacesAtOnce, budget, cancel);
                var resources = await FindingsAsync(database, connection, places.Query(filter), FindingText.Of(filter), chunk);
                foreach (var place in chunk)
                {
                    (after, read) = (place, read + 1);
                    var rows = resources[(place.AccountService, place.Arn)];
                    var first = rows.OrderByDescending(r => r.Severity).ThenBy(r => r.Place).First();
                    if (first.Place == place)
                    {
                        groups.Add(new FindingGroup(
                            place.Arn, place.AccountService, first.Type, Of(rows, SeverityBand.Critical), Of(rows, SeverityBand.High),
                            Of(rows, SeverityBand.Medium), Of(rows, SeverityBand.Low)));
                    }

                    if (groups.Count == page.Size || read == ReadAtMost)
                    {
                        return new Page<FindingGroup>(groups, [part.Key, .. place.ToKey()]);
                    }
                }

                if (budget.StoppedAt is { } stopped)
                {
                    return new Page<FindingGroup>(groups, [part.Key, .. stopped.ToKey()]);
                }

                if (chunk.Count < PlacesAtOnce)
                {
                    break;
                }
            }
        }

        return new Page<FindingGroup>(groups, null);
    }

    private static long Of(IEnumerable<Row> rows, SeverityBand band) => rows.Count(r => Severities.BandOf((int)r.Severity) == band);

    /// <summary>All findings of the resources of these places that match.</summary>
    private static async Task<ILookup<(string AccountService, string Arn), Row>> FindingsAsync(
        SqlDatabase database, DbConnection connection, FindingListQuery query, FindingText? text, List<FindingCursor> places)
    {
        var rows = await connection.QueryAsync<Row>(
            $"""
            SELECT f.account_service, f.arn, f.policy_id, f.first_seen, f.severity, f.type FROM {database.Rows("@keys", 2)} k CROSS JOIN findings f
            WHERE f.organization = @Organization AND f.account_service = k.c0 AND f.arn = k.c1 {query.OfKeys}
            """,
            query.With(("keys", database.Table(places.Select(p => (p.AccountService, p.Arn)).Distinct().Select(k => new[] { k.AccountService, k.Arn })))));
        return rows.Where(r => text?.Matches(r.Place) != false).ToLookup(r => (r.AccountService, r.Arn));
    }

    private sealed class Row
    {
        public string AccountService { get; set; } = "";
        public string Arn { get; set; } = "";
        public string PolicyId { get; set; } = "";
        public long FirstSeen { get; set; }
        public long Severity { get; set; }
        public string Type { get; set; } = "";

        public FindingCursor Place => new(FirstSeen, Arn, PolicyId, AccountService);
    }
}
