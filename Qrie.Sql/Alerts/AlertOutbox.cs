using System.Data.Common;
using Dapper;
using Qrie.Domain.Alerts;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Sql.Dashboard;
using Qrie.Sql.Database;

namespace Qrie.Sql.Alerts;

/// <summary>Writes events to the outbox, in the transaction in which they happen.</summary>
internal static class AlertOutbox
{
    private const string Insert =
        """
        INSERT INTO alert_outbox (organization, at, kind, account_id, account_service, arn, policy_id, severity, region, scan_id, detail)
        VALUES (@organization, @at, @kind, @accountId, @accountService, @arn, @policyId, @severity, @region, @scanId, @detail)
        """;

    /// <summary>Writes state changes of findings, if a rule may want them.</summary>
    public static async Task FindingsAsync(
        DbTransaction transaction, SqlDatabase database, string organization, IReadOnlyList<ChangedFinding> changes)
    {
        if (changes.Count == 0 || await WantedAlerts.ReadAsync(transaction, organization) is not { Any: true } wanted)
        {
            return;
        }

        using var write = database.Prepare(
            transaction, Insert, "organization", "at", "kind", "accountId", "accountService", "arn", "policyId", "severity", "region", "scanId", "detail");
        foreach (var (kind, finding, at, detail) in changes)
        {
            if (wanted.Wants(kind, finding.Severity))
            {
                await write.ExecuteAsync(
                    organization, Columns.Ms(at), Columns.Name(kind), Domain.AccountService.Split(finding.AccountService).AccountId, finding.AccountService,
                    finding.Arn, finding.PolicyId, finding.Severity, finding.Region, finding.ScanId, detail);
            }
        }

        await write.FlushAsync();
    }

    /// <summary>A message that could not be processed. Messages without an account belong to the default organization.</summary>
    public static async Task DeadLetterAsync(DbTransaction transaction, DeadEvent dead)
    {
        if ((await WantedAlerts.ReadAsync(transaction, dead.Organization)).Wants(AlertKind.DeadLetter, severity: null))
        {
            await AddAsync(
                transaction, dead.Organization, AlertKind.DeadLetter, dead.At, accountId: dead.AccountId.Length > 0 ? dead.AccountId : null,
                region: dead.Region.Length > 0 ? dead.Region : null, detail: SafeText.Clean($"{dead.EventName}: {dead.Reason}"));
        }
    }

    /// <summary>The end of a scan: whether it failed, what drift it found, and which accounts cannot be read any more.</summary>
    /// <param name="status">Its final status.</param>
    public static async Task ScanEndedAsync(DbTransaction transaction, Scan scan, ScanStatus status, DateTimeOffset now)
    {
        var wanted = await WantedAlerts.ReadAsync(transaction, scan.Organization);
        if (status is ScanStatus.Failed or ScanStatus.CompletedWithErrors && wanted.Wants(AlertKind.ScanFailed, severity: null))
        {
            var error = scan.Errors.Count == 0 ? "" : $"; first error {scan.Errors[0].Code}: {scan.Errors[0].Message}";
            await AddAsync(
                transaction, scan.Organization, AlertKind.ScanFailed, now, scan.Filter.AccountId, scanId: scan.ScanId,
                detail: SafeText.Clean(
                    $"{Columns.Name(scan.Kind)} scan {(status == ScanStatus.Failed ? "failed" : "completed with failed units")}{error}"));
        }

        if (scan is { Kind: ScanKind.Inventory, ScanType: ScanType.AntiEntropy } && wanted.Wants(AlertKind.DriftDetected, severity: null))
        {
            await DriftAsync(transaction, scan, now);
        }

        if (scan.Kind == ScanKind.Inventory && status != ScanStatus.Cancelled)
        {
            await (wanted.Wants(AlertKind.AccountUnreadable, severity: null)
                ? UnreadableAsync(transaction, scan, now)
                // A rule that is created later is told what cannot be read then.
                : transaction.Connection!.ExecuteAsync(
                    "DELETE FROM alert_unreadable_accounts WHERE organization = @Organization", new { scan.Organization }, transaction));
        }
    }

    private static async Task DriftAsync(DbTransaction transaction, Scan scan, DateTimeOffset now)
    {
        var accounts = await transaction.Connection!.QueryAsync<(string AccountId, long Created, long Changed, long Deleted)>(
            """
            SELECT account_id, created, changed, deleted FROM drift_counts
            WHERE organization = @Organization AND scan_id = @ScanId AND region = @sum AND type = @sum AND created + changed + deleted > 0
            ORDER BY account_id
            """,
            new { scan.Organization, scan.ScanId, sum = DriftWriter.Sum }, transaction);
        foreach (var (accountId, created, changed, deleted) in accounts.AsList())
        {
            await AddAsync(
                transaction, scan.Organization, AlertKind.DriftDetected, now, accountId, scanId: scan.ScanId,
                detail: $"{created} resources created, {changed} changed, {deleted} deleted without an event");
        }
    }

    /// <summary>
    /// An account cannot be read if access to it fails, or if no list of it is complete. It is told once; an account that can be read again is forgotten.
    /// </summary>
    private static async Task UnreadableAsync(DbTransaction transaction, Scan scan, DateTimeOffset now)
    {
        const string Unreadable =
            """
            SELECT s.account_id FROM account_services s
            JOIN accounts a ON a.organization = s.organization AND a.account_id = s.account_id AND a.status = 'active'
            WHERE s.organization = @Organization
            GROUP BY s.account_id
            HAVING max(CASE WHEN s.service = '' AND s.error_code IS NOT NULL THEN 1 ELSE 0 END) = 1 OR (sum(s.broken) > 0 AND sum(s.complete) = 0)
            """;
        await transaction.Connection!.ExecuteAsync(
            $"DELETE FROM alert_unreadable_accounts WHERE organization = @Organization AND account_id NOT IN ({Unreadable})",
            new { scan.Organization }, transaction);
        var news = (await transaction.Connection!.QueryAsync<string>(
            $"""
            INSERT INTO alert_unreadable_accounts (organization, account_id)
            SELECT @Organization, account_id FROM ({Unreadable}) unreadable WHERE true
            ON CONFLICT DO NOTHING RETURNING account_id
            """,
            new { scan.Organization }, transaction)).AsList();
        foreach (var accountId in news)
        {
            var error = await transaction.Connection!.QueryFirstOrDefaultAsync<(string Code, string? Message)>(
                """
                SELECT error_code, error_message FROM account_services
                WHERE organization = @Organization AND account_id = @accountId AND error_code IS NOT NULL ORDER BY service, error_at LIMIT 1
                """,
                new { scan.Organization, accountId }, transaction);
            await AddAsync(
                transaction, scan.Organization, AlertKind.AccountUnreadable, now, accountId, scanId: scan.ScanId,
                detail: error.Code is null ? null : SafeText.Clean($"{error.Code}: {error.Message}"));
        }
    }

    private static Task<int> AddAsync(
        DbTransaction transaction, string organization, AlertKind kind, DateTimeOffset at, string? accountId = null, string? region = null,
        string? scanId = null, string? detail = null) =>
        transaction.Connection!.ExecuteAsync(
            Insert,
            new
            {
                organization,
                at = Columns.Ms(at),
                kind = Columns.Name(kind),
                accountId,
                accountService = (string?)null,
                arn = (string?)null,
                policyId = (string?)null,
                severity = (long?)null,
                region,
                scanId,
                detail,
            },
            transaction);
}

/// <summary>A state change of a finding.</summary>
/// <param name="Detail">Why; null if the kind says it all.</param>
internal readonly record struct ChangedFinding(AlertKind Kind, Finding Finding, DateTimeOffset At, string? Detail)
{
    /// <summary>Null if the state did not change.</summary>
    public static ChangedFinding? Of(Finding? before, Finding after, DateTimeOffset at) => (before?.State, after.State) switch
    {
        (null, FindingState.Active) => new ChangedFinding(AlertKind.Opened, after, at, null),
        (FindingState.Resolved, FindingState.Active) => new ChangedFinding(AlertKind.Reopened, after, at, null),
        (FindingState.Suppressed, FindingState.Active) => new ChangedFinding(AlertKind.Reopened, after, at, "its exception ended"),
        (not null and not FindingState.Resolved, FindingState.Resolved) =>
            new ChangedFinding(AlertKind.Resolved, after, at, after.ResolvedReason is { } reason ? Columns.Name(reason) : null),
        (not FindingState.Suppressed, FindingState.Suppressed) => new ChangedFinding(AlertKind.Suppressed, after, at, $"exception {after.ExceptionId}"),
        _ => null,
    };
}
