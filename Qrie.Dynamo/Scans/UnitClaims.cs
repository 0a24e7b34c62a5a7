using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Scans;

/// <summary>
/// Claims, renews and releases units. The unit's own item decides; the queue says where to look. Claims of one account follow one another because each writes
/// the account's slots: what a claim has found running there is still so when it is written.
/// </summary>
internal sealed class UnitClaims(DynamoStore store)
{
    private const int LookAtOnce = 100;

    public async Task<Unit?> ClaimNextAsync(
        string owner, DateTimeOffset now, TimeSpan lease, int perAccount, ScanKind? only, CancellationToken cancel)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        while (await NextAsync(now, perAccount, only, refused, cancel) is { } turn)
        {
            if (await store.WriteAsync(session => ClaimAsync(session, turn, owner, now, lease, perAccount), cancel) is { } unit)
            {
                return unit;
            }

            refused.Add(turn); // another worker has it, or it has ended
        }

        return null;
    }

    public Task<bool> RenewAsync(Unit unit, UnitResult soFar, DateTimeOffset now, TimeSpan lease, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await HeldAsync(session, unit) is not { } held)
                {
                    return false;
                }

                if (held.LeaseUntil < now)
                {
                    // It may be renewed as long as no other worker runs the same account, region and service.
                    await TouchSlotsAsync(session, unit.Organization, unit.AccountId);
                    if ((await ScanItems.ListRunningAsync(store, session.Cancel)).Exists(r => r.IsAt(unit) && !r.IsOf(unit) && r.LeaseUntil >= now))
                    {
                        return false;
                    }
                }

                var renewed = held with { LeaseUntil = now + lease, Counters = soFar.Counters, Calls = soFar.Calls };
                await session.PutAsync(ScanItems.UnitKey(unit), renewed);
                if (await session.FindAsync<RunningRecord>(ScanItems.RunningKey(unit)) is { } running)
                {
                    await session.PutAsync(ScanItems.RunningKey(unit), running with { LeaseUntil = now + lease });
                }

                session.Overwrite(ScanItems.HeartbeatKey(unit.Organization, unit.ScanId), ScanItems.Heartbeat(now));
                return true;
            },
            cancel);

    public Task ReleaseAsync(Unit unit, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                if (await HeldAsync(session, unit) is { } held)
                {
                    await FreeAsync(session, held with { Attempts = held.Attempts - 1 });
                }
            },
            cancel);

    /// <summary>Makes units pending again whose lease expired, or is longer than any can be. Returns how many.</summary>
    public async Task<int> FreeExpiredAsync(DateTimeOffset now, DateTimeOffset farAhead, CancellationToken cancel)
    {
        var freed = 0;
        foreach (var running in (await ScanItems.ListRunningAsync(store, cancel)).Where(r => r.LeaseUntil < now || r.LeaseUntil > farAhead))
        {
            freed += await store.WriteAsync(
                async session =>
                {
                    var key = ScanItems.UnitKeyOf(running.Turn);
                    if (await session.FindAsync<Unit>(key) is not { Status: UnitStatus.Running } unit)
                    {
                        return 0;
                    }

                    var record = await session.FindAsync<ScanRecord>(ScanItems.KeyOf(unit.Organization, unit.ScanId));
                    if (record?.IsOpen(unit.AccountId) != true)
                    {
                        await session.DeleteAsync(ScanItems.RunningKey(unit));
                        return 0;
                    }

                    if (!(unit.LeaseUntil < now) && !(unit.LeaseUntil > farAhead))
                    {
                        return 0; // it was renewed
                    }

                    await FreeAsync(session, unit with { Epoch = unit.Epoch + 1 });
                    return 1;
                },
                cancel);
        }

        return freed;
    }

    /// <summary>The unit as it is, if this claim still holds it.</summary>
    public static async Task<Unit?> HeldAsync(WriteSession session, Unit unit)
    {
        var scan = ScanItems.KeyOf(unit.Organization, unit.ScanId);
        await session.LoadAsync([ScanItems.UnitKey(unit), scan, ScanItems.RunningKey(unit)]);
        if (await session.FindAsync<ScanRecord>(scan) is not { } record || !record.IsOpen(unit.AccountId))
        {
            return null;
        }

        // A scan that ends in between ends its units: it must not.
        session.Require(scan);
        return await session.FindAsync<Unit>(ScanItems.UnitKey(unit)) is { Status: UnitStatus.Running } held && held.Epoch == unit.Epoch ? held : null;
    }

    /// <summary>Another claim of the account that is being written now fails, or makes this one fail.</summary>
    private static async Task TouchSlotsAsync(WriteSession session, string organization, string accountId)
    {
        var key = ScanItems.SlotsKey(organization, accountId);
        await session.GetAsync(key);
        session.Put(key, new Item());
    }

    private static async Task FreeAsync(WriteSession session, Unit unit)
    {
        var running = await session.FindAsync<RunningRecord>(ScanItems.RunningKey(unit));
        await session.PutAsync(ScanItems.UnitKey(unit), unit with { Status = UnitStatus.Pending, Owner = null, LeaseUntil = null });
        await session.DeleteAsync(ScanItems.RunningKey(unit));
        if (unit.Counters.Values.Count > 0)
        {
            session.Overwrite(ScanItems.InterruptedKey(unit), new Item());
        }

        if (running is not null)
        {
            session.Overwrite(ScanItems.QueueKey(running.Turn), ScanItems.QueueItem(null)); // it was claimed: what it waited for has ended
        }
    }

    /// <summary>The first place of the queue whose unit may be claimed, or of a running unit whose lease has expired.</summary>
    private async Task<string?> NextAsync(DateTimeOffset now, int perAccount, ScanKind? only, HashSet<string> refused, CancellationToken cancel)
    {
        var running = await ScanItems.ListRunningAsync(store, cancel);
        var living = running.Where(r => r.LeaseUntil >= now).ToList();
        var expired = running.Where(r => r.LeaseUntil < now && !refused.Contains(r.Turn) && IsFree(r.Turn, living, perAccount, only))
            .Select(r => r.Turn).Order(StringComparer.Ordinal).FirstOrDefault();
        var ended = new Dictionary<(string Organization, string ScanId), bool>();
        await foreach (var item in store.Calls.QueryAllAsync(
            new ItemQuery(StoreTables.State, ScanItems.Queue) { To = expired, Strong = true, Limit = LookAtOnce }, cancel))
        {
            var turn = item.RequiredText(StoreTables.State.Range!);
            if (!refused.Contains(turn) && IsFree(turn, living, perAccount, only) && await MayBeginAsync(item, turn, ended, cancel))
            {
                return turn;
            }
        }

        return expired;
    }

    private static bool IsFree(string turn, List<RunningRecord> living, int perAccount, ScanKind? only)
    {
        var (account, kind) = (ScanItems.AccountOf(turn), ScanItems.KindOf(turn));
        return (only is null || Json.Name(only.Value) == kind)
            && living.Count(r => (r.Organization, r.AccountId) == account && Json.Name(r.Kind) == kind) < perAccount
            && !living.Exists(r => ScanItems.IsAt(r, turn));
    }

    private async Task<bool> MayBeginAsync(
        Item queued, string turn, Dictionary<(string Organization, string ScanId), bool> ended, CancellationToken cancel)
    {
        if (queued.Text(ScanItems.After) is not { } after)
        {
            return true;
        }

        var key = (ScanItems.AccountOf(turn).Organization, after);
        if (!ended.TryGetValue(key, out var has))
        {
            has = (await store.FindAsync<ScanRecord>(ScanItems.KeyOf(key.Organization, after), cancel))?.Scan.FinishedAt is not null;
            ended[key] = has;
        }

        return has;
    }

    private async Task<Unit?> ClaimAsync(WriteSession session, string turn, string owner, DateTimeOffset now, TimeSpan lease, int perAccount)
    {
        var (organization, accountId) = ScanItems.AccountOf(turn);
        await TouchSlotsAsync(session, organization, accountId);
        if (await session.FindAsync<Unit>(ScanItems.UnitKeyOf(turn)) is not { } unit
            || await session.FindAsync<ScanRecord>(ScanItems.KeyOf(organization, unit.ScanId)) is not { } record)
        {
            session.Remove(ScanItems.QueueKey(turn));
            return null;
        }

        var scan = ScanItems.KeyOf(organization, unit.ScanId);
        if (!record.IsOpen(accountId) || unit.Status is not (UnitStatus.Pending or UnitStatus.Running))
        {
            await session.DeleteAsync(ScanItems.RunningKey(unit));
            session.Remove(ScanItems.QueueKey(turn));
            return null;
        }

        // After the slots were read: another claim of this account since then makes this one begin again.
        var here = (await ScanItems.ListRunningAsync(store, session.Cancel))
            .Where(r => r.Organization == organization && r.AccountId == accountId && r.Kind == unit.Kind && r.LeaseUntil >= now).ToList();
        if (here.Count >= perAccount || here.Exists(r => r.IsAt(unit)) || (unit.Status == UnitStatus.Running && unit.LeaseUntil >= now))
        {
            return null;
        }

        var claimed = unit with
        {
            Status = UnitStatus.Running,
            Owner = owner,
            LeaseUntil = now + lease,
            Epoch = unit.Epoch + 1,
            Attempts = unit.Attempts + 1,
            StartedAt = unit.StartedAt ?? now,
        };
        await session.PutAsync(ScanItems.UnitKey(unit), claimed);
        await session.PutAsync(
            ScanItems.RunningKey(unit),
            new RunningRecord(organization, unit.ScanId, unit.Kind, accountId, unit.Region, unit.Service, now + lease, turn));
        session.Remove(ScanItems.QueueKey(turn));
        session.Overwrite(ScanItems.HeartbeatKey(organization, unit.ScanId), ScanItems.Heartbeat(now));
        if (record.Scan.StartedAt is null || record.Scan.Status != ScanStatus.Running)
        {
            await session.PutAsync(scan, record with { Scan = record.Scan with { Status = ScanStatus.Running, StartedAt = record.Scan.StartedAt ?? now } });
        }
        else
        {
            session.Require(scan);
        }

        return claimed;
    }
}
