using Qrie.Domain.Policies;
using Qrie.Dynamo.Client;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Policies;

/// <summary>The policies of an organization are one partition, read with one query; the table of the original system has a copy of each.</summary>
internal sealed class DynamoPolicyStore(DynamoStore store) : IPolicyStore
{
    public Task<LaunchedPolicy?> LaunchAsync(LaunchedPolicy policy, CancellationToken cancel) =>
        ChangeAsync(
            policy.Organization, policy.PolicyId,
            stored => stored is { Status: PolicyStatus.Active }
                ? null
                : policy with { Status = PolicyStatus.Active, Revision = (stored?.Revision ?? 0) + 1, RevisedAt = policy.UpdatedAt },
            cancel);

    public Task<LaunchedPolicy?> SetStatusAsync(
        string organization, string policyId, PolicyStatus status, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(
            organization, policyId,
            stored => stored is null or { Status: PolicyStatus.Deleted }
                ? null
                : stored with { Status = status, Revision = stored.Revision + 1, UpdatedAt = now, RevisedAt = now },
            cancel);

    public Task<LaunchedPolicy?> UpdateAsync(string organization, string policyId, PolicyChange change, DateTimeOffset now, CancellationToken cancel) =>
        ChangeAsync(
            organization, policyId,
            stored => stored is null or { Status: PolicyStatus.Deleted }
                ? null
                : stored with
                {
                    Scope = change.Scope ?? stored.Scope,
                    Severity = change.Severity ?? stored.Severity,
                    Params = change.Params ?? stored.Params,
                    Remediation = change.Remediation ?? stored.Remediation,
                    Revision = stored.Revision + (change.ChangesVerdicts ? 1 : 0),
                    UpdatedAt = now,
                    RevisedAt = change.ChangesVerdicts ? now : stored.RevisedAt,
                },
            cancel);

    public async Task<LaunchedPolicy?> FindAsync(string organization, string policyId, CancellationToken cancel) =>
        await store.FindAsync<LaunchedPolicy>(KeyOf(organization, policyId), cancel) is { Status: not PolicyStatus.Deleted } policy ? policy : null;

    public async Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, CancellationToken cancel) =>
        [.. (await AllAsync(organization, cancel)).Where(policy => policy.Status != PolicyStatus.Deleted)];

    public async Task<IReadOnlyList<LaunchedPolicy>> ListAsync(string organization, IEnumerable<string> policyIds, CancellationToken cancel)
    {
        var wanted = policyIds.ToHashSet(StringComparer.Ordinal);
        return [.. (await ListAsync(organization, cancel)).Where(policy => wanted.Contains(policy.PolicyId))];
    }

    /// <summary>The revisions for which verdicts may be written, as they are now.</summary>
    internal async Task<IReadOnlyDictionary<string, long>> ActiveRevisionsAsync(string organization, CancellationToken cancel) =>
        (await AllAsync(organization, cancel)).Where(policy => policy.Status == PolicyStatus.Active)
        .ToDictionary(policy => policy.PolicyId, policy => policy.Revision, StringComparer.Ordinal);

    private Task<List<LaunchedPolicy>> AllAsync(string organization, CancellationToken cancel) =>
        store.ListAsync<LaunchedPolicy>(new ItemQuery(StoreTables.State, PartitionOf(organization)) { Strong = true }, cancel);

    private Task<LaunchedPolicy?> ChangeAsync(
        string organization, string policyId, Func<LaunchedPolicy?, LaunchedPolicy?> change, CancellationToken cancel) =>
        store.WriteAsync(
            async session =>
            {
                var changed = change(await session.FindAsync<LaunchedPolicy>(KeyOf(organization, policyId)));
                if (changed is not null)
                {
                    await SaveAsync(session, changed);
                }

                return changed;
            },
            cancel);

    /// <summary>Stores a policy that was read in the session.</summary>
    internal static async Task SaveAsync(WriteSession session, LaunchedPolicy policy)
    {
        await session.PutAsync(KeyOf(policy.Organization, policy.PolicyId), policy);
        session.Overwrite(ItemKey.Of(StoreTables.Policies, KeyText.Scoped(policy.Organization, policy.PolicyId)), CopyOf(policy));
    }

    private static Item CopyOf(LaunchedPolicy policy) => new Item()
        .Set("Status", Json.Name(policy.Status))
        .Set("Scope", Json.Of(policy.Scope))
        .Set("Severity", policy.Severity)
        .Set("Remediation", policy.Remediation)
        .Set("Revision", policy.Revision)
        .Set("CreatedAt", Iso(policy.CreatedAt))
        .Set("UpdatedAt", Iso(policy.UpdatedAt));

    private static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

    internal static string PartitionOf(string organization) => KeyText.Join("policies", organization);

    private static ItemKey KeyOf(string organization, string policyId) => Documents.Key(PartitionOf(organization), policyId);
}
