using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Qrie.Domain;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Inventory;
using Qrie.Domain.Management;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Policies.Preview;

/// <summary>After any history, a preview equals the effect of launching or changing the policy.</summary>
public sealed class PreviewEqualsScanTests : IAsyncLifetime
{
    private const int Accounts = 3;
    private const int Names = 6;

    private static readonly string?[] s_ous = ["/Prod/Web", null, "/Dev"];

    private static readonly string[] s_configurations =
    [
        """{"Kind":"a","Size":1}""", """{"Kind":"a","Size":5}""", """{"Kind":"a","Size":9,"Created":"2020-01-01T00:00:00Z"}""", """{"Kind":"b","Size":9}""",
        """{"Kind":"a","Created":"2026-11-01T00:00:00Z","_unknown":{"Size":"AccessDenied"}}""", """{"Kind":"a","Size":"large"}""",
        """{"Size":9,"_unknown":{"Kind":"Throttled"}}""", """{"Kind":"a","Size":2,"Created":"2020-01-01T00:00:00Z","_unknown":{"Created":"AccessDenied"}}""",
    ];

    private static readonly IReadOnlyDictionary<string, string>?[] s_tags =
        [null, new Dictionary<string, string>(), new Dictionary<string, string> { ["Env"] = "prod" }, new Dictionary<string, string> { ["Env"] = "dev" }];

    private static readonly Gen<Step> s_steps =
        from kind in Gen.Frequency((6, Gen.Constant(Kind.Write)), (1, Gen.Constant(Kind.Delete)),
            (3, Gen.Constant(Kind.Apply)), (1, Gen.Constant(Kind.Suspend)),
            (1, Gen.Constant(Kind.TakeBack)), (2, Gen.Constant(Kind.Scan)), (1, Gen.Constant(Kind.RemoveAccount)))
        from account in Gen.Choose(0, Accounts - 1)
        from name in Gen.Choose(0, Names - 1)
        from configuration in Gen.Choose(0, 7)
        from tags in Gen.Choose(0, 3)
        from scope in Gen.Choose(0, 8)
        from severity in Gen.Choose(0, 3)
        from max in Gen.Choose(0, 3)
        select new Step(kind, account, name, configuration, tags, scope, severity, max);

    private static int s_worlds;

    private PreviewWorld _world = null!;

    private enum Kind
    {
        Write,
        Delete,
        Apply,
        Suspend,
        TakeBack,
        Scan,
        RemoveAccount,
    }

    public async ValueTask InitializeAsync() => _world = await PreviewWorld.NewAsync();

    public async ValueTask DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public void A_preview_predicts_the_effect_of_a_launch() =>
        Sequences.Check(s_steps, length: 40, samples: 60, async steps =>
        {
            var number = Interlocked.Increment(ref s_worlds);
            var organization = $"org-{number}";
            var ids = Enumerable.Range(0, Accounts).Select(i => (number * 10 + i).ToString("000000000000", CultureInfo.InvariantCulture)).ToArray();
            for (var i = 0; i < Accounts; i++)
            {
                var account = Some.Account(ids[i], organization) with { Ou = s_ous[i], Tags = i == 2 ? s_tags[2] : null };
                await _world.Get<IAccountStore>().AddAsync(account, default);
            }

            await _world.Get<IPolicyStore>().LaunchAsync(Some.Policy("S3BucketOther", organization), default);
            foreach (var step in steps)
            {
                _world.Clock.Advance(TimeSpan.FromMinutes(1));
                await DoAsync(step, organization, ids);
            }

            var tried = steps[^1];
            var before = await _world.FindingsAsync(organization);
            var preview = await _world.PreviewAsync(organization, tried.ScopeOf(ids), tried.SeverityOf(), tried.MaxOf());
            await _world.ApplyAsync(organization, tried.ScopeOf(ids), tried.SeverityOf(), tried.MaxOf());
            await VerdictsShouldBeAsync(preview, organization, ids);
            ChangesShouldBe(preview, before, await _world.FindingsAsync(organization));
        });

    private async Task DoAsync(Step step, string organization, string[] ids)
    {
        var account = ids[step.Account];
        var name = $"bucket-{step.Name}";
        switch (step.Kind)
        {
            case Kind.Write:
                var bucket = Some.Bucket(name, configuration: s_configurations[step.Configuration], account: account);
                await _world.WriteAsync(organization, bucket with
                {
                    Tags = s_tags[step.Tags],
                    Region = step.Name % 2 == 0 ? "eu-west-1" : "us-east-1",
                    Hash = $"{bucket.Hash}{step.Tags}",
                    DescribeTime = _world.Clock.Now,
                });
                break;
            case Kind.Delete:
                var deletion = Some.Deletion(name, account: account) with { At = _world.Clock.Now };
                await _world.Get<IResourceStore>().DeleteAsync(organization, [deletion], _world.Clock.Now, default);
                break;
            case Kind.Apply:
                await _world.ApplyAsync(organization, step.ScopeOf(ids), step.SeverityOf(), step.MaxOf());
                break;
            case Kind.Suspend:
                await _world.Get<PolicyLifeCycle>().SuspendAsync(organization, PreviewWorld.PolicyId, default);
                break;
            case Kind.TakeBack:
                await _world.Get<PolicyLifeCycle>().DeleteAsync(organization, PreviewWorld.PolicyId, default);
                break;
            case Kind.Scan:
                await _world.ScanAsync(organization);
                break;
            default:
                if (step is { Account: 1, Name: 0 })
                {
                    await _world.File.ExecuteAsync("UPDATE accounts SET status = 'removed' WHERE account_id = @account", new { account });
                }

                break;
        }
    }

    private async Task VerdictsShouldBeAsync(PreviewResult preview, string organization, string[] ids)
    {
        var evaluated = new List<(string Account, string Region, StoredVerdict? Verdict)>();
        var resources = await _world.Get<IResourceStore>().ListAsync(organization, new ResourceFilter(), new PageRequest(1000), default);
        foreach (var resource in resources.Items)
        {
            var evaluation = await _world.Get<IFindingStore>().FindEvaluationAsync(organization, resource.AccountService, resource.Arn, default);
            evaluated.Add((resource.AccountId, resource.Region, evaluation!.Verdicts.SingleOrDefault(v => v.PolicyId == PreviewWorld.PolicyId)));
        }

        Text(preview.Verdicts).ShouldBe(Text(evaluated.Select(j => j.Verdict)));
        preview.ByAccount.Select(a => $"{a.Key} {Text(a.Value)}")
            .ShouldBe(evaluated.GroupBy(j => j.Account).Select(g => $"{g.Key} {Text(g.Select(j => j.Verdict))}"), ignoreOrder: true);
        preview.ByRegion.Select(a => $"{a.Key} {Text(a.Value)}")
            .ShouldBe(evaluated.GroupBy(j => j.Region).Select(g => $"{g.Key} {Text(g.Select(j => j.Verdict))}"), ignoreOrder: true);
        preview.UnknownReasons.Select(u => $"{u.Key} {u.Value}").ShouldBe(
            evaluated.Select(j => j.Verdict?.Reason).OfType<UnknownReason>().CountBy(r => r).Select(c => $"{c.Key} {c.Value}"), ignoreOrder: true);
    }

    private static void ChangesShouldBe(
        PreviewResult preview, Dictionary<(string AccountService, string Arn), Finding> before, Dictionary<(string AccountService, string Arn), Finding> after)
    {
        var changes = after.Select(f => (f.Key, Change: ChangeOf(before.GetValueOrDefault(f.Key), f.Value), After: f.Value))
            .Where(c => c.Change is not null).ToList();
        long Count(PreviewedChange change) => changes.Count(c => c.Change == change);

        (preview.WouldOpen, preview.WouldReopen, preview.WouldStay).ShouldBe(
            (Count(PreviewedChange.Open), Count(PreviewedChange.Reopen), Count(PreviewedChange.Stay) + Count(PreviewedChange.Severity)));
        preview.WouldResolve.Select(w => $"{w.Key} {w.Value}").ShouldBe(
            changes.Where(c => c.Change == PreviewedChange.Resolve).CountBy(c => c.After.ResolvedReason!.Value).Select(c => $"{c.Key} {c.Value}"),
            ignoreOrder: true);
        preview.SeverityChanges.Select(w => $"{w.Key} {w.Value}").ShouldBe(
            changes.Where(c => c.Change == PreviewedChange.Severity).CountBy(c => (before[c.Key].Severity, c.After.Severity)).Select(c => $"{c.Key} {c.Value}"),
            ignoreOrder: true);
        Text(preview.OpenNow).ShouldBe(Text(before.Values));
        Text(preview.OpenThen).ShouldBe(Text(after.Values));

        // There are fewer findings than samples, so all of them are shown.
        preview.Samples.Select(s => $"{s.AccountService} {s.Arn} {s.Change} {s.Reason} {s.Severity} {s.Evidence}").ShouldBe(
            changes.Select(
                c =>
                    $"{c.Key.AccountService} {c.Key.Arn} {c.Change} {(c.Change == PreviewedChange.Resolve ? c.After.ResolvedReason : null)} "
                    + $"{c.After.Severity} {c.After.Evidence}"),
            ignoreOrder: true);
    }

    private static PreviewedChange? ChangeOf(Finding? before, Finding after) => (before?.State, after.State) switch
    {
        (null, FindingState.Active) => PreviewedChange.Open,
        (FindingState.Resolved, FindingState.Active) => PreviewedChange.Reopen,
        (FindingState.Active, FindingState.Resolved) => PreviewedChange.Resolve,
        (FindingState.Active, FindingState.Active) => before!.Severity == after.Severity ? PreviewedChange.Stay : PreviewedChange.Severity,
        _ => null,
    };

    private static string Text(VerdictCounts c) => $"{c.Pass} {c.Fail} {c.NotApplicable} {c.Unknown} {c.OutOfScope}";

    private static string Text(IEnumerable<StoredVerdict?> verdicts)
    {
        var all = verdicts.Select(v => v?.Verdict).ToList();
        long Count(Verdict? verdict) => all.Count(v => v == verdict);
        return $"{Count(Verdict.Pass)} {Count(Verdict.Fail)} {Count(Verdict.NotApplicable)} {Count(Verdict.Unknown)} {Count(null)}";
    }

    private static string Text(IReadOnlyDictionary<SeverityBand, long> bands) =>
        string.Join(' ', Enum.GetValues<SeverityBand>().Select(b => bands.GetValueOrDefault(b)));

    private static string Text(IEnumerable<Finding> findings) =>
        Text(findings.Where(f => f.State == FindingState.Active).CountBy(f => Severities.BandOf(f.Severity)).ToDictionary(c => c.Key, c => (long)c.Value));

    private sealed record Step(Kind Kind, int Account, int Name, int Configuration, int Tags, int Scope, int Severity, int Max)
    {
        public PolicyScope? ScopeOf(string[] ids) => Scope switch
        {
            0 => null,
            1 => PolicyScope.Everything,
            2 => new PolicyScope { IncludeAccounts = [ids[0]] },
            3 => new PolicyScope { ExcludeAccounts = [ids[0]] },
            4 => new PolicyScope { IncludeTags = new Dictionary<string, IReadOnlyList<string>> { ["Env"] = ["prod"] } },
            5 => new PolicyScope { ExcludeTags = new Dictionary<string, IReadOnlyList<string>> { ["Env"] = ["dev", "test"] } },
            6 => new PolicyScope { IncludeOuPaths = ["/Prod"] },
            7 => new PolicyScope { ExcludeOuPaths = ["/Prod/Web"] },
            _ => new PolicyScope { ExcludeAccounts = [ids[2]], IncludeTags = new Dictionary<string, IReadOnlyList<string>> { ["Env"] = ["prod", "dev"] } },
        };

        public int? SeverityOf() => Severity switch { 0 => null, 1 => 60, 2 => 95, _ => 10 };

        public int? MaxOf() => Max switch { 0 => null, 1 => 1, 2 => 4, _ => 100 };
    }
}
