using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Findings.Preview;

/// <summary>Computes the effect of launching or changing a policy now, by evaluating stored resources with the code of a scan; writes nothing.</summary>
public sealed class PolicyPreview(
    IPolicyStore policies, IAccountStore accounts, IPolicyTargetStore subjects,
    ResourceEvaluator evaluator, RelatedLoader loader, ICatalog catalog, TimeProvider clock) : IDisposable
{
    private const int RangeSize = 500;

    /// <summary>Concurrent previews: each already uses all processors.</summary>
    private const int AtOnce = 2;

    /// <summary>One range is read while the others are evaluated.</summary>
    private static readonly int s_pieces = Math.Max(2, Environment.ProcessorCount) + 1;

    private readonly SemaphoreSlim _turn = new(AtOnce, AtOnce);

    /// <summary>Evaluates every resource of the policy's type, whatever its status and previous evaluations.</summary>
    /// <exception cref="InvalidInputException">The settings are invalid.</exception>
    /// <exception cref="NotFoundException">There is no such policy.</exception>
    /// <exception cref="ConflictException">It is launched, but the catalog no longer defines it.</exception>
    public async Task<PreviewResult> PreviewAsync(PreviewRequest request, CancellationToken cancel)
    {
        var snapshot = catalog.Current;
        var definition = snapshot.FindPolicy(request.PolicyId);
        var errors = new FieldErrors();
        PolicySettings.Check(errors, definition, request.Scope, request.Severity, request.Params, remediation: null);
        errors.ThrowIfAny();
        var launched = await policies.FindAsync(request.Organization, definition?.Id ?? request.PolicyId, cancel);
        if (definition is null)
        {
            throw launched is null ? UnknownPolicy.NotFound(request.PolicyId, snapshot) : DefinitionMissing(request.PolicyId);
        }

        var policy = new ActivePolicy(AsTried(request, launched, definition), definition);
        var at = clock.GetUtcNow();
        await _turn.WaitAsync(cancel);
        try
        {
            return (await TallyAsync(policy, at, cancel)).ToResult(policy, launched?.Status, at);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static LaunchedPolicy AsTried(PreviewRequest request, LaunchedPolicy? launched, PolicyDefinition definition) => new()
    {
        Organization = request.Organization,
        PolicyId = definition.Id,
        Status = PolicyStatus.Active,
        Scope = request.Scope ?? launched?.Scope ?? PolicyScope.Everything,
        Severity = request.Severity ?? launched?.Severity,
        Params = request.Params ?? launched?.Params ?? new Dictionary<string, JsonElement>(),
    };

    private async Task<PreviewCounter> TallyAsync(ActivePolicy policy, DateTimeOffset at, CancellationToken cancel)
    {
        var total = new PreviewCounter();
        var adding = new Lock();
        var options = new ParallelOptions { MaxDegreeOfParallelism = s_pieces, CancellationToken = cancel };
        await Parallel.ForEachAsync(RangesAsync(policy, cancel), options, async (piece, stop) =>
        {
            var tally = await EvaluateAsync(policy, piece.Account, piece.Range, at, stop);
            lock (adding)
            {
                total.Add(tally);
            }
        });
        return total;
    }

    private async IAsyncEnumerable<(Account Account, TargetRange Range)> RangesAsync(ActivePolicy policy, [EnumeratorCancellation] CancellationToken cancel)
    {
        var organization = policy.Launched.Organization;
        foreach (var account in await accounts.ListAsync(organization, includeRemoved: false, cancel))
        {
            var accountService = AccountService.Of(account.AccountId, policy.Definition.Service);
            TargetRange? range = null;
            while ((range = await subjects.NextRangeAsync(organization, accountService, policy.Definition.ResourceType, range, RangeSize, cancel)) is not null)
            {
                yield return (account, range);
            }
        }
    }

    private async Task<PreviewCounter> EvaluateAsync(ActivePolicy policy, Account account, TargetRange range, DateTimeOffset at, CancellationToken cancel)
    {
        var found = await subjects.ReadAsync(account.Organization, policy.PolicyId, range, cancel);
        ActivePolicy[] only = [policy];
        var related = await loader.LoadAsync(account, [.. found.Select(s => s.Resource)], _ => only, at, cancel);
        var tally = new PreviewCounter();
        foreach (var subject in found)
        {
            cancel.ThrowIfCancellationRequested();
            tally.Count(subject, evaluator.Evaluate(subject.Resource, only, fingerprint: "", account, at, related));
        }

        return tally;
    }

    private static ConflictException DefinitionMissing(string policyId) => new(
        $"Policy {policyId} is launched, but the catalog no longer defines it, so it is not evaluated. Restore its file in the catalog, "
        + $"or delete it with DELETE /policies/{policyId}.");
}
