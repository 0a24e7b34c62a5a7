using Qrie.Domain.Accounts;

namespace Qrie.Tests.Support;

/// <summary>The regions of the two accounts; for other accounts the call is denied.</summary>
public sealed class KnownRegions : IAwsAccess
{
    public Dictionary<string, IReadOnlyList<string>> Regions { get; } = new()
    {
        [Some.AccountId] = ["us-east-1", "eu-west-1"],
        [Some.OtherAccountId] = ["eu-west-1"],
    };

    public Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel) => Task.FromResult(new AmbientAccount(Some.AccountId, null, null));

    public bool ReadsRegion(Account account, string region) => !Regions.TryGetValue(account.AccountId, out var regions) || regions.Contains(region);

    public Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel) =>
        Task.FromResult(Regions.TryGetValue(account.AccountId, out var regions) ? (regions, null) : ((IReadOnlyList<string>?)null, (string?)"AccessDenied"));
}
