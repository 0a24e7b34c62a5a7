using System.Data.Common;
using Dapper;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Policies;

namespace Qrie.Sql.Compliance;

/// <summary>Reads the totals of some accounts, from the rows of a unit or of all accounts together where possible.</summary>
internal static class TotalsReader
{
    public static async Task<ComplianceTotals> ReadAsync(
        SqlDatabase database, DbConnection connection, string organization, AccountSelection accounts)
    {
        var launched = (await SqlPolicyStore.ListAsync(connection, organization)).ToDictionary(policy => policy.PolicyId);
        var sums = accounts.AccountIds is not null ? null
            : accounts.Ou is { } path ? await AccountSums.OfUnitAsync(connection, organization, path)
            : await AccountSums.OfAsync(connection, organization, accountId: null);
        var selected = new SelectedAccounts(database, accounts);
        var query = new { organization, ids = selected.Ids, ou = selected.Ou, unit = OuTotals.Id(accounts.Ou ?? "/") };
        var among = selected.Condition;
        string Sum(string table, string columns, params string[] numbers) => sums?.Select(table, columns, numbers) ?? $"""
            SELECT {columns}, {string.Join(", ", numbers.Select(n => $"sum(c.{n}) AS {n}"))} FROM accounts a CROSS JOIN {table} c
            WHERE a.organization = @organization AND a.status = 'active'{among} AND c.organization = a.organization AND c.account_id = a.account_id
            GROUP BY {columns}
            """;

        var verdicts = await connection
            .QueryAsync<(string PolicyId, long Revision, long Passed, long Failed, long Unknown, long NotApplicable, long Out, long Excepted)>(
            Sum("compliance_counts", "policy_id, revision", "passed", "failed", "unknown", "not_applicable", "out_of_scope", "excepted"), query);
        var types = (await connection.QueryAsync<(string Type, long Resources, long Unread, long Accounts)>(
            Sum("type_counts", "type", "resources", "unread", "accounts"), query))
            .ToDictionary(t => t.Type, t => new TypeTotals(t.Resources, (int)t.Unread, (int)t.Accounts));
        var restricted = await RestrictedAsync(connection, query, among);
        foreach (var (type, notWatched) in await NotWatchedAsync(database, connection, organization, restricted))
        {
            var all = types.GetValueOrDefault(type, TypeTotals.None);
            types[type] = new TypeTotals(all.Resources, all.Unread - notWatched.Unread, all.Accounts - notWatched.Accounts);
        }

        return new ComplianceTotals
        {
            Launched = launched,
            Policies = verdicts
                .Where(v => launched.TryGetValue(v.PolicyId, out var policy) && policy.Status == PolicyStatus.Active && policy.Revision == v.Revision)
                .ToDictionary(v => v.PolicyId, v => new PairCounts(v.Passed, v.Failed, v.Unknown, v.NotApplicable, v.Out, v.Excepted)),
            Types = types,
            Accounts = await CountAsync(connection, query, $"accounts a WHERE a.organization = @organization AND a.status = 'active'{among}"),
            Restricted = [.. restricted.Values],
            WithoutRegions = await CountAsync(
                connection, query,
                $"""
                account_services s JOIN accounts a ON a.organization = s.organization AND a.account_id = s.account_id AND a.status = 'active'
                WHERE s.organization = @organization AND s.service = '' AND s.error_code IS NOT NULL{among}
                """),
            WithNewRegions = await WithNewRegionsAsync(connection, query, among),
        };
    }

    private static async Task<int> CountAsync(DbConnection connection, object query, string from) =>
        (int)await connection.ExecuteScalarAsync<long>($"SELECT count(*) FROM {from}", query);

    /// <summary>The services of accounts that watch some only.</summary>
    private static async Task<Dictionary<string, IReadOnlyList<string>>> RestrictedAsync(DbConnection connection, object query, string among) =>
        (await connection.QueryAsync<(string AccountId, string Services)>(
            $"""
            SELECT a.account_id, a.services FROM accounts a
            WHERE a.organization = @organization AND a.status = 'active' AND a.services IS NOT NULL{among}
            """,
            query)).ToDictionary(a => a.AccountId, a => (IReadOnlyList<string>)Columns.FromJson<List<string>>(a.Services));

    /// <summary>What was listed in accounts before they ceased to watch its service. Its resources are still evaluated, as out of scope.</summary>
    private static async Task<Dictionary<string, TypeTotals>> NotWatchedAsync(
        SqlDatabase database, DbConnection connection, string organization, Dictionary<string, IReadOnlyList<string>> restricted) =>
        restricted.Count == 0
            ? []
            : (await connection.QueryAsync<(string AccountId, string Type, string Service, long Unread, long Accounts)>(
                $"""
                SELECT c.account_id, c.type, c.service, c.unread, c.accounts FROM type_counts c
                WHERE c.organization = @organization AND {database.Among("c.account_id", "@ids")}
                """,
                new { organization, ids = database.List(restricted.Keys) }))
                .Where(c => !restricted[c.AccountId].Contains(c.Service))
                .GroupBy(c => c.Type)
                .ToDictionary(g => g.Key, g => new TypeTotals(0, (int)g.Sum(c => c.Unread), (int)g.Sum(c => c.Accounts)));

    /// <summary>Only those that were inventoried at all: the others have nothing listed anyway.</summary>
    private static async Task<int> WithNewRegionsAsync(DbConnection connection, object query, string among) =>
        (await connection.QueryAsync<(string Regions, string? Known)>(
            $"""
            SELECT a.regions, a.known_regions FROM accounts a
            WHERE a.organization = @organization AND a.status = 'active' AND a.last_inventory_at IS NOT NULL
              AND a.regions IS NOT NULL AND a.regions <> coalesce(a.known_regions, ''){among}
            """,
            query)).Count(a => Columns.FromJson<List<string>>(a.Regions).Except(Columns.FromJsonOrNull<List<string>>(a.Known) ?? []).Any());
}
