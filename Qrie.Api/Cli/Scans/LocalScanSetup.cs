using System.Text.Json;
using Qrie.Aws.Api.Redaction;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Discovery;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Policies;

namespace Qrie.Api.Cli.Scans;

/// <summary>Prepares the store of a local scan: accounts and policies.</summary>
internal sealed class LocalScanSetup(
    IInstallation installation, RedactionKey redaction, OrganizationRegistry organizations, IAwsAccess access, IOrganizationReader members,
    IAccountStore accounts, IPolicyStore policies, FrameworkLaunch frameworks, ICatalog catalog, TimeProvider clock)
{
    /// <summary>Returns the accounts.</summary>
    /// <exception cref="NotScannedException">There are no credentials, or no account.</exception>
    public async Task<IReadOnlyList<string>> PrepareAsync(LocalScanRequest request, CancellationToken cancel)
    {
        await installation.PrepareAsync(cancel);
        redaction.Set(await installation.SecretAsync("redaction", cancel));
        await organizations.EnsureDefaultAsync(cancel);
        var chosen = await ChooseAsync(request, cancel);
        foreach (var account in chosen)
        {
            await accounts.AddAsync(account with { Regions = request.Regions.Count > 0 ? request.Regions : null }, cancel);
        }

        await LaunchAsync(request, cancel);
        return [.. chosen.Select(a => a.AccountId)];
    }

    private async Task<IReadOnlyList<Account>> ChooseAsync(LocalScanRequest request, CancellationToken cancel)
    {
        var ambient = await access.FindAmbientAccountAsync(cancel);
        if (ambient.AccountId is not { } own)
        {
            throw new NotScannedException(ambient.Problem!);
        }

        if (!request.Organization)
        {
            return [.. (request.Accounts.Count > 0 ? request.Accounts : [own]).Select(NewAccount)];
        }

        var read = await members.ReadAsync(cancel);
        if (read.Members is not { } organization)
        {
            throw new NotScannedException($"The AWS organization could not be read: {read.Problem!.Message} {read.Problem.Remedy}");
        }

        var active = organization.Accounts.Where(m => m.IsActive).ToDictionary(m => m.AccountId);
        List<string> foreign = [.. request.Accounts.Where(a => !active.ContainsKey(a))];
        return foreign.Count > 0
            ? throw new NotScannedException(
                $"--accounts: {string.Join(", ", foreign)} {(foreign.Count == 1 ? "is" : "are")} not active in the organization {organization.OrganizationId}.")
            : [.. (request.Accounts.Count > 0 ? request.Accounts : [.. active.Keys]).Select(id => NewAccount(id) with
            {
                Name = active[id].Name,
                Ou = active[id].Ou,
                Tags = active[id].Tags,
                MemberOf = organization.OrganizationId,
            })];
    }

    private Account NewAccount(string accountId) =>
        new() { Organization = Organizations.Default, AccountId = accountId, CreatedAt = clock.GetUtcNow(), UpdatedAt = clock.GetUtcNow() };

    /// <summary>Activates the chosen policies. Their evaluation waits for the inventory.</summary>
    private async Task LaunchAsync(LocalScanRequest request, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var demanded = request.Framework is { } framework
            ? (await frameworks.PlanAsync(new FrameworkLaunchRequest(Organizations.Default, framework, null, null, false), cancel))
                .Launch.ToDictionary(p => p.PolicyId, p => p.Params)
            : [];
        foreach (var policy in snapshot.Policies.Where(p => request.Chooses(p, snapshot)))
        {
            await policies.LaunchAsync(
                new LaunchedPolicy
                {
                    Organization = Organizations.Default,
                    PolicyId = policy.Id,
                    Status = PolicyStatus.Active,
                    Params = demanded.GetValueOrDefault(policy.Id) ?? new Dictionary<string, JsonElement>(),
                    CreatedAt = clock.GetUtcNow(),
                    UpdatedAt = clock.GetUtcNow(),
                },
                cancel);
        }
    }
}
