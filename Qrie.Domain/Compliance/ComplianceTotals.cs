using System.Text.Json.Serialization;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>(Resource, policy) pairs by verdict.</summary>
/// <param name="OutOfScope">Pairs that the policy's scope leaves out: they do not count.</param>
/// <param name="Excepted">Pairs that fail but are held by an exception: neither passed nor failed.</param>
public sealed record PairCounts(
    long Passed, long Failed, long Unknown, long NotApplicable, long OutOfScope,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Excepted = 0)
{
    public static readonly PairCounts None = new(0, 0, 0, 0, 0);

    /// <summary>Pairs in scope.</summary>
    [JsonIgnore]
    public long InScope => Passed + Failed + Unknown + NotApplicable + Excepted;

    /// <summary>Pairs that count for scores.</summary>
    [JsonIgnore]
    public long Decided => Passed + Failed + Unknown;

    public static PairCounts operator +(PairCounts one, PairCounts other) => new(
        one.Passed + other.Passed, one.Failed + other.Failed, one.Unknown + other.Unknown, one.NotApplicable + other.NotApplicable,
        one.OutOfScope + other.OutOfScope, one.Excepted + other.Excepted);
}

/// <summary>What is known of a resource type.</summary>
/// <param name="Resources">Existing resources.</param>
/// <param name="Unread">Lists, each of one account and region, that were refused or incomplete the last time.</param>
/// <param name="Accounts">Accounts in which the type was listed at least once, whatever the outcome.</param>
public sealed record TypeTotals(long Resources, int Unread, int Accounts)
{
    public static readonly TypeTotals None = new(0, 0, 0);
}

/// <summary>The stored totals from which the state of every requirement follows, as of one moment. Removed accounts do not count.</summary>
public sealed record ComplianceTotals
{
    /// <summary>Policies that are not deleted, by id.</summary>
    public required IReadOnlyDictionary<string, LaunchedPolicy> Launched { get; init; }

    /// <summary>Of active policies, by id: verdicts of the current revision. Policies without any are missing.</summary>
    public required IReadOnlyDictionary<string, PairCounts> Policies { get; init; }

    /// <summary>By resource type; types that were never listed are missing. Accounts that do not watch the type's service do not count.</summary>
    public required IReadOnlyDictionary<string, TypeTotals> Types { get; init; }

    /// <summary>The number of accounts.</summary>
    public required int Accounts { get; init; }

    /// <summary>The services of those accounts that watch some only.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Restricted { get; init; }

    /// <summary>Accounts whose regions could not be determined, so that their regional resources are not known.</summary>
    public required int WithoutRegions { get; init; }

    /// <summary>Accounts with a configured region that no inventory has read yet.</summary>
    public required int WithNewRegions { get; init; }

    /// <summary>How many accounts watch a service.</summary>
    public int Watching(string service) => Accounts - Restricted.Count(services => !services.Contains(service));
}

/// <summary>The accounts to assess.</summary>
/// <param name="AccountIds">Null for all active accounts, or those of <paramref name="Ou"/>; inactive ones among them do not count.</param>
/// <param name="Ou">A unit, with those below it: a path with a leading slash and without a trailing one. Null for all; used without ids only.</param>
public sealed record AccountSelection(IReadOnlyList<string>? AccountIds, string? Ou = null)
{
    public static readonly AccountSelection All = new((IReadOnlyList<string>?)null);

    public static AccountSelection InOu(string path) => new(null, path);
}
