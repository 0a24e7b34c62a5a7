namespace Qrie.Domain.Accounts.Discovery;

/// <summary>The result of a discovery.</summary>
/// <param name="OrganizationId">Null if it could not be read.</param>
/// <param name="ManagementAccountId">Null if it could not be read.</param>
/// <param name="Seen">Members, including closed ones.</param>
/// <param name="Added">Accounts that became active.</param>
/// <param name="Pending">Accounts that wait for confirmation.</param>
/// <param name="Moved">Accounts whose organizational unit or tags changed.</param>
/// <param name="Removed">Accounts that left or were closed.</param>
/// <param name="NotRemoved">Accounts that seem to have left, but too many at once.</param>
/// <param name="Elsewhere">Accounts that are active in another Qrie organization.</param>
/// <param name="Problems">What could not be read; nothing was changed based on it.</param>
/// <param name="ScanId">The policy scan of moved accounts; null if there are none or no policy is active.</param>
public sealed record DiscoveryReport(
    DateTimeOffset At, string? OrganizationId, string? ManagementAccountId, int Seen,
    IReadOnlyList<string> Added, IReadOnlyList<string> Pending, IReadOnlyList<string> Moved,
    IReadOnlyList<string> Removed, IReadOnlyList<string> NotRemoved, IReadOnlyList<string> Elsewhere, IReadOnlyList<DiscoveryProblem> Problems, string? ScanId)
{
    public static DiscoveryReport Failed(DateTimeOffset at, DiscoveryProblem problem) => new(at, null, null, 0, [], [], [], [], [], [], [problem], null);
}
