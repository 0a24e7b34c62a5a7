using System.Text.Json;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Validation;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Drafts;

/// <summary>
/// Evaluates an expression or a policy outside the catalog on one resource, with the evaluator of scans and strict limits; nothing is written.
/// </summary>
public sealed class DraftEvaluator(
    IResourceStore resources, IAccountStore accounts, RelatedLoader loader, ICatalog catalog, TimeProvider clock) : IDisposable
{
    /// <summary>The limits of one evaluation.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    /// <summary>Concurrent evaluations; callers that send more wait.</summary>
    private const int AtOnce = 2;

    /// <summary>The account of a configuration that is not stored.</summary>
    private const string MadeUpAccount = "123456789012";
    private const string MadeUpRegion = "us-east-1";

    /// <summary>The maximum length of a resource type name; comparing longer ones takes time.</summary>
    private const int LongestType = 200;

    private readonly SemaphoreSlim _turn = new(AtOnce, AtOnce);

    /// <exception cref="InvalidInputException">The expression or its input is invalid, or it fails or exceeds a limit.</exception>
    /// <exception cref="NotFoundException">The resource does not exist.</exception>
    public async Task<DraftValue> EvaluateExpressionAsync(DraftRequest request, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        CheckFields(request, errors);
        var parameters = request.Params ?? new Dictionary<string, JsonElement>();
        var expression = request.Expression is { } text ? DraftReader.Expression(text, parameters.Keys, errors) : null;
        var catalogNow = catalog.Current;
        if (request.Type is { } named && catalogNow.FindType(named) is null)
        {
            errors.Add("type", $"type: there is no such resource type. {NearType(named, catalogNow)}");
        }
        else if (request.Type is { } known && expression is not null)
        {
            DraftReader.CheckTypes(expression, ShapeOf(catalogNow, known), parameters, errors);
        }

        errors.ThrowIfAny();
        var stored = await FindAsync(request, cancel);
        if (stored is not null)
        {
            DraftReader.CheckTypes(expression!, ShapeOf(catalogNow, stored.Type), parameters, errors);
            errors.ThrowIfAny();
        }

        var input = InputOf(request, stored, service: "s3", parameters);
        var read = new HashSet<string>();
        var (value, reason) = await RunAsync(
            stop =>
            {
                try
                {
                    return PolicyEvaluator.EvaluateOpenly(expression!, input, read, stop);
                }
                catch (JmesPathException wrong)
                {
                    errors.Add(DraftReader.PlaceOf(wrong));
                    throw new InvalidInputException(errors);
                }
            },
            "expression", cancel);
        return new DraftValue(value, reason, [.. read.Order(StringComparer.Ordinal)]);
    }

    /// <exception cref="InvalidInputException">The document or its input is invalid, or it takes too long.</exception>
    /// <exception cref="NotFoundException">The resource does not exist.</exception>
    public async Task<DraftVerdict> EvaluatePolicyAsync(DraftRequest request, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        CheckFields(request, errors);
        errors.Require(request.Type is null, "type", "type is only for expressions; a policy names the resource type itself.");
        var policy = DraftReader.Policy(request.Policy ?? default, catalog.Current, errors);
        PolicySettings.Check(errors, policy, scope: null, severity: null, request.Params, remediation: null);
        errors.ThrowIfAny();
        var stored = await FindAsync(request, cancel);
        if (stored is not null && stored.Type != policy!.ResourceType)
        {
            throw InvalidInputException.Of("resource", $"resource: {stored.Arn} is of type {stored.Type}, but the policy applies to {policy.ResourceType}.");
        }

        var input = InputOf(request, stored, policy!.Service, new ActivePolicy(Launched(request, policy), policy).Params);
        input = input with { Related = await RelatedAsync(request, policy, stored, cancel) };
        var read = new HashSet<string>();
        var verdict = await RunAsync(stop => PolicyEvaluator.Evaluate(policy, input, read, stop), "policy", cancel);
        return new DraftVerdict(policy, verdict, [.. read.Order(StringComparer.Ordinal)]);
    }

    public void Dispose() => _turn.Dispose();

    private static void CheckFields(DraftRequest request, FieldErrors errors)
    {
        errors.Require(request.Expression is null != request.Policy is null, "expression", "Give either expression or policy.");
        errors.Require(
            request.Resource is null != request.Configuration is null, "resource", "Give either resource, the ARN of a stored one, or configuration.");
        errors.Require(
            request.Configuration is null or { ValueKind: JsonValueKind.Object },
            "configuration", "configuration must be an object: a resource as it is stored.");
        errors.Require(
            request.AccountService is null || request.Resource is not null, "account_service",
            "account_service says where resource is; give it with resource.");
        errors.Require(request.Type is null || request.Resource is null, "type", "type is for a configuration; a stored resource has its own.");
        errors.Require(request.Tags is null || request.Resource is null, "tags", "tags are for a configuration; a stored resource has its own.");
    }

    /// <summary>Null if a configuration was given.</summary>
    private async Task<StoredResource?> FindAsync(DraftRequest request, CancellationToken cancel)
    {
        if (request.Resource is not { } arn)
        {
            return null;
        }

        var owner = arn.Split(':') is { Length: > 5 } parts && parts[4].Length == 12 ? parts[4] : null;
        var candidates = (await accounts.ListAsync(request.Organization, includeRemoved: false, cancel))
            .Where(account => owner is null || account.AccountId == owner)
            .SelectMany(account => catalog.Current.Services.Select(service => AccountService.Of(account.AccountId, service.Key)))
            .Where(accountService => request.AccountService is null || request.AccountService == accountService)
            .ToHashSet();
        var found = (await resources.FindByArnAsync(request.Organization, arn, cancel))
            .Where(resource => resource.DeletedAt is null && candidates.Contains(resource.AccountService)).ToList();
        if (found.Count > 1)
        {
            var names = string.Join(" and ", found.Select(resource => resource.AccountService));
            throw InvalidInputException.Of("account_service", $"account_service: {arn} is in {names}; name one of them.");
        }

        return found.FirstOrDefault()
            ?? throw new NotFoundException($"Resource {arn} not found{(request.AccountService is { } where ? $" in {where}" : "")}; see GET /resources.");
    }

    private PolicyInput InputOf(DraftRequest request, StoredResource? stored, string service, IReadOnlyDictionary<string, JsonElement> parameters) => new()
    {
        Configuration = stored?.Configuration ?? request.Configuration!.Value,
        AccountId = stored?.AccountId ?? MadeUpAccount,
        Arn = stored?.Arn ?? $"arn:aws:{service}:{MadeUpRegion}:{MadeUpAccount}:draft",
        Region = stored?.Region ?? MadeUpRegion,
        Tags = stored is null ? request.Tags ?? new Dictionary<string, string>() : stored.Tags,
        Params = parameters,
        Now = clock.GetUtcNow(),
    };

    /// <summary>The lookup results. Keys that no policy of the catalog looks up are not indexed, so an empty result would be meaningless.</summary>
    private async Task<IReadOnlyDictionary<string, RelatedResources>> RelatedAsync(
        DraftRequest request, PolicyDefinition policy, StoredResource? stored, CancellationToken cancel)
    {
        var indexed = catalog.Current.LookupKeys.ToHashSet();
        if (stored is null || policy.Lookups.Count == 0 || !policy.Lookups.All(lookup => indexed.Contains((lookup.Type, lookup.Key.Text))))
        {
            return policy.Lookups.ToDictionary(lookup => lookup.Name, _ => new RelatedResources(UnknownReason.NotCovered, []));
        }

        var account = await accounts.FindAsync(request.Organization, stored.AccountId, cancel);
        ActivePolicy[] only = [new(Launched(request, policy), policy)];
        var related = await loader.LoadAsync(account!, [stored], _ => only, clock.GetUtcNow(), cancel);
        return related[(stored.Arn, policy.Id)].Found;
    }

    private static LaunchedPolicy Launched(DraftRequest request, PolicyDefinition policy) => new()
    {
        Organization = request.Organization,
        PolicyId = policy.Id,
        Status = PolicyStatus.Active,
        Params = request.Params ?? new Dictionary<string, JsonElement>(),
    };

    private async Task<T> RunAsync<T>(Func<CancellationToken, T> run, string field, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            using var time = new CancellationTokenSource(Longest, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancel);
            return await Task.Run(() => run(either.Token), cancel);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw InvalidInputException.Of(field, $"{field}: it takes longer than {Longest.TotalSeconds:0} seconds; simplify it.");
        }
        finally
        {
            _turn.Release();
        }
    }

    private static JmesType ShapeOf(ResourceCatalog catalog, string type) =>
        catalog.Shapes.Of(catalog.FindType(type)?.Type ?? type);

    private static string NearType(string named, ResourceCatalog catalog) =>
        named.Length < LongestType && Nearest.To(named, catalog.Services.SelectMany(service => service.Resources).Select(type => type.Type)) is { } near
            ? $"Did you mean {near}?"
            : "See docs/reference.";
}
