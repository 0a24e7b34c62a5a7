using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Scans;

/// <summary>The ways in which units and scans end.</summary>
internal sealed class ScanEnding(DynamoStore store, OutboxApplier outbox)
{
    /// <summary>How many accounts and services a cancellation counts in one transaction.</summary>
    private const int ProgressAtOnce = 80;

    private const string Calls = "calls\n";
    private const string Denied = "denied\n";

    private static readonly ScanError s_abandoned =
        new(null, null, null, null, "ABANDONED", "The scan had no heartbeat for too long and was abandoned.");

    public static string CallsName(string operation) => Calls + operation;

    public static string DeniedName(string operation) => Denied + operation;

    /// <summary>The operation of an attribute with calls or denied ones; null if it is another attribute.</summary>
    public static (string Operation, bool IsDenied)? OperationOf(string attribute) =>
        attribute.StartsWith(Calls, StringComparison.Ordinal) ? (attribute[Calls.Length..], false)
        : attribute.StartsWith(Denied, StringComparison.Ordinal) ? (attribute[Denied.Length..], true)
        : null;

    /// <summary>Completes a unit and adds it to its scan; the last one completes the scan. Returns false if the claim was lost.</summary>
    public async Task<bool> EndAsync(Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now, CancellationToken cancel)
    {
        var rows = await store.WriteAsync(
            async session =>
            {
                if (await UnitClaims.HeldAsync(session, unit) is not { } held)
                {
                    return null;
                }

                await session.PutAsync(ScanItems.UnitKey(unit), held with
                {
                    Status = status,
                    LeaseUntil = null,
                    FinishedAt = now,
                    Counters = result.Counters,
                    Errors = result.Errors,
                    Calls = result.Calls,
                });
                await session.DeleteAsync(ScanItems.RunningKey(unit));
                await CountAsync(session, unit, status, result);
                await CountCallsAsync(session, unit, result);
                session.Overwrite(ScanItems.HeartbeatKey(unit.Organization, unit.ScanId), ScanItems.Heartbeat(now));
                var key = ScanItems.KeyOf(unit.Organization, unit.ScanId);
                return await EndAsync(session, key, Add(await session.FindAsync<ScanRecord>(key) ?? throw Missing(unit), unit, status, result, now));
            },
            cancel);
        await outbox.ApplyAsync(unit.Organization, rows ?? [], cancel);
        return rows is not null;
    }

    /// <summary>Ends a scan and its units as they are. Returns false if it has ended already or does not exist.</summary>
    public async Task<bool> CancelAsync(string organization, string scanId, DateTimeOffset now, CancellationToken cancel)
    {
        var cancelled = await EndAllAsync(
            organization, scanId, UnitStatus.Cancelled,
            scan => scan with { Status = ScanStatus.Cancelled, FinishedAt = now, RemainingUnits = 0 }, cancel);
        return cancelled is not null;
    }

    /// <summary>Fails a scan with its remaining units, unless it had a heartbeat since. Returns whether it did.</summary>
    public async Task<bool> AbandonAsync(string organization, string scanId, DateTimeOffset before, DateTimeOffset now, CancellationToken cancel)
    {
        var heartbeat = await store.GetAsync(ScanItems.HeartbeatKey(organization, scanId), cancel);
        return heartbeat?.Time(ScanItems.At) < before && await EndAllAsync(
            organization, scanId, UnitStatus.Failed,
            scan => scan with
            {
                Status = ScanStatus.Failed,
                FinishedAt = now,
                RemainingUnits = 0,
                Errors = [.. scan.Errors.Take(Scan.MaxErrors - 1), s_abandoned],
            },
            cancel) is not null;
    }

    /// <summary>Ends the remaining units of all scans in one account and completes scans without other units. Returns the number of units.</summary>
    public async Task<int> CancelAccountAsync(string organization, string accountId, DateTimeOffset now, CancellationToken cancel)
    {
        var cancelled = 0;
        foreach (var (_, scanId) in await ScanItems.ListUnfinishedAsync(store, organization, cancel))
        {
            var (units, rows) = await store.WriteAsync(session => CancelAccountAsync(session, organization, scanId, accountId, now), cancel);
            await outbox.ApplyAsync(organization, rows, cancel);
            cancelled += units;
        }

        return cancelled;
    }

    /// <summary>Follows the completion of a scan: only an anti-entropy scan over everything updates the drift reference.</summary>
    /// <returns>The rows to apply after the transaction.</returns>
    public static async Task<List<ItemKey>> CompletedAsync(WriteSession session, Scan scan, ScanStatus status, DateTimeOffset now)
    {
        if (scan.ScanType == ScanType.AntiEntropy && scan.Filter.CoversAll(scan.Kind))
        {
            session.Overwrite(ScanItems.FullKey(scan.Organization, scan.Kind), ScanItems.FullItem(scan.ScanId));
        }

        return await TellAsync(session, scan, status, now);
    }

    private static Task<List<ItemKey>> TellAsync(WriteSession session, Scan scan, ScanStatus status, DateTimeOffset now)
    {
        var batch = new OutboxBatch(scan.Organization);
        batch.Ended(scan, status, now);
        return batch.SaveAsync(session, now);
    }

    private static async Task<List<ItemKey>> EndAsync(WriteSession session, ItemKey key, ScanRecord record)
    {
        await session.PutAsync(key, record);
        if (record.Scan.FinishedAt is not { } at)
        {
            return [];
        }

        session.Remove(ScanItems.UnfinishedKey(record.Scan));
        return await CompletedAsync(session, record.Scan, record.Scan.Status, at);
    }

    private static ScanRecord Add(ScanRecord record, Unit unit, UnitStatus status, UnitResult result, DateTimeOffset now)
    {
        var scan = record.Scan;
        var counters = new ScanCounters(scan.Counters.Values);
        counters.Add(result.Counters);
        var errors = result.Errors.Select(
            e => new ScanError(unit.AccountId, unit.Region.Length == 0 ? null : unit.Region, unit.Service, e.Type, e.Code, e.Message));
        var failed = scan.FailedUnits + (status == UnitStatus.Failed ? 1 : 0);
        var remaining = scan.RemainingUnits - 1;
        return record with
        {
            Scan = scan with
            {
                RemainingUnits = remaining,
                FailedUnits = failed,
                Counters = counters,
                Errors = ScanError.Merge(scan.Errors, errors),
                Status = remaining > 0 ? ScanStatus.Running : StatusOf(failed),
                FinishedAt = remaining > 0 ? null : now,
            },
        };
    }

    private static ScanStatus StatusOf(int failed) => failed > 0 ? ScanStatus.CompletedWithErrors : ScanStatus.Completed;

    private static async Task CountAsync(WriteSession session, Unit unit, UnitStatus status, UnitResult result)
    {
        var key = ScanItems.ProgressKey(unit.Organization, unit.ScanId, unit.AccountId, unit.Service);
        if (await session.FindAsync<ProgressRecord>(key) is { } progress)
        {
            var counted = progress.With(result.Counters);
            await session.PutAsync(key, counted with
            {
                Done = counted.Done + (status == UnitStatus.Failed ? 0 : 1),
                Failed = counted.Failed + (status == UnitStatus.Failed ? 1 : 0),
                Errors = counted.Errors + result.Errors.Count,
            });
        }
    }

    /// <summary>An item for each service, so that units of different services do not wait for each other.</summary>
    private static async Task CountCallsAsync(WriteSession session, Unit unit, UnitResult result)
    {
        var key = Documents.Key(ScanItems.CallsOf(unit.Organization, unit.ScanId), unit.Service);
        foreach (var calls in result.Calls)
        {
            session.Increase(key, CallsName(calls.Operation), calls.Calls);
            session.Increase(key, DeniedName(calls.Operation), calls.Denied);
        }

        var denied = result.Calls.Where(c => c.Denied > 0).Select(c => c.Operation).ToList();
        if (denied.Count > 0)
        {
            var row = Documents.Key(ScanItems.DenialsOf(unit.Organization, unit.ScanId), KeyText.Join(unit.AccountId, unit.Service));
            var stored = await session.FindAsync<List<string>>(row) ?? [];
            await session.PutAsync(row, stored.Union(denied).ToList());
        }
    }

    /// <summary>Ends a scan with all units that have not ended. Returns it as it was; null if it has ended already or does not exist.</summary>
    private async Task<ScanRecord?> EndAllAsync(
        string organization, string scanId, UnitStatus rest, Func<Scan, Scan> end, CancellationToken cancel)
    {
        var tell = new List<ItemKey>();
        var ended = await store.WriteAsync(
            async session =>
            {
                var key = ScanItems.KeyOf(organization, scanId);
                if (await session.FindAsync<ScanRecord>(key) is not { Scan.FinishedAt: null } record)
                {
                    return null;
                }

                await session.PutAsync(key, record with { Scan = end(record.Scan), Rest = rest });
                session.Remove(ScanItems.UnfinishedKey(record.Scan));
                // What a user cancels is no news.
                tell = rest == UnitStatus.Failed
                    ? await TellAsync(session, record.Scan with { Errors = [s_abandoned] }, ScanStatus.Failed, end(record.Scan).FinishedAt!.Value)
                    : [];
                return record;
            },
            cancel);
        if (ended is null)
        {
            return null;
        }

        await outbox.ApplyAsync(organization, tell, cancel);

        // From here on no unit of it can be claimed, renewed or ended: the rest cannot change any more.
        var running = (await ScanItems.ListRunningAsync(store, cancel)).Where(r => (r.Organization, r.ScanId) == (organization, scanId)).ToList();
        var progress = await store.ListAsync<ProgressRecord>(
            new ItemQuery(StoreTables.State, ScanItems.ProgressOf(organization, scanId)) { Strong = true }, cancel);
        foreach (var some in progress.Where(p => p.Rest > 0).Chunk(ProgressAtOnce))
        {
            await store.WriteAsync(
                async session =>
                {
                    foreach (var one in some)
                    {
                        await EndRestAsync(session, organization, scanId, one, rest, running);
                    }
                },
                cancel);
        }

        await store.Calls.BatchWriteAsync(
            [.. running.Select(r => ItemWrite.Delete(ScanItems.RunningKey(UnitOf(r))))], cancel);
        return ended;
    }

    /// <summary>Started units count although they were not completed: their writes stay.</summary>
    private async Task EndRestAsync(
        WriteSession session, string organization, string scanId, ProgressRecord progress, UnitStatus rest, List<RunningRecord> running)
    {
        var key = ScanItems.ProgressKey(organization, scanId, progress.AccountId, progress.Service);
        if (await session.FindAsync<ProgressRecord>(key) is not { Rest: > 0 } stored)
        {
            return;
        }

        var begun = running.Where(r => (r.AccountId, r.Service) == (progress.AccountId, progress.Service)).Select(r => r.Region).ToHashSet();
        await foreach (var item in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, ScanItems.InterruptedOf(organization, scanId))
            {
                Prefix = KeyText.Join(progress.AccountId, progress.Service, ""),
                Strong = true,
            },
            session.Cancel))
        {
            begun.Add(item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)[2]);
        }

        foreach (var region in begun)
        {
            var own = Documents.Key(ScanItems.UnitsOf(organization, scanId), KeyText.Join(progress.AccountId, region, progress.Service));
            if (await store.FindAsync<Unit>(own, session.Cancel) is { Status: UnitStatus.Running or UnitStatus.Pending } unit)
            {
                stored = stored.With(unit.Counters);
            }
        }

        await session.PutAsync(key, stored.EndRest(rest));
    }

    private async Task<(int Units, List<ItemKey> Rows)> CancelAccountAsync(
        WriteSession session, string organization, string scanId, string accountId, DateTimeOffset now)
    {
        var key = ScanItems.KeyOf(organization, scanId);
        if (await session.FindAsync<ScanRecord>(key) is not { } record || !record.IsOpen(accountId))
        {
            return (0, []);
        }

        var progress = await store.ListAsync<ProgressRecord>(
            new ItemQuery(StoreTables.State, ScanItems.ProgressOf(organization, scanId)) { Prefix = KeyText.Join(accountId, ""), Strong = true },
            session.Cancel);
        var units = progress.Sum(p => p.Rest);
        if (units == 0)
        {
            return (0, []);
        }

        var running = (await ScanItems.ListRunningAsync(store, session.Cancel))
            .Where(r => (r.Organization, r.ScanId, r.AccountId) == (organization, scanId, accountId)).ToList();
        foreach (var one in progress.Where(p => p.Rest > 0))
        {
            await EndRestAsync(session, organization, scanId, one, UnitStatus.Cancelled, running);
        }

        foreach (var one in running)
        {
            session.Remove(ScanItems.RunningKey(UnitOf(one)));
        }

        var remaining = record.Scan.RemainingUnits - units;
        var ended = units == record.Scan.TotalUnits ? ScanStatus.Cancelled : StatusOf(record.Scan.FailedUnits);
        return (units, await EndAsync(session, key, record with
        {
            CancelledAccounts = new Dictionary<string, DateTimeOffset>(record.CancelledAccounts) { [accountId] = now },
            Scan = record.Scan with
            {
                RemainingUnits = remaining,
                Status = remaining > 0 ? record.Scan.Status : ended,
                FinishedAt = remaining > 0 ? null : now,
            },
        }));
    }

    private static Unit UnitOf(RunningRecord running) => new()
    {
        Organization = running.Organization,
        ScanId = running.ScanId,
        Kind = running.Kind,
        AccountId = running.AccountId,
        Region = running.Region,
        Service = running.Service,
    };

    private static InvalidDataException Missing(Unit unit) => new($"Unit {unit.Place} has no scan.");
}
