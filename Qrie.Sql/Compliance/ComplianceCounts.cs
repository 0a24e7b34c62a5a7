using System.Data.Common;
using Qrie.Domain;
using Qrie.Domain.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Compliance;

/// <summary>
/// Collects the changes of a batch to the verdicts by account and policy, to save them once: with those of organizational units and all accounts.
/// </summary>
internal sealed class ComplianceCounts(string organization)
{
    private readonly Dictionary<(string AccountId, string PolicyId, long Revision), PairCounts> _deltas = [];

    public void Add(string accountService, string policyId, long revision, PairVerdict verdict, long by)
    {
        var delta = verdict switch
        {
            PairVerdict.Pass => PairCounts.None with { Passed = by },
            PairVerdict.Fail => PairCounts.None with { Failed = by },
            PairVerdict.Unknown => PairCounts.None with { Unknown = by },
            PairVerdict.Excepted => PairCounts.None with { Excepted = by },
            PairVerdict.NotApplicable => PairCounts.None with { NotApplicable = by },
            _ => PairCounts.None with { OutOfScope = by },
        };
        var key = (AccountService.Split(accountService).AccountId, policyId, revision);
        _deltas[key] = _deltas.GetValueOrDefault(key, PairCounts.None) + delta;
    }

    public async Task SaveAsync(DbTransaction transaction)
    {
        var deltas = _deltas.Where(d => d.Value != PairCounts.None).ToList();
        var ids = await OuTotals.RowsOfAsync(transaction, organization, deltas.Select(d => d.Key.AccountId));
        var rows = deltas
            .SelectMany(d => ids[d.Key.AccountId].Select(id => (Key: (AccountId: id, d.Key.PolicyId, d.Key.Revision), d.Value)))
            .GroupBy(d => d.Key, (key, same) => (Key: key, Value: same.Aggregate(PairCounts.None, (sum, d) => sum + d.Value)))
            .Where(d => d.Value != PairCounts.None)
            .OrderBy(d => d.Key.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.PolicyId, StringComparer.Ordinal).ThenBy(d => d.Key.Revision)
            .Select(d => new
            {
                organization,
                d.Key.AccountId,
                d.Key.PolicyId,
                d.Key.Revision,
                d.Value.Passed,
                d.Value.Failed,
                d.Value.Unknown,
                d.Value.NotApplicable,
                d.Value.OutOfScope,
                d.Value.Excepted,
            })
            .ToList();
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO compliance_counts (organization, account_id, policy_id, revision, passed, failed, unknown, not_applicable, out_of_scope, excepted)
            VALUES (@organization, @AccountId, @PolicyId, @Revision, @Passed, @Failed, @Unknown, @NotApplicable, @OutOfScope, @Excepted)
            ON CONFLICT (organization, account_id, policy_id, revision) DO UPDATE SET
                passed = compliance_counts.passed + excluded.passed, failed = compliance_counts.failed + excluded.failed,
                unknown = compliance_counts.unknown + excluded.unknown, not_applicable = compliance_counts.not_applicable + excluded.not_applicable,
                out_of_scope = compliance_counts.out_of_scope + excluded.out_of_scope, excepted = compliance_counts.excepted + excluded.excepted
            """,
            rows);
        // Revisions that no verdict has any more would otherwise add up with every change of a policy.
        await transaction.ExecuteRowsAsync(
            """
            DELETE FROM compliance_counts
            WHERE organization = @organization AND account_id = @AccountId AND policy_id = @PolicyId AND revision = @Revision
              AND passed = 0 AND failed = 0 AND unknown = 0 AND not_applicable = 0 AND out_of_scope = 0 AND excepted = 0
            """,
            rows.Where(r => r.Passed + r.Failed + r.Unknown + r.NotApplicable + r.OutOfScope + r.Excepted < 0).ToList());
    }
}
