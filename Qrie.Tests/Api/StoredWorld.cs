using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Api;

/// <summary>Writes to the store of a running service directly.</summary>
internal static class StoredWorld
{
    public const string Account = "123456789012";

    public static async Task WriteAsync(this RunningQrie qrie, params CollectedResource[] resources) =>
        await qrie.Services.GetRequiredService<IResourceStore>().WriteAsync(Organizations.Default, resources, Some.At(1), CancellationToken.None);

    public static async Task DeleteAsync(this RunningQrie qrie, string bucket, double at) =>
        await qrie.Services.GetRequiredService<IResourceStore>()
            .DeleteAsync(Organizations.Default, [Some.Deletion(bucket, at, Account)], Some.At(at), CancellationToken.None);

    public static async Task EvaluateAsync(this RunningQrie qrie, CollectedResource resource, params EvaluatedPolicy[] policies) =>
        await qrie.EvaluateAsync([resource], policies);

    public static async Task EvaluateAsync(this RunningQrie qrie, IEnumerable<CollectedResource> resources, params EvaluatedPolicy[] policies) =>
        (await qrie.Services.GetRequiredService<IFindingStore>().ApplyAsync(
            Organizations.Default, [.. resources.Select(r => Some.Evaluated(r, policies))], "scan-1", CancellationToken.None)).Outcomes
            .ShouldAllBe(o => o == ApplyOutcome.Applied);

    /// <summary>Without the scan that a launch over HTTP starts.</summary>
    public static async Task LaunchQuietlyAsync(this RunningQrie qrie, string policyId, PolicyScope? scope = null) =>
        (await qrie.Services.GetRequiredService<IPolicyStore>().LaunchAsync(
            Some.Policy(policyId) with { Scope = scope ?? PolicyScope.Everything }, CancellationToken.None)).ShouldNotBeNull();

    public static CollectedResource Bucket(string name, double at = 0, string? configuration = null, params (string Key, string Value)[] tags) =>
        Some.Bucket(name, at, configuration ?? $$"""{"Name":"bucket"}""", account: Account) with { Tags = tags.ToDictionary(t => t.Key, t => t.Value) };
}
