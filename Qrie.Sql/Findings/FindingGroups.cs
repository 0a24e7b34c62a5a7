using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Lists;

namespace Qrie.Sql.Findings;

/// <summary>
/// Findings by policy and account. Every write counts them by account, policy, severity and state, and a filter that names nothing else is answered from these
/// counts. Others are counted in an index, and only if they are not too many.
/// </summary>
internal sealed class FindingGroups(SqlDatabase database)
{
    /// <summary>One request does not read more of an index than this.</summary>
    private const int CountAtMost = 250_000;

    /// <summary>Counts of an unchanged store are kept: pages, and everybody who looks, share them.</summary>
    private readonly ReadCache _cache = new(database);

    public async Task<Page<FindingGroup>> ReadAsync(
        string organization, FindingFilter filter, FindingGrouping by, PageRequest page, CancellationToken cancel)
    {
        var all = await _cache.GetAsync(
            (organization, by, JsonSerializer.Serialize(filter)), connection => CountAsync(connection, organization, filter, by, cancel), cancel);
        var rest = page.After is { } after ? all.Where(g => s_order.Compare(g, Parse(after)) > 0) : all;
        var groups = rest.Take(page.Size + 1).ToList();
        return groups.Count > page.Size ? new Page<FindingGroup>(groups[..page.Size], Key(groups[page.Size - 1])) : new Page<FindingGroup>(groups, null);
    }

    private static readonly Comparer<FindingGroup> s_order = Comparer<FindingGroup>.Create((one, other) =>
        other.Worst.CompareTo(one.Worst) is not 0 and var byWorst ? byWorst
        : other.Total.CompareTo(one.Total) is not 0 and var byTotal ? byTotal
        : string.CompareOrdinal(one.Key, other.Key));

    private static IReadOnlyList<string> Key(FindingGroup group) =>
        [group.Key, .. new[] { group.Critical, group.High, group.Medium, group.Low }.Select(n => n.ToString(CultureInfo.InvariantCulture))];

    private static FindingGroup Parse(IReadOnlyList<string> key)
    {
        var n = key.Skip(1).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToList();
        return new FindingGroup(key[0], null, null, n[0], n[1], n[2], n[3]);
    }

    private async Task<IReadOnlyList<FindingGroup>> CountAsync(
        DbConnection connection, string organization, FindingFilter filter, FindingGrouping by, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var places = await FindingPlaces.OfAsync(database, connection, organization, filter);
        if (places.IsRemoved(filter.AccountId))
        {
            return [];
        }

        var counts = await ByPoliciesAsync(connection, places.Query(filter), filter) is { } counted
            ? await FromCountsAsync(connection, organization, places.Query(counted), counted, by)
            : await FromIndexAsync(connection, places.Query(filter), by);
        return
        [
            .. counts.GroupBy(c => c.Key).Select(group =>
            {
                var bands = group.ToLookup(c => c.Band, c => c.N);
                return new FindingGroup(
                    group.Key, null, null, bands[SeverityBand.Critical].Sum(), bands[SeverityBand.High].Sum(), bands[SeverityBand.Medium].Sum(),
                    bands[SeverityBand.Low].Sum());
            }).Where(g => g.Total > 0).Order(s_order),
        ];
    }

    /// <summary>The same filter in what the counts know; null: there is none.</summary>
    private static async Task<FindingFilter?> ByPoliciesAsync(DbConnection connection, FindingListQuery query, FindingFilter filter)
    {
        if (filter is not { Region: null, FirstSeenFrom: null, FirstSeenTo: null, Text: null } || query.HasPrefix || Bands(filter) is null)
        {
            return null;
        }

        if (filter is { Service: null, Type: null })
        {
            return filter;
        }

        // A policy is about one type, and so about one service, unless it was changed: its findings then are of several.
        var kinds = (await connection.QueryAsync<(string PolicyId, string Service, string Type)>(
            "SELECT DISTINCT c.policy_id, c.service, c.type FROM finding_facets c WHERE c.organization = @Organization", query.Parameters))
            .ToLookup(k => k.PolicyId);
        var matching = kinds.Where(k => k.Any(Matches)).ToList();
        return matching.Exists(k => !k.All(Matches)) ? null : filter with
        {
            Service = null,
            Type = null,
            PolicyIds = [.. matching.Select(k => k.Key).Where(id => filter.PolicyIds?.Contains(id) != false)],
        };

        bool Matches((string PolicyId, string Service, string Type) kind) =>
            (filter.Service is null || kind.Service == filter.Service) && (filter.Type is null || kind.Type == filter.Type);
    }

    /// <summary>The bands of the severities; null: they are not whole bands.</summary>
    private static IReadOnlyList<string>? Bands(FindingFilter filter)
    {
        var (from, to) = (filter.SeverityFrom ?? Severities.Min, filter.SeverityTo ?? Severities.Max);
        var bands = Enum.GetValues<SeverityBand>().Where(b => Severities.RangeOf(b) is var range && range.From >= from && range.To <= to).ToList();
        var whole = bands.Count > 0 && Severities.RangeOf(bands.Min()).From == from && Severities.RangeOf(bands.Max()).To == to;
        return whole ? [.. bands.Select(Columns.Name)] : null;
    }

    private async Task<IEnumerable<Count>> FromCountsAsync(
        DbConnection connection, string organization, FindingListQuery query, FindingFilter filter, FindingGrouping by)
    {
        var condition = $"{database.Among("c.band", "@bands")} {query.Counted}";
        var sums = await AccountSums.OfAsync(connection, organization, filter.AccountId);
        var sql = by == FindingGrouping.Account || filter.IncludeRemoved
            ? $"""
              SELECT {(by == FindingGrouping.Account ? "c.account_id" : "c.policy_id")} AS key, c.band, sum(c.n) AS n
              FROM accounts a CROSS JOIN finding_counts c
              WHERE a.organization = @Organization {(filter.IncludeRemoved ? "" : "AND a.status = 'active'")}
                {(query.HasAccount ? "AND a.account_id = @AccountId" : "")}
                AND c.organization = a.organization AND c.account_id = a.account_id AND {condition}
              GROUP BY 1, 2
              """
            : $"SELECT policy_id AS key, band, n FROM ({sums.Select("finding_counts", "policy_id, band", ["n"], condition)}) counted";
        var rows = await connection.QueryAsync<(string Key, string Band, long N)>(
            sql, query.With(("bands", database.List(Bands(filter)!)), ("organization", organization), ("accountId", filter.AccountId)));
        return rows.Select(r => new Count(r.Key, Columns.Parse<SeverityBand>(r.Band), r.N));
    }

    private static async Task<IEnumerable<Count>> FromIndexAsync(DbConnection connection, FindingListQuery query, FindingGrouping by)
    {
        var key = by == FindingGrouping.Account ? "substr(f.account_service, 1, 12)" : "f.policy_id";
        var from = query.HasAccount
            ? $"FROM findings f WHERE f.organization = @Organization {query.InAccount}"
            : $"""
              FROM finding_facets c CROSS JOIN findings f
              WHERE c.organization = @Organization AND f.organization = c.organization AND f.policy_id = c.policy_id AND f.state = c.state
                AND f.severity = c.severity AND f.region = c.region AND f.type = c.type AND f.service = c.service {query.InFacets}
              """;
        var rows = (await connection.QueryAsync<(string Key, long Severity, long N)>(
            $"SELECT key, severity, count(*) AS n FROM (SELECT {key} AS key, f.severity {from} LIMIT @Limit) found GROUP BY 1, 2",
            query.Parameters with { Limit = CountAtMost + 1 })).AsList();
        return rows.Sum(r => r.N) <= CountAtMost
            ? rows.Select(r => new Count(r.Key, Severities.BandOf((int)r.Severity), r.N))
            : throw InvalidInputException.Of(
                "by",
                $"More than {CountAtMost.ToString("N0", CultureInfo.InvariantCulture)} findings match, and they would be counted one by one. "
                + "Add a filter, or use only account, policy, framework, requirement,"
                + " service, resource_type, state and severity (critical, high, medium, low), which are always counted.");
    }

    private sealed record Count(string Key, SeverityBand Band, long N);
}
