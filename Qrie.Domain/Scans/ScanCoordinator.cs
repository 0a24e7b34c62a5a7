using Microsoft.Extensions.Logging;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;
using Qrie.Domain.Work;

namespace Qrie.Domain.Scans;

/// <summary>Starts scans: validates the request, splits it into units, stores them and wakes the workers.</summary>
public sealed partial class ScanCoordinator(
    IScanStore scans, IAccountStore accounts, IPolicyStore policies, IAwsAccess access, ICatalog catalog, WorkSignal signal,
    ScanCancellations cancellations, TimeProvider clock, ILogger<ScanCoordinator> logger, IWorkHints? hints = null)
{
    /// <summary>Starts a scan. Null if a scheduled one was started before, by this process or another.</summary>
    /// <exception cref="InvalidInputException">Unknown account, service or policy.</exception>
    public async Task<Scan?> StartAsync(ScanRequest request, CancellationToken cancel)
    {
        var scope = await CheckAsync(request, cancel);
        var scan = new Scan
        {
            Organization = request.Organization,
            ScanId = Guid.NewGuid().ToString(),
            Kind = request.Kind,
            ScanType = request.ScanType,
            Trigger = request.Trigger,
            Status = ScanStatus.Queued,
            Filter = request.Filter,
            CreatedAt = clock.GetUtcNow(),
            ScheduledFor = request.ScheduledFor,
            AfterScanId = request.AfterScanId,
        };
        using var logScope = logger.BeginScope(new Dictionary<string, object> { ["ScanId"] = scan.ScanId });
        var errors = new List<ScanError>();
        var units = request.Kind == ScanKind.Inventory
            ? await CutInventoryAsync(scan, scope, errors, cancel)
            : CutPolicyScan(scan, scope);
        if (units.Count == 0)
        {
            // A scan with nothing to do is not an error: it completes at once and says why.
            errors.Add(new ScanError(null, null, null, null, "NothingToScan", WhyNothing(request, scope)));
        }

        scan = scan with
        {
            Errors = errors,
            TotalUnits = units.Count,
            RemainingUnits = units.Count,
            Status = units.Count == 0 ? ScanStatus.Completed : ScanStatus.Queued,
            FinishedAt = units.Count == 0 ? scan.CreatedAt : null,
        };
        if (!await scans.CreateAsync(scan, units, cancel))
        {
            Log.AlreadyStarted(logger, request.Kind, request.ScheduledFor);
            return null;
        }

        Log.Started(logger, request.Kind, request.ScanType, request.Trigger, units.Count);
        if (hints is not null)
        {
            await hints.SendAsync(scan, units, cancel);
        }

        signal.Wake();
        return scan;
    }

    /// <summary>Cancels a scan: results written so far are kept, pending units are not run.</summary>
    /// <exception cref="NotFoundException">The scan does not exist.</exception>
    /// <exception cref="ConflictException">It has ended already.</exception>
    public async Task<Scan> CancelAsync(string organization, string scanId, CancellationToken cancel)
    {
        var cancelled = await scans.CancelAsync(organization, scanId, clock.GetUtcNow(), cancel);
        var scan = await scans.FindAsync(organization, scanId, cancel) ?? throw new NotFoundException($"Scan {scanId} not found");
        if (!cancelled)
        {
            throw new ConflictException($"Scan {scanId} has ended already ({scan.Status}).");
        }

        await cancellations.CancelAsync(scanId);
        signal.Wake(); // another scan may have been waiting for this one
        Log.Cancelled(logger, scan.Kind, scanId);
        return scan;
    }

    private async Task<Scope> CheckAsync(ScanRequest request, CancellationToken cancel)
    {
        var errors = new FieldErrors();
        var snapshot = catalog.Current;
        var (accountId, service, policyId, level) = request.Filter;
        var chosen = await accounts.ListAsync(request.Organization, includeRemoved: false, cancel);
        if (accountId is not null)
        {
            chosen = [.. chosen.Where(a => a.AccountId == accountId)];
            errors.Require(chosen.Count > 0, "account_id", $"Account {accountId} is not registered; register it with POST /accounts.");
        }

        if (service is not null)
        {
            errors.Require(snapshot.FindService(service) is not null, "service",
                $"service '{service}' is not known; it must be one of all, {string.Join(", ", snapshot.Services.Select(s => s.Key))}.");
        }

        var active = (await policies.ListAsync(request.Organization, cancel))
            .Where(p => p.Status == PolicyStatus.Active)
            .Select(p => (Launched: p, Definition: snapshot.FindPolicy(p.PolicyId)))
            .Where(p => p.Definition is not null && (level != ScanLevel.Quick || (p.Launched.Severity ?? p.Definition.Severity) >= Severities.High))
            .Select(p => p.Definition!)
            .ToList();
        if (policyId is not null)
        {
            errors.Require(request.Kind == ScanKind.Policy || level == ScanLevel.Deep, "policy_id", "policy_id restricts policy scans only.");
            errors.Require(active.Any(p => p.Id == policyId), "policy_id", $"Policy {policyId} is not launched; launch it with POST /policies/launch.");
        }

        errors.ThrowIfAny();
        List<PolicyDefinition> wanted = [.. active.Where(p => policyId is null || p.Id == policyId)];
        var needed = request.Kind == ScanKind.Inventory && level == ScanLevel.Deep ? NeededBy(wanted, service, snapshot) : null;
        return new Scope(
            chosen, [.. snapshot.Services.Where(s => needed?.Contains(s.Key) ?? (service is null || s.Key == service))], wanted);
    }

    /// <summary>The services that policies evaluate or look something up in.</summary>
    private static HashSet<string> NeededBy(List<PolicyDefinition> policies, string? service, ResourceCatalog snapshot) =>
    [
        .. policies.Where(p => service is null || p.Service == service)
            .SelectMany(p => p.Lookups.Select(lookup => snapshot.FindType(lookup.Type)!.Service).Prepend(p.Service)),
    ];

    private async Task<List<Unit>> CutInventoryAsync(Scan scan, Scope scope, List<ScanError> errors, CancellationToken cancel)
    {
        var units = new List<Unit>();
        var known = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var account in scope.Accounts)
        {
            var watched = scope.Services.Where(s => account.Watches(s.Key)).ToList();
            units.AddRange(watched.Where(HasTypes(ResourceScope.Global)).Select(s => UnitOf(scan, account, Regions.Global, s.Key)));
            if (!watched.Any(HasTypes(ResourceScope.Regional)))
            {
                continue;
            }

            var (regions, code) = await access.FindRegionsAsync(account, cancel);
            if (regions is null)
            {
                var error = new ScanError(
                    account.AccountId, null, null, null, code ?? "Unknown", "The account's regions could not be determined; regional resources are not read.");
                errors.Add(error);
                await accounts.RecordErrorAsync(
                    scan.Organization, account.AccountId, AccountHealth.Whole, new AccountError(null, null, error.Code, error.Message, scan.CreatedAt), cancel);
                continue;
            }

            known[account.AccountId] = [.. regions.Distinct()];
            units.AddRange(
                from region in regions.Distinct()
                from service in watched
                where HasTypes(ResourceScope.Regional)(service)
                select UnitOf(scan, account, region, service.Key));
        }

        await accounts.RecordRegionsAsync(scan.Organization, known, cancel);
        return units;
    }

    private static List<Unit> CutPolicyScan(Scan scan, Scope scope)
    {
        var services = scope.Policies.Select(p => p.Service).Distinct().Where(s => scope.Services.Any(known => known.Key == s));
        return [.. from account in scope.Accounts from service in services select UnitOf(scan, account, "", service)];
    }

    private static Func<ServiceDefinition, bool> HasTypes(ResourceScope scope) => service => service.Resources.Any(t => t.Scope == scope);

    private static Unit UnitOf(Scan scan, Account account, string region, string service) => new()
    {
        Organization = scan.Organization,
        ScanId = scan.ScanId,
        Kind = scan.Kind,
        AccountId = account.AccountId,
        Region = region,
        Service = service,
    };

    private static string WhyNothing(ScanRequest request, Scope scope) =>
        scope.Accounts.Count == 0 ? "No account is registered; register one with POST /accounts, or give Qrie AWS credentials."
        : scope.Policies.Count == 0 && request.Filter.Level == ScanLevel.Quick ? "No critical or high policy is active."
        : request.Kind == ScanKind.Policy || request.Filter.Level == ScanLevel.Deep ? "No active policies found; launch one with POST /policies/launch."
        : scope.Accounts.All(a => !scope.Services.Any(s => a.Watches(s.Key))) ? "No account watches this service; see services in GET /accounts."
        : "The catalog has no resource types for this.";

    private sealed record Scope(IReadOnlyList<Account> Accounts, IReadOnlyList<ServiceDefinition> Services, IReadOnlyList<PolicyDefinition> Policies);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Starting {Kind} scan: scan_type={ScanType}, trigger={Trigger}, {Units} units")]
        public static partial void Started(ILogger logger, ScanKind kind, ScanType scanType, string trigger, int units);

        [LoggerMessage(3, LogLevel.Information, "Cancelled {Kind} scan {ScanId}")]
        public static partial void Cancelled(ILogger logger, ScanKind kind, string scanId);

        [LoggerMessage(2, LogLevel.Information, "The {Kind} scan due at {ScheduledFor:O} was already started")]
        public static partial void AlreadyStarted(ILogger logger, ScanKind kind, DateTimeOffset? scheduledFor);
    }
}

/// <summary>A request for a scan.</summary>
public sealed record ScanRequest(
    string Organization, ScanKind Kind, ScanType ScanType, string Trigger, ScanFilter Filter, DateTimeOffset? ScheduledFor = null,
    string? AfterScanId = null);
