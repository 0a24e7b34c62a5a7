using Qrie.Domain.Scans;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Scans;

/// <summary>The items of scans and units.</summary>
internal static class ScanItems
{
    /// <summary>Units that wait, in the order in which they are claimed.</summary>
    public const string Queue = "queue";

    /// <summary>Units that run, few.</summary>
    public const string Running = "running";

    /// <summary>Scans that have not ended, few.</summary>
    public const string Unfinished = "unfinished";

    /// <summary>In the queue: the scan that must end before.</summary>
    public const string After = "AfterScan";

    public const string At = "At";
    private const string ScanId = "ScanId";

    public static ItemKey KeyOf(string organization, string scanId) => Documents.Key(KeyText.Join("scan", organization, scanId), "scan");

    /// <summary>The last sign of life; apart from the scan, because it is written often and by all.</summary>
    public static ItemKey HeartbeatKey(string organization, string scanId) => Documents.Key(KeyText.Join("scan", organization, scanId), "heartbeat");

    public static string ListOf(string organization) => KeyText.Join("scans", organization);

    public static string SortOf(DateTimeOffset createdAt, string scanId) => KeyText.Join(KeyText.Descending(createdAt), scanId);

    public static ItemKey ListKey(Scan scan) => Documents.Key(ListOf(scan.Organization), SortOf(scan.CreatedAt, scan.ScanId));

    public static ItemKey UnfinishedKey(Scan scan) => Documents.Key(Unfinished, KeyText.Join(scan.Organization, scan.ScanId));

    public static string ScheduledOf(string organization, ScanKind kind) => KeyText.Join("scheduled", organization, Json.Name(kind));

    public static ItemKey ScheduledKey(string organization, ScanKind kind, DateTimeOffset scheduled) =>
        Documents.Key(ScheduledOf(organization, kind), KeyText.Of(scheduled));

    /// <summary>The last complete scan of a kind.</summary>
    public static ItemKey FullKey(string organization, ScanKind kind) => Documents.Key(KeyText.Join("full-scans", organization), Json.Name(kind));

    public static Item FullItem(string scanId) => new Item().Set(ScanId, scanId);

    /// <summary>The id of the last complete scan.</summary>
    public static string? FullOf(Item full) => full.Text(ScanId);

    public static string UnitsOf(string organization, string scanId) => KeyText.Join("units", organization, scanId);

    public static ItemKey UnitKey(Unit unit) =>
        Documents.Key(UnitsOf(unit.Organization, unit.ScanId), KeyText.Join(unit.AccountId, unit.Region, unit.Service));

    public static string ProgressOf(string organization, string scanId) => KeyText.Join("progress", organization, scanId);

    public static ItemKey ProgressKey(string organization, string scanId, string accountId, string service) =>
        Documents.Key(ProgressOf(organization, scanId), KeyText.Join(accountId, service));

    /// <summary>Units that lost their worker: what they had done counts if their scan ends before they are run again.</summary>
    public static string InterruptedOf(string organization, string scanId) => KeyText.Join("interrupted", organization, scanId);

    public static ItemKey InterruptedKey(Unit unit) =>
        Documents.Key(InterruptedOf(unit.Organization, unit.ScanId), KeyText.Join(unit.AccountId, unit.Service, unit.Region));

    public static string CallsOf(string organization, string scanId) => KeyText.Join("scan-calls", organization, scanId);

    public static string DenialsOf(string organization, string scanId) => KeyText.Join("scan-denials", organization, scanId);

    /// <summary>What serializes the claims of an account.</summary>
    public static ItemKey SlotsKey(string organization, string accountId) => Documents.Key(KeyText.Join("slots", organization), accountId);

    public static ItemKey RunningKey(Unit unit) => Documents.Key(
        Running, KeyText.Join(unit.Organization, unit.AccountId, Json.Name(unit.Kind), unit.Region, unit.Service, unit.ScanId));

    /// <summary>The place of a unit in the queue: manual scans first, then older ones, accounts in turn.</summary>
    public static string TurnOf(Scan scan, Unit unit, int turn) => TurnOf(PriorityOf(scan), scan.CreatedAt, unit, turn);

    /// <param name="createdAt">When the unit's scan was created.</param>
    public static string TurnOf(long priority, DateTimeOffset createdAt, Unit unit, long turn) => KeyText.Join(
        TextOf(priority), KeyText.Of(createdAt), KeyText.Of(turn), unit.Organization, unit.ScanId,
        unit.AccountId, unit.Region, unit.Service, Json.Name(unit.Kind));

    /// <summary>Between which the places of a scan's units are; others may be there too.</summary>
    public static (string From, string To) TurnsOf(Scan scan)
    {
        var begin = KeyText.Join(TextOf(PriorityOf(scan)), KeyText.Of(scan.CreatedAt));
        return (begin, begin + "~");
    }

    /// <summary>0 for what comes first.</summary>
    public static int PriorityOf(Scan scan) => scan.ScanType == Domain.Work.ScanType.Bootstrap ? 0 : 1;

    /// <summary>The turn of a unit in its account.</summary>
    public static long TurnNumberOf(string turn) => long.Parse(turn.Split(KeyText.Separator)[2], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Whether a place is one of a scan's.</summary>
    public static bool IsOf(Scan scan, string turn)
    {
        var parts = turn.Split(KeyText.Separator);
        return (parts[3], parts[4]) == (scan.Organization, scan.ScanId);
    }

    public static ItemKey QueueKey(string turn) => Documents.Key(Queue, turn);

    /// <summary>Which unit waits at a place of the queue.</summary>
    public static ItemKey UnitKeyOf(string turn)
    {
        var parts = turn.Split(KeyText.Separator);
        return Documents.Key(UnitsOf(parts[3], parts[4]), KeyText.Join(parts[5], parts[6], parts[7]));
    }

    public static (string Organization, string AccountId) AccountOf(string turn)
    {
        var parts = turn.Split(KeyText.Separator);
        return (parts[3], parts[5]);
    }

    /// <summary>The kind of the unit at a place of the queue, as it is stored.</summary>
    public static string KindOf(string turn) => turn.Split(KeyText.Separator)[8];

    /// <summary>Whether a running unit would read the same as the one at a place of the queue.</summary>
    public static bool IsAt(RunningRecord running, string turn)
    {
        var parts = turn.Split(KeyText.Separator);
        return (running.Organization, running.AccountId, running.Region, running.Service, Json.Name(running.Kind))
            == (parts[3], parts[5], parts[6], parts[7], parts[8]);
    }

    public static Item QueueItem(string? afterScan) => new Item().Set(After, afterScan);

    public static Item Heartbeat(DateTimeOffset at) => new Item().Set(At, at);

    public static Task<List<RunningRecord>> ListRunningAsync(DynamoStore store, CancellationToken cancel) =>
        store.ListAsync<RunningRecord>(new ItemQuery(StoreTables.State, Running) { Strong = true }, cancel);

    /// <summary>The ids of unfinished scans.</summary>
    public static async Task<List<(string Organization, string ScanId)>> ListUnfinishedAsync(
        DynamoStore store, string? organization, CancellationToken cancel)
    {
        var items = await store.ListAsync(
            new ItemQuery(StoreTables.State, Unfinished) { Prefix = organization is null ? null : KeyText.Join(organization, ""), Strong = true }, cancel);
        return
        [
            .. items.Select(item => item.RequiredText(StoreTables.State.Range!).Split(KeyText.Separator)).Select(parts => (parts[0], parts[1])),
        ];
    }

    /// <summary>A row of the list of scans, with what it is searched by.</summary>
    public static Item ListItem(Scan scan) =>
        new Item().Set(ScanId, scan.ScanId).Set("Kind", Json.Name(scan.Kind)).Set("Filter", Json.Of(scan.Filter)).Set("CreatedAt", scan.CreatedAt);

    public static string ScanIdOf(Item listed) => listed.RequiredText(ScanId);

    private static string TextOf(long priority) => priority.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
