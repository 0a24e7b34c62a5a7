using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Compliance;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;

namespace Qrie.Api.Exports;

/// <summary>Reads the rows of exports page by page: no snapshot of the store stays open while they are written.</summary>
internal sealed class ExportReader(
    IFindingStore findings, IExceptionStore exceptions, IComplianceStore compliance, IPolicyStore policies, ICoverageStore coverage, ICatalog catalog,
    TimeProvider clock)
{
    private const int RowsAtOnce = 500;

    /// <summary>Everything that matches a filter.</summary>
    /// <param name="filter">Its state is that of findings: it does not leave out unknown verdicts.</param>
    /// <param name="withUnknown">Adds a row, after the findings, for each resource and policy without a verdict.</param>
    public async Task<Export> ReadAsync(string organization, FindingFilter filter, bool withUnknown, CancellationToken cancel)
    {
        List<Coverage> unread =
        [
            .. (await coverage.ListAsync(organization, filter.AccountId, cancel)).Where(
                c => c.Outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable)
                    && (filter.Service ?? c.Service) == c.Service && (filter.Region ?? c.Region) == c.Region && (filter.Type ?? c.Type) == c.Type),
        ];
        return new Export(
            new ExportHead
            {
                At = clock.GetUtcNow(),
                Unread = [.. unread.Take(ExportHead.UnreadShown)],
                UnreadTotal = unread.Count,
            },
            RowsAsync(organization, filter, withUnknown, cancel));
    }

    private async IAsyncEnumerable<ExportRow> RowsAsync(
        string organization, FindingFilter filter, bool withUnknown, [EnumeratorCancellation] CancellationToken cancel)
    {
        var launched = (await policies.ListAsync(organization, cancel)).ToDictionary(p => p.PolicyId, StringComparer.Ordinal);
        var texts = new ConcurrentDictionary<string, ExportedPolicy>(StringComparer.Ordinal);
        var snapshot = catalog.Current;
        var held = new Dictionary<string, FindingException?>(StringComparer.Ordinal);
        ExportedPolicy TextOf(string id) => texts.GetOrAdd(id, _ => ExportedPolicy.Of(id, snapshot, launched.GetValueOrDefault(id)));

        for (PageRequest? next = new(RowsAtOnce); next is not null;)
        {
            var page = await findings.ListAsync(organization, filter, next, cancel);
            foreach (var finding in page.Items)
            {
                yield return Of(finding, TextOf(finding.PolicyId), await ExceptionOfAsync(organization, finding, held, cancel));
            }

            next = page.Next is null ? null : new PageRequest(RowsAtOnce, page.Next);
        }

        if (!withUnknown)
        {
            yield break;
        }

        List<PairPolicy> wanted =
        [
            .. from policy in launched.Values
               where policy.Status == PolicyStatus.Active
               let definition = snapshot.FindPolicy(policy.PolicyId)
               where definition is not null && Matches(filter, definition, policy)
               select new PairPolicy(policy.PolicyId, policy.Revision, definition.ResourceType, definition.Service),
        ];
        var accounts = filter.AccountId is { } only ? new AccountSelection([only]) : AccountSelection.All;
        for (PageRequest? next = wanted.Count == 0 ? null : new(RowsAtOnce); next is not null;)
        {
            var page = await compliance.ListPairsAsync(organization, accounts, wanted, PairVerdict.Unknown, next, cancel);
            foreach (var pair in page.Items.Where(p => Matches(filter, p)))
            {
                yield return Of(pair, TextOf(pair.PolicyId), launched[pair.PolicyId].Severity ?? snapshot.FindPolicy(pair.PolicyId)!.Severity);
            }

            next = page.Next is null ? null : new PageRequest(RowsAtOnce, page.Next);
        }
    }

    /// <summary>The exception that holds a finding; read once.</summary>
    private async Task<FindingException?> ExceptionOfAsync(
        string organization, Finding finding, Dictionary<string, FindingException?> known, CancellationToken cancel)
    {
        if (finding.ExceptionId is not { } id)
        {
            return null;
        }

        if (!known.TryGetValue(id, out var exception))
        {
            known[id] = exception = await exceptions.FindAsync(organization, id, cancel);
        }

        return exception;
    }

    private static bool Matches(FindingFilter filter, PolicyDefinition definition, LaunchedPolicy policy) =>
        (filter.PolicyId ?? policy.PolicyId) == policy.PolicyId
        && (filter.PolicyIds?.Contains(policy.PolicyId) ?? true)
        && (filter.Service ?? definition.Service) == definition.Service
        && (filter.Type ?? definition.ResourceType) == definition.ResourceType
        && (policy.Severity ?? definition.Severity) is var severity && severity >= (filter.SeverityFrom ?? 0) && severity <= (filter.SeverityTo ?? 100);

    /// <summary>An unknown verdict has no first sight, so that it never matches a filter on it.</summary>
    private static bool Matches(FindingFilter filter, PolicyPair pair) =>
        (filter.Region ?? pair.Region) == pair.Region
        && pair.Arn.StartsWith(filter.ArnPrefix ?? "", StringComparison.Ordinal)
        && (filter.Text is not { } text || pair.Arn.Contains(text, StringComparison.OrdinalIgnoreCase)
            || filter.TextPolicyIds?.Contains(pair.PolicyId) is true)
        && filter.FirstSeenFrom is null && filter.FirstSeenTo is null;

    private static ExportRow Of(Finding finding, ExportedPolicy policy, FindingException? exception)
    {
        var (accountId, service) = AccountService.Split(finding.AccountService);
        return new ExportRow
        {
            FindingId = finding.FindingId,
            AccountService = finding.AccountService,
            AccountId = accountId,
            Service = service,
            Arn = finding.Arn,
            ResourceType = finding.Type,
            Region = finding.Region,
            Policy = policy,
            Severity = finding.Severity,
            State = finding.State switch
            {
                FindingState.Active => RowState.Active,
                FindingState.Suppressed => RowState.Suppressed,
                _ => RowState.Resolved,
            },
            Evidence = finding.Evidence,
            FirstSeen = finding.FirstSeen,
            LastEvaluated = finding.LastEvaluated,
            DescribeTime = finding.DescribeTime,
            ResolvedAt = finding.ResolvedAt,
            ResolvedReason = finding.ResolvedReason,
            Exception = exception,
            ScanId = finding.ScanId,
        };
    }

    private ExportRow Of(PolicyPair pair, ExportedPolicy policy, int severity)
    {
        var (accountId, service) = AccountService.Split(pair.AccountService);
        return new ExportRow
        {
            FindingId = new FindingIdentity(pair.AccountService, pair.Arn, pair.PolicyId).ToId(),
            AccountService = pair.AccountService,
            AccountId = accountId,
            Service = service,
            Arn = pair.Arn,
            ResourceType = pair.ResourceType,
            Region = pair.Region,
            Policy = policy,
            Severity = severity,
            State = RowState.Unknown,
            Unknown = pair.Reason ?? new UnknownReason(null, UnknownReason.EvaluationError),
            LastEvaluated = pair.EvaluatedAt ?? clock.GetUtcNow(),
        };
    }
}
