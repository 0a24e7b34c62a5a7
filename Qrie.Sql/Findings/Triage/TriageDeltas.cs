using System.Data.Common;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Findings.Triage;

/// <summary>Collects the changes of a batch to active findings by day, and to resolutions, to save them once.</summary>
internal sealed class TriageDeltas(string organization)
{
    private const string Opened = "opened";
    private const string Due = "due";

    private readonly Dictionary<(string AccountService, SeverityBand Band, string Kind, DateOnly Day), long> _open = [];
    private readonly Dictionary<(string AccountService, SeverityBand Band, DateOnly Day), (long N, long Seconds)> _resolutions = [];

    public void Finding(Finding? before, Finding after)
    {
        var (wasActive, isActive) = (before is { State: FindingState.Active }, after.State == FindingState.Active);
        if (wasActive && isActive && Severities.BandOf(before!.Severity) == Severities.BandOf(after.Severity))
        {
            return;
        }

        if (wasActive)
        {
            Add(before!, null, -1);
        }

        if (isActive)
        {
            Add(after, null, +1);
        }

        if (wasActive && after is { State: FindingState.Resolved, ResolvedAt: { } at } && IsFixed(after.ResolvedReason))
        {
            var key = (after.AccountService, Severities.BandOf(before!.Severity), Periods.DayOf(at));
            var (n, seconds) = _resolutions.GetValueOrDefault(key);
            _resolutions[key] = (n + 1, seconds + (long)Math.Max(0, (at - before.OpenedAt).TotalSeconds));
        }
    }

    /// <summary>Counts an active finding by another due date.</summary>
    public void Move(Finding finding, DateOnly? from, DateOnly? to)
    {
        Add(finding, from, -1);
        Add(finding, to, +1);
    }

    public async Task SaveAsync(DbTransaction transaction)
    {
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO open_days (organization, account_id, band, kind, day, n) VALUES (@organization, @AccountId, @band, @Kind, @day, @N)
            ON CONFLICT (organization, account_id, band, kind, day) DO UPDATE SET n = open_days.n + excluded.n
            """,
            AllAccounts.Include(_open, key => key.AccountService)
                .OrderBy(d => d.AccountId, StringComparer.Ordinal).ThenBy(d => d.Key.Band).ThenBy(d => d.Key.Kind, StringComparer.Ordinal)
                .ThenBy(d => d.Key.Day)
                .Select(d => new { organization, d.AccountId, band = Columns.Name(d.Key.Band), d.Key.Kind, day = Columns.Day(d.Key.Day), d.N })
                .ToList());
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO resolution_days (organization, account_id, band, day, n, seconds) VALUES (@organization, @accountId, @band, @day, @N, @Seconds)
            ON CONFLICT (organization, account_id, band, day) DO UPDATE SET
                n = resolution_days.n + excluded.n, seconds = resolution_days.seconds + excluded.seconds
            """,
            _resolutions
                .SelectMany(d => new[] { Domain.AccountService.Split(d.Key.AccountService).AccountId, AllAccounts.Id }.Select(accountId => new
                {
                    organization,
                    accountId,
                    band = Columns.Name(d.Key.Band),
                    day = Columns.Day(d.Key.Day),
                    d.Value.N,
                    d.Value.Seconds,
                }))
                .OrderBy(r => r.accountId, StringComparer.Ordinal).ThenBy(r => r.band, StringComparer.Ordinal).ThenBy(r => r.day, StringComparer.Ordinal)
                .ToList());
    }

    /// <summary>Somebody changed the resource; otherwise the policy ended, or its scope changed.</summary>
    private static bool IsFixed(ResolvedReason? reason) =>
        reason is ResolvedReason.Compliant or ResolvedReason.NotApplicable or ResolvedReason.ResourceDeleted;

    private void Add(Finding finding, DateOnly? due, long by)
    {
        var key = (finding.AccountService, Severities.BandOf(finding.Severity), due is null ? Opened : Due, due ?? Periods.DayOf(finding.OpenedAt));
        _open[key] = _open.GetValueOrDefault(key) + by;
    }
}
