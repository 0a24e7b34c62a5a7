using System.Text.Json;
using Microsoft.Extensions.Options;
using Qrie.Aws.Api;
using Qrie.Domain.Accounts;

namespace Qrie.Aws.Accounts;

/// <summary>Qrie's own access to AWS.</summary>
public sealed class AwsAccess(
    IAwsApi api, AmbientIdentityLookup ambient, PrincipalResolver principals, AwsRegion region, IOptions<AwsApiOptions> options) : IAwsAccess
{
    public async Task<AmbientAccount> FindAmbientAccountAsync(CancellationToken cancel)
    {
        var response = await ambient.GetAsync(cancel);
        return new AmbientAccount(response.Identity?.AccountId, response.Identity?.Arn, response.Problem?.Message);
    }

    public async Task<(IReadOnlyList<string>? Regions, string? ErrorCode)> FindRegionsAsync(Account account, CancellationToken cancel)
    {
        if (ChosenRegions(account) is { Count: > 0 } chosen)
        {
            return (chosen, null);
        }

        // Without AllRegions AWS returns enabled regions only; the emulator returns all, with their status.
        var principal = await principals.ResolveAsync(account, cancel);
        var response = await api.CallAsync(new AwsCall(principal, region.Name, "ec2", "DescribeRegions"), cancel);
        return response.Error is { } error
            ? (null, error.Code)
            : ([.. response.Content.GetProperty("Regions").EnumerateArray().Where(IsEnabled).Select(r => r.GetProperty("RegionName").GetString()!)], null);
    }

    public bool ReadsRegion(Account account, string region) => ChosenRegions(account) is not { Count: > 0 } chosen || chosen.Contains(region);

    private IReadOnlyList<string>? ChosenRegions(Account account) =>
        account.Regions ?? options.Value.Regions?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsEnabled(JsonElement region) => !(region.TryGetProperty("OptInStatus", out var status) && status.ValueEquals("not-opted-in"));
}
