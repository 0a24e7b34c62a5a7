using Qrie.Domain.Accounts;

namespace Qrie.Domain.Events;

/// <summary>
/// The accounts and regions by which events are counted. Messages may contain any, and each pair adds rows to the store every day, so their number is limited:
/// further ones are counted without a name.
/// </summary>
internal sealed class EventPlaces
{
    /// <summary>Accounts that are not registered.</summary>
    private const int MaxUnregistered = 1000;

    /// <summary>Regions per account; AWS has about forty.</summary>
    private const int MostRegions = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Organization, string AccountId), HashSet<string>> _regions = [];
    private int _unregistered;

    /// <summary>The account and region to count a record by; empty if it is counted without a name.</summary>
    /// <param name="account">Null if it is not registered.</param>
    public (string AccountId, string Region) Of(Account? account, CloudTrailRecord record)
    {
        lock (_lock)
        {
            var key = (account?.Organization ?? "", record.AccountId);
            if (!_regions.TryGetValue(key, out var regions))
            {
                if (account is null && _unregistered++ >= MaxUnregistered)
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
