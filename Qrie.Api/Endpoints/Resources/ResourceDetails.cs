using System.Text.Json;
using Qrie.Api.Access;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Resources;

/// <summary>Finds one resource and builds its details.</summary>
internal sealed class ResourceDetails(
    IResourceStore resources, IFindingStore findings, IPolicyStore policies, IAccountStore accounts, ICoverageStore coverage, ICatalog catalog)
{
    private const string OutOfScope = "out_of_scope";
    private const string NotEvaluated = "not_evaluated";

    /// <exception cref="NotFoundException">It does not exist.</exception>
    /// <exception cref="ConflictException">The ARN is ambiguous.</exception>
    public async Task<ResourceDetailView> FindAsync(Caller caller, string arn, string? account, string? accountService, CancellationToken cancel)
    {
        var organization = caller.Organization;
        var resource = await ChooseAsync(caller, arn, account, accountService, cancel);
        var evaluation = await findings.FindEvaluationAsync(organization, resource.AccountService, arn, cancel);
        var found = await findings.ListOfResourceAsync(organization, resource.AccountService, arn, cancel);
        var active = resource.DeletedAt is null ? await ActiveOfAsync(organization, resource.Type, cancel) : [];
        var list = await coverage.FindAsync(organization, resource.AccountId, resource.ListedIn, resource.Type, cancel);
        return new ResourceDetailView(
            resource.Arn, resource.AccountService, resource.AccountId, resource.Service, resource.Type, resource.Id, resource.Region,
            resource.DeletedAt is null ? "active" : "deleted", resource.FirstSeen, resource.LastSeen, SeenBy(resource, list), resource.DescribeTime,
            resource.DeletedAt, resource.Tags, resource.Configuration ?? ResourceView.NoConfiguration, UnknownOf(resource), evaluation?.EvaluatedAt,
            evaluation?.Hash == resource.Hash,
            active.Select(policy => VerdictOf(policy, evaluation, found)), HistoryOf(resource, found));
    }

    /// <summary>
    /// Prefers watched accounts, then existing resources, then the most recently deleted; if several exist, the caller must choose.
    /// </summary>
    private async Task<StoredResource> ChooseAsync(Caller caller, string arn, string? account, string? accountService, CancellationToken cancel)
    {
        var all = (await resources.FindByArnAsync(caller.Organization, arn, cancel)).Where(r => caller.Sees(r.AccountId)).ToList();
        var candidates = all.Where(r => (account is null || r.AccountId == account) && (accountService is null || r.AccountService == accountService)).ToList();
        if (candidates.Count > 1)
        {
            var watched = (await accounts.ListAsync(caller.Organization, includeRemoved: false, cancel)).Select(a => a.AccountId).ToHashSet();
            candidates = [.. candidates.GroupBy(r => watched.Contains(r.AccountId)).OrderByDescending(g => g.Key).First()];
        }

        var alive = candidates.Where(r => r.DeletedAt is null).ToList();
        return alive.Count > 1
            ? throw new ConflictException(
                $"{arn} exists in {string.Join(" and ", alive.Select(r => r.AccountService))}: add ?account_service= with one of them.")
            : alive.FirstOrDefault() ?? candidates.MaxBy(r => r.DeletedAt) ?? throw new NotFoundException(all.Count > 0
                ? $"There is a resource {arn}, but only as {string.Join(" and ", all.Select(r => r.AccountService))}: change account or account_service, "
                    + "or leave it out."
                : $"There is no resource {arn}. Give its ARN percent-encoded, as GET /resources?arn_prefix= lists it; if it is new, "
                    + "POST /scans with kind inventory.");
    }

    /// <summary>What was read after the end of the last list was read because of an event.</summary>
    private static SeenByView? SeenBy(StoredResource resource, Coverage? list) =>
        list is null || resource.LastSeen > list.CheckedAt ? new SeenByView("event", null)
        : list.ScanId is { } scan ? new SeenByView("scan", scan)
        : null;

    private async Task<IEnumerable<ActivePolicy>> ActiveOfAsync(string organization, string type, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        return (await policies.ListAsync(organization, cancel))
            .Where(p => p.Status == PolicyStatus.Active)
            .Select(p => (Launched: p, Definition: snapshot.FindPolicy(p.PolicyId)))
            .Where(p => p.Definition?.ResourceType == type)
            .Select(p => new ActivePolicy(p.Launched, p.Definition!));
    }

    private static VerdictView VerdictOf(ActivePolicy policy, Evaluation? evaluation, IReadOnlyList<Finding> found)
    {
        var given = evaluation?.Verdicts.FirstOrDefault(v => v.PolicyId == policy.PolicyId && v.Revision == policy.Launched.Revision);
        var leftOut = evaluation?.LeftOut.Contains((policy.PolicyId, policy.Launched.Revision)) == true;
        var finding = found.FirstOrDefault(f => f.PolicyId == policy.PolicyId);
        return new VerdictView(
            policy.PolicyId, policy.Definition.Title, policy.Severity, given is not null ? ApiEnumNames.Of(given.Verdict) : leftOut ? OutOfScope : NotEvaluated,
            given?.Reason?.Attribute, given?.Reason?.Code,
            finding is null ? null
                : new VerdictFindingView(finding.FindingId, ApiEnumNames.Of(finding.State), finding.Severity, finding.FirstSeen, finding.Evidence));
    }

    private static Dictionary<string, string> UnknownOf(StoredResource resource) =>
        resource.Configuration is { ValueKind: JsonValueKind.Object } configuration
            && configuration.TryGetProperty(PolicyEvaluator.UnknownMember, out var unknown)
            ? unknown.EnumerateObject().ToDictionary(attribute => attribute.Name, attribute => attribute.Value.ToString())
            : [];

    private static IEnumerable<HistoryView> HistoryOf(StoredResource resource, IReadOnlyList<Finding> found)
    {
        var changes = found.SelectMany(finding => finding.Transitions.Select(t => new HistoryView(
            t.At, $"finding_{ApiEnumNames.Of(t.State).ToLowerInvariant()}", finding.PolicyId, finding.FindingId,
            t.Reason is { } reason ? ApiEnumNames.Of(reason) : null, t.ScanId)));
        IEnumerable<HistoryView> gone = resource.DeletedAt is { } at ? [new HistoryView(at, "deleted", null, null, null, null)] : [];
        // Entries of the same time in reverse order, because the newest come first.
        return changes.Concat(gone).OrderByDescending(h => h.At).Append(new HistoryView(resource.FirstSeen, "first_seen", null, null, null, null));
    }
}
