using Microsoft.Extensions.Logging.Abstractions;
using Qrie.Domain.Accounts;
using Qrie.Domain.Findings;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Policies.Lookups;
using Qrie.Domain.Scans;
using Qrie.Domain.Work;
using Qrie.Tests.Stores;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

/// <summary>From stored resources to evaluations and findings, with a real store and verdicts taken from the configurations.</summary>
public abstract class FindingsReconcilerTest : IAsyncLifetime
{
    private protected const string Fail = """{"S3BucketPublic":"fail"}""";
    private protected const string Pass = """{"S3BucketPublic":"pass"}""";

    private protected readonly ScriptedEvaluator _evaluator = new();
    private protected readonly MinimalCatalog _catalog = new(
        MinimalCatalog.Policy(), MinimalCatalog.Policy(Some.Unversioned, severity: 30),
        MinimalCatalog.Policy("Ec2", service: "ec2", type: "AWS::EC2::Instance"));

    private protected readonly FakeClock _clock = new(Some.At(1000));
    private protected StoreSet _stores = null!;
    private protected FindingsReconciler _reconciler = null!;
    private protected Account _account = Some.Account();

    public async ValueTask InitializeAsync()
    {
        _stores = await SqliteFile.EmptyAsync();
        await _stores.Accounts.AddAsync(_account, default);
        await _stores.Policies.LaunchAsync(Some.Policy(), default);
        _reconciler = new FindingsReconciler(
            _stores.Findings, _stores.Resources, new ActivePolicies(_stores.Policies, _catalog),
            new ResourceEvaluator(_evaluator), new RelatedLoader(_stores.Resources), new EvaluationThrottle(), _clock,
            NullLogger<FindingsReconciler>.Instance);
    }

    public async ValueTask DisposeAsync() => await _stores.DisposeAsync();

    private protected async Task<UnitResult> ScanAsync()
    {
        var counters = new ScanCounters();
        await _reconciler.ReconcileAsync(_account, "s3", "scan-1", counters, default);
        return new UnitResult(counters, []);
    }

    private protected async Task StoredAsync(params CollectedResource[] buckets) => await _stores.Resources.WriteAsync(Some.Org, buckets, Some.Noon, default);

    private protected async Task RelaunchAsync(LaunchedPolicy policy)
    {
        await _stores.Policies.SetStatusAsync(Some.Org, policy.PolicyId, PolicyStatus.Suspended, Some.Noon, default);
        await _stores.Policies.LaunchAsync(policy, default);
    }

    private protected Task<Finding?> FindingAsync(string name = "a", string policyId = Some.Public) =>
        _stores.Findings.FindAsync(Some.Org, Some.S3, Some.ArnOf(name), policyId, default);

    private protected Task<Evaluation?> EvaluationAsync(string name = "a") =>
        _stores.Findings.FindEvaluationAsync(Some.Org, Some.S3, Some.ArnOf(name), default);
}
