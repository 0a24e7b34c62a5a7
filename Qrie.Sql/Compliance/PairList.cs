using System.Data.Common;
using System.Globalization;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;
using Qrie.Sql.Findings;

namespace Qrie.Sql.Compliance;

/// <summary>
/// Lists (resource, policy) pairs, policy by policy and account_service by account_service. The counts of verdicts tell which account_services have a wanted
/// verdict at all, so that a rare one is found without reading the resources of the others.
/// </summary>
internal sealed class PairList(SqlDatabase database, DbConnection connection, string organization, AccountSelection accounts, PairVerdict? wanted)
{
    /// <summary>The maximum number of resources examined for a page, so that its cost is bounded.</summary>
    private const int LookAtMost = 5000;

    private readonly PolicyLists _lists = new(connection, null);
    private readonly SelectedAccounts _selected = new(database, accounts);

    public async Task<Page<PolicyPair>> ReadAsync(IReadOnlyList<PairPolicy> policies, PageRequest page, CancellationToken cancel)
    {
        var place = page.After is null ? new Place(0, "", "", "") : Place.Of(page.After);
        var pairs = new List<PolicyPair>(page.Size);
        var looked = 0;
        for (var at = place.Policy; at < policies.Count; at++)
        {
            var policy = policies[at];
            place = at == place.Policy ? place : new Place(at, "", "", "");
            foreach (var accountService in await AccountServicesAsync(policy, place.AccountService))
            {
                var after = accountService == place.AccountService ? place : new Place(at, accountService, "", "");
                while (true)
                {
                    cancel.ThrowIfCancellationRequested();
                    var rows = await RowsAsync(policy, after, page.Size);
                    foreach (var row in rows)
                    {
                        if (pairs.Count == page.Size || looked == LookAtMost)
                        {
                            return new Page<PolicyPair>(pairs, after.ToKey());
                        }

                        looked++;
                        after = new Place(at, accountService, row.ListedIn, row.Arn);
                        var pair = await PairAsync(row, policy, accountService);
                        if (wanted is null || pair.Verdict == wanted)
                        {
                            pairs.Add(pair);
                        }
                    }

                    if (rows.Count < page.Size)
                    {
                        break;
                    }
                }
            }
        }

        return new Page<PolicyPair>(pairs, null);
    }

    /// <summary>From the given one on.</summary>
    private async Task<List<string>> AccountServicesAsync(PairPolicy policy, string from)
    {
        var having = wanted is PairVerdict.Pass or PairVerdict.Fail or PairVerdict.NotApplicable or PairVerdict.Unknown or PairVerdict.Excepted
            ? """
              AND EXISTS (SELECT 1 FROM verdict_counts v
                          WHERE v.organization = c.organization AND v.account_service = c.account_service AND v.policy_id = @PolicyId
                            AND v.revision = @Revision AND v.verdict = @verdict AND v.n > 0)
              """
            : "";
        return (await connection.QueryAsync<string>(
            $"""
            SELECT c.account_service FROM accounts a CROSS JOIN resource_counts c
            WHERE a.organization = @organization AND a.status = 'active'{_selected.Condition}
              AND c.organization = a.organization AND c.account_service = a.account_id || '_' || @Service AND c.account_service >= @from
              AND c.type = @ResourceType AND c.n > 0 {having}
            ORDER BY c.account_service
            """,
            new
            {
                organization,
                policy.Service,
                policy.ResourceType,
                policy.PolicyId,
                policy.Revision,
                from,
                ids = _selected.Ids,
                ou = _selected.Ou,
                // An excepted pair is a failed verdict.
                verdict = wanted is { } verdict ? Columns.Name(verdict == PairVerdict.Excepted ? PairVerdict.Fail : verdict) : null,
            })).AsList();
    }

    private async Task<List<Row>> RowsAsync(PairPolicy policy, Place after, int limit) =>
        (await connection.QueryAsync<Row>(
            $"""
            SELECT r.arn, r.region, r.listed_in, e.policy_list, e.verdicts, e.reasons, e.evaluated_at FROM resources r
            {database.JoinOne("LEFT JOIN", "evaluations", "e", PendingEvaluationReader.SameResource)}
            WHERE r.organization = @organization AND r.account_service = @AccountService AND r.type = @ResourceType AND r.deleted_at IS NULL
              AND (r.listed_in, r.arn) > (@ListedIn, @Arn)
            ORDER BY r.listed_in, r.arn LIMIT @limit
            """,
            new { organization, after.AccountService, policy.ResourceType, after.ListedIn, after.Arn, limit })).AsList();

    private async Task<PolicyPair> PairAsync(Row row, PairPolicy policy, string accountService)
    {
        var (verdict, reason) = row.PolicyList is null ? (PairVerdict.NotEvaluated, null) : Verdict(row, await _lists.FindAsync(row.PolicyList), policy);
        return new PolicyPair(
            policy.PolicyId, accountService, row.Arn, policy.ResourceType, row.Region, verdict, reason,
            verdict == PairVerdict.NotEvaluated ? null : Columns.Time(row.EvaluatedAt));
    }

    private static (PairVerdict Verdict, UnknownReason? Reason) Verdict(Row row, PolicyList list, PairPolicy policy)
    {
        var evaluation = new EvaluationRow { Verdicts = row.Verdicts!, Reasons = row.Reasons };
        var given = evaluation.Pairs(list).Where(pair => IsOf(pair.Policy)).Select(pair => (PairVerdict?)pair.Verdict).FirstOrDefault();
        if (given is not PairVerdict.Unknown)
        {
            return (given ?? PairVerdict.NotEvaluated, null);
        }

        return (PairVerdict.Unknown, evaluation.StoredVerdicts(list).First(v => v.PolicyId == policy.PolicyId && v.Revision == policy.Revision).Reason);

        bool IsOf(ListedPolicy listed) => listed.PolicyId == policy.PolicyId && listed.Revision == policy.Revision;
    }

    /// <summary>The last pair of a page.</summary>
    private sealed record Place(int Policy, string AccountService, string ListedIn, string Arn)
    {
        public static Place Of(IReadOnlyList<string> key) => new(int.Parse(key[0], CultureInfo.InvariantCulture), key[1], key[2], key[3]);

        public IReadOnlyList<string> ToKey() => [Policy.ToString(CultureInfo.InvariantCulture), AccountService, ListedIn, Arn];
    }

    private sealed class Row
    {
        public string Arn { get; set; } = "";
        public string Region { get; set; } = "";
        public string ListedIn { get; set; } = "";
        public string? PolicyList { get; set; }
        public string? Verdicts { get; set; }
        public string? Reasons { get; set; }
        public long EvaluatedAt { get; set; }
    }
}
