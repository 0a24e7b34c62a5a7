using System.Collections.Concurrent;
using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Aws.Inventory;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Aws.Onboarding;

/// <summary>
/// Checks access to an account: assumes its role, and makes the calls of every service that need no existing resource, each once and in one region. The other
/// permissions are covered by the first inventory.
/// </summary>
public sealed class AccountCheck(
    IAwsApi api, ModelCatalog models, PrincipalResolver principals, AwsRegion region, TimeProvider clock, Action<AwsPrincipal> dropSession)
{
    /// <summary>The code for calls that timed out.</summary>
    public const string LateCode = "Timeout";

    private const int AtOnce = 8;

    /// <summary>The time limit for all calls together; the rest is reported as not tried.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    public async Task<AccountCheckResult> RunAsync(Account account, ResourceCatalog catalog, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(TimeLimit, clock);
        var principal = await principals.ResolveAsync(account, cancel);
        var (entered, place, regions) = await BeginAsync(account, principal, cancel, timeout.Token);
        if (place is null)
        {
            return entered;
        }

        var calls = new ConcurrentQueue<CheckedCall>(regions is null ? [] : [regions]);
        var contexts = new UnitContexts(api, models, (_, _) => Task.FromResult(principal), clock);
        var checks = catalog.Services.Where(s => account.Watches(s.Key)).SelectMany(s => ChecksOf(s, place)).ToList();
        await Parallel.ForEachAsync(
            checks, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel },
            async (check, stop) => calls.Enqueue(await TryAsync(account, check, contexts, stop, timeout.Token)));
        return new AccountCheckResult(
            principal.RoleArn, entered.CallerArn, null, null, place,
            [.. calls.OrderBy(c => c.Service, StringComparer.Ordinal).ThenBy(c => c.Operation.ToString(), StringComparer.Ordinal)]);
    }

    private async Task<(AccountCheckResult Entered, string? Region, CheckedCall? Asked)> BeginAsync(
        Account account, AwsPrincipal principal, CancellationToken cancel, CancellationToken timeout)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout);
        try
        {
            var entered = await EnterAsync(account, both.Token);
            if (entered.Code is not null)
            {
                return (entered, null, null);
            }

            var (place, asked) = await FindRegionAsync(account, principal, both.Token);
            return (entered, place, asked);
        }
        catch (OperationCanceledException) when (IsLate(cancel, timeout))
        {
            var message = $"AWS did not respond within {TimeLimit.TotalSeconds:0} s.";
            return (new AccountCheckResult(principal.RoleArn, null, LateCode, message, null, []), null, null);
        }
    }

    private static bool IsLate(CancellationToken cancel, CancellationToken timeout) => timeout.IsCancellationRequested && !cancel.IsCancellationRequested;

    /// <summary>Only checks access.</summary>
    public async Task<AccountCheckResult> EnterAsync(Account account, CancellationToken cancel)
    {
        var principal = await principals.ResolveAsync(account, cancel);
        dropSession(principal); // a refusal is cached for a minute, but it may just have been fixed
        var entered = await api.CallAsync(new AwsCall(principal, region.Name, "sts", "GetCallerIdentity"), cancel);
        if (entered.Error is { } refusal)
        {
            return new AccountCheckResult(principal.RoleArn, null, refusal.Code, refusal.Message, null, []);
        }

        var caller = entered.Content.GetProperty("Arn").GetString()!;
        var reached = entered.Content.GetProperty("Account").GetString();
        return reached == account.AccountId
            ? new AccountCheckResult(principal.RoleArn, caller, null, null, null, [])
            : new AccountCheckResult(principal.RoleArn, caller, "WrongAccount", $"These credentials are of account {reached}.", null, []);
    }

    /// <summary>The account's first configured region, or else an enabled one, which requires a call if none is configured.</summary>
    private async Task<(string Region, CheckedCall? Asked)> FindRegionAsync(Account account, AwsPrincipal principal, CancellationToken cancel)
    {
        if (account.Regions is [var first, ..])
        {
            return (first, null);
        }

        var response = await api.CallAsync(new AwsCall(principal, region.Name, "ec2", "DescribeRegions"), cancel);
        return (region.Name, Tried("ec2", Permissions.CatalogPermissions.FindRegions, region.Name, response.Error, isAbsent: false));
    }

    private static IEnumerable<CheckCall> ChecksOf(ServiceDefinition service, string region) =>
        from type in service.Resources
        from step in StepsOf(type)
        let place = type.Scope == ResourceScope.Global ? Regions.Global : region
        group step by (step.Call!, place) into same
        select new CheckCall(service, same.Key.place, same.First());

    /// <summary>The first call of the list, and calls shared by all resources.</summary>
    private static IEnumerable<SourceStep> StepsOf(ResourceTypeDefinition type)
    {
        var sources = type.Describe.Select(a => a.Source)
            .Where(s => s is SourceStep { ReadsNoRow: true } or SourceChain { Links: [SourceStep { ReadsNoRow: true }, ..] });
        return sources.Concat(new[] { type.List }.OfType<CatalogSource>())
            .Select(s => s is SourceChain chain ? chain.Links[0] : s)
            .OfType<SourceStep>()
            .Where(step => step is { Call: not null, When: null, At: null, Until: null }
                && step.With.All(p => p.Expression is null || p.Expression.StaticReads() is { Whole: false, Members.Count: 0 }));
    }

    private static async Task<CheckedCall> TryAsync(Account account, CheckCall check, UnitContexts contexts, CancellationToken cancel,
        CancellationToken timeout)
    {
        var (service, place, step) = check;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout);
        try
        {
            var context = await contexts.OfAsync(new CollectionUnit(account, place, service.Key), service, both.Token);
            using var calls = context.Calls;
            var caller = new StepCaller(context, new ExpressionEvaluator(context, both.Token));
            var (parameters, trouble) = caller.Parameters(step, JmesValue.Null, new Scope(context.CallRegion));
            if (trouble is not null)
            {
                return new CheckedCall(service.Key, step.Call!, context.CallRegion, CallOutcome.Failed, trouble.Code, trouble.Message);
            }

            await foreach (var page in calls.PagesAsync(step.Call!, context.CallRegion, parameters, both.Token))
            {
                return Tried(service.Key, step.Call!, context.CallRegion, page.Error, page.Error is { } error && StepCaller.IsAbsent(step, error));
            }

            return new CheckedCall(service.Key, step.Call!, context.CallRegion, CallOutcome.Ok, null, null);
        }
        catch (OperationCanceledException) when (IsLate(cancel, timeout))
        {
            return new CheckedCall(service.Key, step.Call!, place, CallOutcome.Failed, LateCode, $"It was not called within {TimeLimit.TotalSeconds:0} s.");
        }
    }

    private static CheckedCall Tried(string service, ServiceOperation operation, string place, AwsError? error, bool isAbsent) => new(
        service, operation, place,
        error is null || isAbsent ? CallOutcome.Ok
        : error.Kind == AwsErrorKind.Denied ? CallOutcome.Denied
        : error.Kind is AwsErrorKind.RegionUnavailable or AwsErrorKind.NotSubscribed ? CallOutcome.NotAvailable
        : CallOutcome.Failed,
        isAbsent ? null : error?.Code, isAbsent ? null : error?.Message);

    private sealed record CheckCall(ServiceDefinition Service, string Place, SourceStep Step);
}

/// <summary>The result of checking access to an account.</summary>
/// <param name="RoleArn">The role to assume; null for the account of Qrie's own credentials.</param>
/// <param name="CallerArn">The identity in the account; null if access failed.</param>
/// <param name="Code">Why access failed; null if it succeeded.</param>
/// <param name="Message">A readable message.</param>
/// <param name="Region">The region in which regional services were tried.</param>
public sealed record AccountCheckResult(string? RoleArn, string? CallerArn, string? Code, string? Message, string? Region, IReadOnlyList<CheckedCall> Calls);

/// <summary>A call of the check.</summary>
/// <param name="Code">AWS's error code; null if it succeeded.</param>
public sealed record CheckedCall(string Service, ServiceOperation Operation, string Region, CallOutcome Outcome, string? Code, string? Message);

public enum CallOutcome
{
    Ok,
    Denied,

    /// <summary>AWS does not offer it there.</summary>
    NotAvailable,
    Failed,
}
