using System.Data.Common;
using Dapper;
using Qrie.Domain.Findings;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings;

/// <summary>Gathers what a batch changes in the counts of findings and verdicts, to be saved once per batch.</summary>
internal sealed class CountDeltas(string organization)
{
    /// <summary>Counted when a finding is opened for the first time; never taken back.</summary>
    public const string New = "new";

    private readonly Dictionary<(string AccountService, string PolicyId, string Band, string State, string Day), long> _findings = [];

    /// <summary>The last day that was named: a batch mostly has one.</summary>
    private (DateTime Date, string Text) _day = (DateTime.MinValue, "");

    /// <summary>Evaluations by their letters: most of a batch have the same ones, so that verdicts are counted by the dozen.</summary>
    private readonly Dictionary<(string AccountService, PolicyList Policies, string Letters, string? Reasons), (EvaluationRow Row, long N)> _evaluations = [];

    /// <summary>Findings that changed from one state to the other; counted so that a change of severity alone is none.</summary>
    public int Opened { get; private set; }

    public int Resolved { get; private set; }

    public void Finding(Finding? before, Finding after, DateTimeOffset now)
    {
        if (before is null)
        {
            Add(after, New, now, +1);
        }
        else
        {
            Add(before, Columns.Name(before.State), now, -1);
        }

        Add(after, Columns.Name(after.State), now, +1);
        if (before?.State != after.State)
        {
            (Opened, Resolved) = after.State == FindingState.Active ? (Opened + 1, Resolved) : (Opened, Resolved + 1);
        }
    }

    public void Verdicts(EvaluationRow row, PolicyList policies, int by)
    {
        var key = (row.AccountService, policies, row.Verdicts, row.Reasons);
        _evaluations[key] = (row, _evaluations.GetValueOrDefault(key).N + by);
    }

    public async Task SaveAsync(DbTransaction transaction)
    {
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO finding_counts (organization, account_service, policy_id, band, state, day, n)
            VALUES (@organization, @AccountService, @PolicyId, @Band, @State, @Day, @N)
            ON CONFLICT (organization, account_service, policy_id, band, state, day) DO UPDATE SET n = finding_counts.n + excluded.n
            """,
            _findings.Where(d => d.Value != 0)
                .Select(d => new { organization, d.Key.AccountService, d.Key.PolicyId, d.Key.Band, d.Key.State, d.Key.Day, N = d.Value })
                .ToList(),
            transaction);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO verdict_counts (organization, account_service, policy_id, revision, verdict, attribute, error_code, n)
            VALUES (@organization, @AccountService, @PolicyId, @Revision, @verdict, @attribute, @code, @N)
            ON CONFLICT (organization, account_service, policy_id, revision, verdict, attribute, error_code)
            DO UPDATE SET n = verdict_counts.n + excluded.n
            """,
            Verdicts().Where(d => d.Value != 0)
                .Select(d => new
                {
                    organization,
                    d.Key.AccountService,
                    d.Key.Key.PolicyId,
                    d.Key.Key.Revision,
                    verdict = Columns.Name(d.Key.Key.Verdict),
                    attribute = d.Key.Key.Reason?.Attribute ?? "",
                    code = d.Key.Key.Reason?.Code ?? "",
                    N = d.Value,
                })
                .ToList(),
            transaction);
    }

    private Dictionary<(string AccountService, StoredVerdict Key), long> Verdicts()
    {
        var verdicts = new Dictionary<(string AccountService, StoredVerdict Key), long>();
        foreach (var (key, (row, n)) in _evaluations)
        {
            foreach (var verdict in row.StoredVerdicts(key.Policies))
            {
                verdicts[(key.AccountService, verdict)] = verdicts.GetValueOrDefault((key.AccountService, verdict)) + n;
            }
        }

        return verdicts;
    }

    private string DayOf(DateTimeOffset now)
    {
        var date = now.UtcDateTime.Date;
        if (_day.Date != date)
        {
            _day = (date, Columns.Day(now));
        }

        return _day.Text;
    }

    private void Add(Finding finding, string state, DateTimeOffset now, int by)
    {
        var band = Columns.Name(Severities.BandOf(finding.Severity));
        var key = (finding.AccountService, finding.PolicyId, band, state, DayOf(now));
        _findings[key] = _findings.GetValueOrDefault(key) + by;
    }
}
