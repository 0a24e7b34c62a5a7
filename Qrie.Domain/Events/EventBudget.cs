using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Work;

namespace Qrie.Domain.Events;

/// <summary>
/// Limits the reads of each account caused by events in a clock hour. A sender with access to the queue can send any number of invented names, each of which
/// costs calls to AWS. Beyond the limit, single resources are not read any more; their units are read as a whole at longer intervals, so that nothing is
/// missed. Each replica has its share of the limits.
/// </summary>
public sealed partial class EventBudget(EventSettings settings, IReplicas replicas, TimeProvider clock, ILogger<EventBudget> logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Organization, string AccountId), EventReads> _used = [];
    private DateTimeOffset _hour;

    /// <summary>When the limits are reset.</summary>
    public DateTimeOffset NextHour => HourOf(clock.GetUtcNow()).AddHours(1);

    /// <summary>Counts a resource. False if the limit of this hour is reached.</summary>
    public bool TryTakeResource(Account account) => TryTake(account.Organization, account.AccountId, new EventReads(1, 0));

    /// <summary>Counts a whole unit. False if the limit of this hour is reached.</summary>
    public bool TryTakeUnit(string organization, string accountId) => TryTake(organization, accountId, new EventReads(0, 1));

    /// <summary>The reads in this hour, by account.</summary>
    public IReadOnlyList<(string AccountId, EventReads Reads)> Used(string organization)
    {
        lock (_lock)
        {
            Begin();
            return [.. _used.Where(u => u.Key.Organization == organization).Select(u => (u.Key.AccountId, u.Value)).OrderBy(u => u.AccountId)];
        }
    }

    private bool TryTake(string organization, string accountId, EventReads more)
    {
        var (resources, units) = (Share(settings.ReadsPerHour), Share(settings.UnitReadsPerHour));
        EventReads used;
        lock (_lock)
        {
            Begin();
            used = _used.GetValueOrDefault((organization, accountId)) ?? new EventReads(0, 0);
            if (used.Resources + more.Resources <= resources && used.Units + more.Units <= units)
            {
                _used[(organization, accountId)] = used with { Resources = used.Resources + more.Resources, Units = used.Units + more.Units };
                return true;
            }

            _used[(organization, accountId)] = used with { IsExhausted = true };
        }

        if (!used.IsExhausted)
        {
            Log.Exhausted(logger, accountId, resources, units, NextHour);
        }

        return false;
    }

    /// <summary>At least one, so that nothing waits forever.</summary>
    private int Share(int limit) => Math.Max(1, limit / replicas.Living);

    private void Begin()
    {
        if (HourOf(clock.GetUtcNow()) is var hour && hour != _hour)
        {
            _used.Clear();
            _hour = hour;
        }
    }

    private static DateTimeOffset HourOf(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerHour), time.Offset);

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning,
            "Events of account {AccountId} require more than {Resources} resources or {Units} units in an hour; the rest waits until {Until}")]
        public static partial void Exhausted(ILogger logger, string accountId, int resources, int units, DateTimeOffset until);
    }
}

/// <summary>The reads of an account caused by events in a clock hour.</summary>
/// <param name="Resources">Single resources, with several calls each.</param>
/// <param name="Units">Units (account, region and service) as a whole.</param>
public sealed record EventReads(int Resources, int Units)
{
    /// <summary>Whether the limit was exceeded.</summary>
    public bool IsExhausted { get; init; }
}
