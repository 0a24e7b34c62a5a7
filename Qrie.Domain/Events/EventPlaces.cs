using Qrie.Domain.Accounts;

namespace Qrie.Domain.Events;

/// <summary>
/// The accounts and regions that events are counted by. Messages may name any, and each pair is rows in the store every day, so their number is bounded: what
/// comes beyond is counted without its name.
/// </summary>
internal sealed class EventPlaces
{
    /// <summary>Accounts that are not registered.</summary>
    private const int MostStrangers = 1000;

    /// <summary>Of one account; AWS has some forty.</summary>
    private const int MostRegions = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Organization, string AccountId), HashSet<string>> _regions = [];
    private int _strangers;

    /// <summary>How the place of a record is counted; an empty account or region: without its name.</summary>
    /// <param name="account">Null: it is not registered.</param>
    public (string AccountId, string Region) Of(Account? account, CloudTrailRecord record)
    {
        lock (_lock)
        {
            var key = (account?.Organization ?? "", record.AccountId);
            if (!_regions.TryGetValue(key, out var regions))
            {
                if (account is null && _strangers++ >= MostStrangers)
                {
                    return ("", "");
                }

                _regions[key] = regions = [];
            }

            return regions.Contains(record.Region) || (regions.Count < MostRegions && regions.Add(record.Region))
                ? (record.AccountId, record.Region)
                : (record.AccountId, "");
        }
    }
}
