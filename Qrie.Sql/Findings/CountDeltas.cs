using System.Data.Common;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Sql.Compliance;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Triage;

namespace Qrie.Sql.Findings;

/// <summary>
/// Gathers what a batch changes in the counts of findings and verdicts, to be saved once per batch. What all accounts share is written in a fixed order, so
/// that two writers wait for each other instead of both giving up.
/// </summary>
internal sealed class CountDeltas(string organization)
{
    private readonly Dictionary<(string AccountService, string PolicyId, SeverityBand Band, FindingState State), long> _findings = [];
    private readonly Dictionary<(string AccountService, FindingChange Change, DateOnly Period), long> _history = [];
    private readonly Dictionary<(string AccountService, string PolicyId, FindingChange Change, DateOnly Period), long> _policies = [];

    private readonly Dictionary<(string AccountService, string ExceptionId), long> _exceptions = [];

    private readonly TriageDeltas _triage = new(organization);
    private readonly ServiceCounts _services = new(organization);
    private readonly ComplianceCounts _compliance = new(organization);

    /// <summary>Evaluations by their letters: most of a batch have the same ones, so that verdicts are counted by the dozen.</summary>
    private readonly Dictionary<(string AccountService, PolicyList Policies, string Letters, string? Reasons), (EvaluationRow Row, long N)> _evaluations = [];

    /// <summary>Findings that changed from one state to the other; counted so that a change of severity alone is none.</summary>
    public int Opened { get; private set; }

    public int Resolved { get; private set; }

    /// <summary>The counts of active findings by day.</summary>
    public TriageDeltas Triage => _triage;

    public void Finding(Finding? before, Finding after, DateTimeOffset now)
    {
        if (before is not null)
        {
            Add(before, -1);
        }

        Add(after, +1);
        _triage.Finding(before, after);
        if (before?.ExceptionId != after.ExceptionId)
        {
            Hold(before, -1);
            Hold(after, +1);
        }

        if (before?.State == after.State)
        {
            return; // its severity, its evidence or its exception changed
        }

        Opened += after.State == FindingState.Active ? 1 : 0;
        Resolved += after.State == FindingState.Resolved ? 1 : 0;
        foreach (var (change, period, by) in FindingHistory.Of(before, after, now))
        {
            var key = (after.AccountService, change, period);
            _history[key] = _history.GetValueOrDefault(key) + by;
            if (change != FindingChange.Resolved)
            {
                var ofPolicy = (after.AccountService, after.PolicyId, change, period);
                _policies[ofPolicy] = _policies.GetValueOrDefault(ofPolicy) + by;
            }
        }
    }

    /// <summary>A resolved finding that is deleted; what is counted by period stays.</summary>
    public void Delete(Finding finding)
    {
        Add(finding, -1);
        Hold(finding, -1);
    }

    /// <summary>Whether a resource had an active finding, and whether it has one now.</summary>
    public void Compliance(string accountService, bool failed, bool fails)
    {
        if (failed != fails)
        {
            _services.Add(accountService, resources: 0, nonCompliant: fails ? +1 : -1);
        }
    }

    public void Verdicts(EvaluationRow row, PolicyList policies, int by)
    {
        var key = (row.AccountService, policies, row.Verdicts, row.Reasons);
        _evaluations[key] = (row, _evaluations.GetValueOrDefault(key).N + by);
    }

    public async Task SaveAsync(DbTransaction transaction)
    {
        await SaveFindingsAsync(transaction);
        await SaveExceptionsAsync(transaction);
        await _triage.SaveAsync(transaction);
        await SaveVerdictsAsync(transaction);
        await _services.SaveAsync(transaction);
        await _compliance.SaveAsync(transaction);
    }

    private async Task SaveFindingsAsync(DbTransaction transaction)
    {
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO finding_counts (organization, account_id, policy_id, band, state, n) VALUES (@organization, @AccountId, @PolicyId, @band, @state, @N)
            ON CONFLICT (organization, account_id, policy_id, band, state) DO UPDATE SET n = finding_counts.n + excluded.n
            """,
            AllAccounts.Include(_findings, key => key.AccountService)
                .OrderBy(d => d.AccountId, StringComparer.Ordinal)
                .ThenBy(d => d.Key.PolicyId, StringComparer.Ordinal).ThenBy(d => d.Key.Band).ThenBy(d => d.Key.State)
                .Select(d => new { organization, d.AccountId, d.Key.PolicyId, band = Columns.Name(d.Key.Band), state = Columns.Name(d.Key.State), d.N })
                .ToList());
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO finding_history (organization, account_id, period, change, n) VALUES (@organization, @AccountId, @period, @change, @N)
            ON CONFLICT (organization, account_id, period, change) DO UPDATE SET n = finding_history.n + excluded.n
            """,
            AllAccounts.Include(_history, key => key.AccountService)
                .OrderBy(d => d.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.Period).ThenBy(d => d.Key.Change)
                .Select(d => new { organization, d.AccountId, period = Columns.Day(d.Key.Period), change = Columns.Name(d.Key.Change), d.N })
                .ToList());
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO policy_history (organization, account_id, policy_id, period, change, n)
            VALUES (@organization, @AccountId, @PolicyId, @period, @change, @N)
            ON CONFLICT (organization, account_id, policy_id, period, change) DO UPDATE SET n = policy_history.n + excluded.n
            """,
            AllAccounts.Include(_policies, key => key.AccountService)
                .OrderBy(d => d.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.PolicyId, StringComparer.Ordinal).ThenBy(d => d.Key.Period)
                .ThenBy(d => d.Key.Change)
                .Select(d => new { organization, d.AccountId, d.Key.PolicyId, period = Columns.Day(d.Key.Period), change = Columns.Name(d.Key.Change), d.N })
                .ToList());
    }

    private async Task SaveExceptionsAsync(DbTransaction transaction)
    {
        if (_exceptions.Count > 0)
        {
            await transaction.ExecuteRowsAsync(
                """
                INSERT INTO exception_counts (organization, account_id, exception_id, n) VALUES (@organization, @AccountId, @ExceptionId, @N)
                ON CONFLICT (organization, account_id, exception_id) DO UPDATE SET n = exception_counts.n + excluded.n
                """,
                AllAccounts.Include(_exceptions, key => key.AccountService)
                    .OrderBy(d => d.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.ExceptionId, StringComparer.Ordinal)
                    .Select(d => new { organization, d.AccountId, d.Key.ExceptionId, d.N })
                    .ToList());
        }
    }

    private Task<int> SaveVerdictsAsync(DbTransaction transaction) =>
        transaction.ExecuteRowsAsync(
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
                .ToList());

    private Dictionary<(string AccountService, StoredVerdict Key), long> Verdicts()
    {
        var verdicts = new Dictionary<(string AccountService, StoredVerdict Key), long>();
        foreach (var (key, (row, n)) in _evaluations)
        {
            foreach (var (policy, verdict) in row.Pairs(key.Policies))
            {
                _compliance.Add(key.AccountService, policy.PolicyId, policy.Revision, verdict, n);
            }

            foreach (var verdict in row.StoredVerdicts(key.Policies))
            {
                verdicts[(key.AccountService, verdict)] = verdicts.GetValueOrDefault((key.AccountService, verdict)) + n;
            }
        }

        return verdicts;
    }

    private void Hold(Finding? finding, long by)
    {
        if (finding?.ExceptionId is { } exceptionId)
        {
            var key = (finding.AccountService, exceptionId);
            _exceptions[key] = _exceptions.GetValueOrDefault(key) + by;
        }
    }

    private void Add(Finding finding, long by)
    {
        var key = (finding.AccountService, finding.PolicyId, Severities.BandOf(finding.Severity), finding.State);
        _findings[key] = _findings.GetValueOrDefault(key) + by;
    }
}
