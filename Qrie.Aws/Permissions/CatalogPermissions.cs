using System.Runtime.CompilerServices;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;

namespace Qrie.Aws.Permissions;

/// <summary>The IAM actions that the role in an account needs to read the catalog's types, or to evaluate a policy.</summary>
/// <param name="models">The models of AWS's services.</param>
/// <param name="actions">Actions that are not named like their calls.</param>
/// <param name="managed">Policies that AWS manages for auditors, to compare with; null for none.</param>
public sealed class CatalogPermissions(ModelCatalog models, IamActionsFile actions, IReadOnlyList<ManagedPolicy>? managed = null)
{
    /// <summary>The action for reading the enabled regions, which is not part of the catalog.</summary>
    public static readonly ServiceOperation FindRegions = new("ec2", "DescribeRegions");

    private readonly ConditionalWeakTable<ResourceCatalog, Dictionary<string, IReadOnlyList<ServiceOperation>>> _policies = [];

    /// <summary>The distinct actions of a complete inventory, by name.</summary>
    public IReadOnlyList<string> For(ResourceCatalog catalog) => [.. OfInventory(catalog).Select(a => a.Action)];

    /// <summary>The actions of one type.</summary>
    public IReadOnlyList<string> For(ResourceTypeDefinition type) => [.. SourceWalker.Operations(type).Select(ActionOf).Distinct()];

    /// <summary>The actions of an inventory, by name.</summary>
    /// <param name="services">The services; null for all.</param>
    /// <param name="policies">Policies to list with the actions that they depend on; null for none.</param>
    public IReadOnlyList<RequiredAction> OfInventory(
        ResourceCatalog catalog, IReadOnlyCollection<string>? services = null, IEnumerable<PolicyDefinition>? policies = null)
    {
        var read = catalog.Services.Where(s => services?.Contains(s.Key) ?? true).ToList();
        var operations = read.SelectMany(s => s.Resources.SelectMany(SourceWalker.Operations).Select(o => (o, s.Key))).ToList();
        if (read.Exists(s => s.Resources.Any(r => r.Scope == ResourceScope.Regional)))
        {
            operations.Add((FindRegions, FindRegions.Service));
        }

        return ByAction(catalog, operations, policies ?? []);
    }

    /// <summary>The minimal actions for evaluating these policies: other calls of an inventory are denied then, and shown as not covered.</summary>
    public IReadOnlyList<RequiredAction> OfPolicies(ResourceCatalog catalog, IReadOnlyCollection<PolicyDefinition> policies)
    {
        var operations = policies.SelectMany(p => OperationsOf(catalog, p).Select(o => (o, p.Service))).ToList();
        if (policies.Any(p => catalog.FindType(p.ResourceType)?.Scope == ResourceScope.Regional))
        {
            operations.Add((FindRegions, FindRegions.Service));
        }

        return ByAction(catalog, operations, policies);
    }

    /// <summary>The policies that lose their verdicts without an action.</summary>
    public IReadOnlyList<string> PoliciesLostBy(ResourceCatalog catalog, string action, IEnumerable<PolicyDefinition> policies) =>
        [.. policies.Where(p => OperationsOf(catalog, p).Any(o => ActionOf(o) == action)).Select(p => p.Id).Order(StringComparer.Ordinal)];

    /// <summary>What a role that has only one of AWS's managed policies cannot read.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="services">The services; null for all.</param>
    /// <param name="policies">The policies to name if they lose their verdicts.</param>
    public IReadOnlyList<ManagedPolicyGap> GapsOfManagedPolicies(
        ResourceCatalog catalog, IReadOnlyCollection<string>? services, IReadOnlyCollection<PolicyDefinition> policies)
    {
        var required = OfInventory(catalog, services, policies);
        return [.. (managed ?? []).Select(m => new ManagedPolicyGap(m, [.. required.Where(r => !m.Allows(r.Action))]))];
    }

    /// <summary>The action that a call needs.</summary>
    public string ActionOf(ServiceOperation operation) => actions.ActionFor(
        operation, models.Endpoints.SigningNameOf(operation.Service) ?? models.FindService(operation.Service)?.SigningName ?? operation.Service);

    /// <summary>The same, for <c>service:Operation</c>.</summary>
    public string ActionOf(string operation) => operation.Split(':', 2) is [var service, var name] ? ActionOf(new ServiceOperation(service, name)) : operation;

    private List<RequiredAction> ByAction(
        ResourceCatalog catalog, IEnumerable<(ServiceOperation Operation, string Service)> operations, IEnumerable<PolicyDefinition> policies)
    {
        var lost = policies.SelectMany(p => OperationsOf(catalog, p).Select(o => (Action: ActionOf(o), p.Id))).Distinct().ToLookup(p => p.Action, p => p.Id);
        return
        [
            .. operations.GroupBy(o => ActionOf(o.Operation)).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => new RequiredAction(
                g.Key, [.. g.Select(o => o.Operation.ToString()).Distinct().Order(StringComparer.Ordinal)],
                [.. g.Select(o => o.Service).Distinct().Order(StringComparer.Ordinal)],
                [.. lost[g.Key].Order(StringComparer.Ordinal)])),
        ];
    }

    private IReadOnlyList<ServiceOperation> OperationsOf(ResourceCatalog catalog, PolicyDefinition policy) =>
        _policies.GetValue(catalog, c => c.Policies.ToDictionary(p => p.Id, p => PolicyOperations.Of(c, p))).GetValueOrDefault(policy.Id)
        ?? PolicyOperations.Of(catalog, policy);
}

/// <summary>An IAM action and its uses.</summary>
/// <param name="Action"><c>s3:GetEncryptionConfiguration</c>.</param>
/// <param name="Operations">The calls that need it, <c>s3:GetBucketEncryption</c>.</param>
/// <param name="Services">The services whose inventory makes them.</param>
/// <param name="Policies">The policies that lose their verdicts without it.</param>
public sealed record RequiredAction(string Action, IReadOnlyList<string> Operations, IReadOnlyList<string> Services, IReadOnlyList<string> Policies);

/// <summary>What a role that has only a managed policy of AWS cannot read.</summary>
/// <param name="Policy">The managed policy.</param>
/// <param name="Missing">The actions that it does not allow, by name.</param>
public sealed record ManagedPolicyGap(ManagedPolicy Policy, IReadOnlyList<RequiredAction> Missing)
{
    /// <summary>The policies that lose their verdicts, by id.</summary>
    public IReadOnlyList<string> PoliciesLost => [.. Missing.SelectMany(m => m.Policies).Distinct().Order(StringComparer.Ordinal)];
}
