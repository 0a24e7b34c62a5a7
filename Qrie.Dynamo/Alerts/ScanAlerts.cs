using Qrie.Domain.Accounts;
using Qrie.Domain.Alerts;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Scans;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;
using Qrie.Dynamo.Accounts;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Inventory;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Alerts;

/// <summary>What the end of a scan may be told about: whether it failed, what drift it found, and which accounts cannot be read any more.</summary>
internal sealed class ScanAlerts(DynamoStore store, AlertRuleItems rules)
{
    /// <summary>A filter for events that were filtered already.</summary>
    public WantedAlerts Everything { get; } = new([
        new AlertRule
        {
            Organization = "",
            AlertId = "",
            Name = "",
            Enabled = true,
            Kinds = Enum.GetValues<AlertKind>(),
            Target = new AlertTarget { Kind = AlertTargetKind.Email },
            CreatedAt = default,
            UpdatedAt = default,
        },
    ]);

    public async Task AddAsync(WriteSession session, EndedScan ended, OutboxBatch batch)
    {
        var (scan, status, now) = ended;
        var wanted = await rules.WantedAsync(scan.Organization, session.Cancel);
        if (status is ScanStatus.Failed or ScanStatus.CompletedWithErrors && wanted.Wants(AlertKind.ScanFailed, severity: null))
        {
            var error = scan.Errors.Count == 0 ? "" : $"; first error {scan.Errors[0].Code}: {scan.Errors[0].Message}";
            batch.Alert(Of(scan, AlertKind.ScanFailed, now, scan.Filter.AccountId, SafeText.Clean(
                $"{Json.Name(scan.Kind)} scan {(status == ScanStatus.Failed ? "failed" : "completed with failed units")}{error}")));
        }

        if (scan is { Kind: ScanKind.Inventory, ScanType: ScanType.AntiEntropy } && wanted.Wants(AlertKind.DriftDetected, severity: null))
        {
            await DriftAsync(session, scan, now, batch);
        }

        if (scan.Kind == ScanKind.Inventory && status != ScanStatus.Cancelled)
        {
            await UnreadableAsync(session, scan, now, wanted.Wants(AlertKind.AccountUnreadable, severity: null), batch);
        }
    }

    private async Task DriftAsync(WriteSession session, Scan scan, DateTimeOffset now, OutboxBatch batch)
    {
        foreach (var item in await store.ListAsync(
            new ItemQuery(StoreTables.State, DriftItems.CountsOf(scan.Organization, scan.ScanId)) { Strong = true }, session.Cancel))
        {
            var key = item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator);
            long Of(DriftChange change) => item.Number(Json.Name(change)) ?? 0;
            var (created, changed, deleted) = (Of(DriftChange.Created), Of(DriftChange.Changed), Of(DriftChange.Deleted));
            if (key[1] == Counts.CounterItems.AllAccounts && created + changed + deleted > 0)
            {
                batch.Alert(ScanAlerts.Of(
                    scan, AlertKind.DriftDetected, now, key[0],
                    $"{created} resources created, {changed} changed, {deleted} deleted without an event"));
            }
        }
    }

    /// <summary>
    /// An account cannot be read if access to it fails, or if no list of it is complete. It is told once; an account that can be read again is forgotten.
    /// </summary>
    private async Task UnreadableAsync(WriteSession session, Scan scan, DateTimeOffset now, bool isWanted, OutboxBatch batch)
    {
        var key = ToldKey(scan.Organization);
        var told = await session.FindAsync<List<string>>(key) ?? [];
        if (!isWanted)
        {
            // A rule that is created later is told what cannot be read then.
            await session.DeleteAsync(key);
            return;
        }

        var active = (await AccountItems.ListAsync(store, scan.Organization, session.Cancel))
            .Where(a => a.Status == AccountStatus.Active).Select(a => a.AccountId).ToHashSet();
        var health = (await store.ListAsync<AccountHealth>(
            new ItemQuery(StoreTables.State, HealthItems.PartitionOf(scan.Organization)) { Strong = true }, session.Cancel))
            .Where(h => active.Contains(h.AccountId)).GroupBy(h => h.AccountId).Where(g => IsUnreadable([.. g])).ToDictionary(g => g.Key, g => g.ToList());
        foreach (var (accountId, services) in health.Where(h => !told.Contains(h.Key)).OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            var error = services.Where(h => h.Error is not null).OrderBy(h => h.Service, StringComparer.Ordinal).ThenBy(h => h.Error!.At)
                .FirstOrDefault()?.Error;
            batch.Alert(Of(
                scan, AlertKind.AccountUnreadable, now, accountId, error is null ? null : SafeText.Clean($"{error.Code}: {error.Message}")));
        }

        await session.PutAsync(key, health.Keys.Order(StringComparer.Ordinal).ToList());
    }

    /// <summary>Forgets that an account could not be read.</summary>
    public static Task ForgetAsync(DynamoStore store, string organization, string accountId, CancellationToken cancel) => store.WriteAsync(
        async session =>
        {
            if (await session.FindAsync<List<string>>(ToldKey(organization)) is { } told && told.Remove(accountId))
            {
                await session.PutAsync(ToldKey(organization), told);
            }
        },
        cancel);

    internal static ItemKey ToldKey(string organization) => Documents.Key(KeyText.Join("unreadable-accounts", organization), "accounts");

    private static bool IsUnreadable(List<AccountHealth> services) =>
        services.Exists(h => h is { Service: AccountHealth.Whole, Error: not null }) || (services.Sum(h => h.Broken) > 0 && services.Sum(h => h.Complete) == 0);

    private static AlertEvent Of(Scan scan, AlertKind kind, DateTimeOffset at, string? accountId, string? detail) => new()
    {
        Seq = 0,
        Organization = scan.Organization,
        At = at,
        Kind = kind,
        AccountId = accountId,
        ScanId = scan.ScanId,
        Detail = detail,
    };
}
