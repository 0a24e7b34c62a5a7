using FsCheck;
using FsCheck.Fluent;
using Qrie.Domain.Catalog;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Stores;

/// <summary>Counts are updated by deltas with every write; after any writes they must equal the number of rows.</summary>
public abstract class CountsContract : StoreContract
{
    private static readonly int[] Names = [1, 2, 3];

    private static readonly Gen<string> SomePolicy = Gen.Elements(World.Policies.ToArray());

    private static readonly Gen<Command> Writes =
        from name in Gen.Elements(Names)
        from late in Gen.Choose(-3, 3)
        from configuration in Gen.Choose(1, 3)
        select (Command)new Write(name, late, configuration);

    private static readonly Gen<Command> Deletes =
        from name in Gen.Elements(Names)
        from late in Gen.Choose(-3, 3)
        select (Command)new Delete(name, late);

    private static readonly Gen<Command> Evaluations =
        from name in Gen.Elements(Names)
        from first in Gen.Choose(0, 5)
        from second in Gen.Choose(0, 5)
        from severity in Gen.Elements(10, 30, 60, 95)
        from kept in Gen.Elements(false, false, false, true)
        select (Command)new Evaluate(name, first, second, severity, kept);

    private static readonly Gen<Command> Stops =
        from policy in SomePolicy
        from purged in Gen.Choose(0, 3)
        select (Command)new Stop(policy, purged);

    private static readonly Gen<Command> Exceptions =
        from policy in Gen.Elements(World.Policies.Append(null).ToArray())
        from name in Gen.Choose(0, 3)
        from untilChanged in Gen.Elements(false, true)
        select (Command)new Except(name == 0 ? policy ?? World.Policies[0] : policy, name == 0 ? null : name, untilChanged);

    private static readonly Gen<Command> Notes =
        from name in Gen.Elements(Names)
        from workflow in Gen.Elements<Workflow?>(null, Workflow.InProgress, Workflow.New)
        from due in Gen.Elements(null, "", "2026-11-20", "2027-01-01")
        select (Command)new Note(name, workflow, due);

    private static readonly Gen<Command> Commands = Gen.Frequency(
        (2, Exceptions), (1, Gen.Choose(0, 5).Select(number => (Command)new EndException(number))),
        (2, Notes),
        (1, Gen.Elements(Names).Select(name => (Command)new Reconsider(name))), (1, Gen.Choose(0, 5).Select(number => (Command)new Release(number))),
        (4, Writes), (1, Deletes), (6, Evaluations), (2, Gen.Constant<Command>(new ApplyKept())), (1, Stops),
        (2, SomePolicy.Select(policy => (Command)new Launch(policy))));

    [Fact]
    public void After_any_history_every_count_equals_a_recount() =>
        Sequences.Check(Commands, length: 30, samples: Stores.Samples(60), async commands =>
        {
            var history = new History(await World.NewAsync(Stores));
            foreach (var command in commands)
            {
                await history.RunAsync(command);
            }

            await ShouldEqualARecountAsync(history.World);
        });

    [Fact]
    public void After_concurrent_histories_every_count_equals_a_recount() =>
        Sequences.Check(Commands, length: 45, samples: Stores.Samples(15), async commands =>
        {
            var world = await World.NewAsync(Stores);
            await Task.WhenAll(commands.Chunk(15).Select(chunk => Task.Run(async () =>
            {
                var history = new History(world);
                foreach (var command in chunk)
                {
                    await history.RunAsync(command);
                }
            })));

            await ShouldEqualARecountAsync(world);
        });

    private async Task ShouldEqualARecountAsync(World world)
    {
        await world.CountsShouldEqualARecountAsync(Names);
        var findings = await world.FindingsAsync();
        var expected = findings.CountBy(f => new { f.PolicyId, Band = Severities.BandOf(f.Severity), f.State })
            .ToDictionary(c => $"{c.Key}", c => (long)c.Value);
        foreach (var account in new[] { null, world.AccountId })
        {
            (await Stores.Summaries.CountFindingsAsync(world.Organization, account, None))
                .ToDictionary(c => $"{new { c.PolicyId, c.Band, c.State }}", c => c.N).ShouldBe(expected, ignoreOrder: true);
        }

        await world.HeldFindingsShouldEqualARecountAsync();
        await OverdueShouldEqualARecountAsync(world, findings);
        var dashboard = await Stores.Summaries.ReadDashboardAsync(world.Organization, DateOnly.MinValue, DateOnly.MinValue, None);
        long Sum(FindingChange change) => dashboard.Changes.Where(c => c.Change == change).Sum(c => c.N);
        Sum(FindingChange.New).ShouldBe(findings.Count);
        (Sum(FindingChange.New) - Sum(FindingChange.Closed) + Sum(FindingChange.Reopened)).ShouldBe(findings.Count(f => f.State == FindingState.Active));
        Sum(FindingChange.Resolved).ShouldBe(findings.Count(f => f.State == FindingState.Resolved));

        var alive = 0;
        foreach (var name in Names)
        {
            alive += await world.FindAsync(name) is { DeletedAt: null } ? 1 : 0;
        }

        var failing = findings.Where(f => f.State == FindingState.Active).Select(f => f.Arn).Distinct().Count();
        dashboard.Resources.Services.ShouldBe(alive == 0 ? [] : [new ServiceCount("s3", alive, failing)]);
        dashboard.Resources.Accounts.ShouldBe(alive == 0 ? 0 : 1);
    }

    /// <summary>The totals, the lists, and the due date of each finding say the same.</summary>
    private async Task OverdueShouldEqualARecountAsync(World world, IReadOnlyList<Finding> findings)
    {
        var settings = new TriageSettings(Critical: 0, High: 1, Medium: 2, Low: 4);
        foreach (var day in (int[])[0, 1, 3, 5, 60])
        {
            var today = Periods.DayOf(Some.Noon).AddDays(day);
            var overdue = new OverdueFilter(settings, today);
            var late = findings.Where(f => f.State == FindingState.Active && settings.DueOn(f) < today).ToList();
            (await Stores.Summaries.CountTriageAsync(world.Organization, overdue, today, None)).Where(c => c.Overdue != 0)
                .ToDictionary(c => c.Band, c => c.Overdue)
                .ShouldBe(late.CountBy(f => Severities.BandOf(f.Severity)).ToDictionary(c => c.Key, c => (long)c.Value), ignoreOrder: true);
            (await world.FindingsAsync(new FindingFilter(Overdue: overdue))).Select(f => f.FindingId).ShouldBe(late.Select(f => f.FindingId));
        }

        foreach (var workflow in Enum.GetValues<Workflow>())
        {
            (await world.FindingsAsync(new FindingFilter(Workflow: workflow))).Select(f => f.FindingId).ShouldBe(
                findings.Where(f => WorkflowOf(f) == workflow).Select(f => f.FindingId), customMessage: $"{workflow}");
        }

        findings.Where(f => f.Triage is not null).ShouldAllBe(f => (f.State == FindingState.Resolved) == (f.Triage!.Workflow == Workflow.Resolved));
    }

    private static Workflow WorkflowOf(Finding f) => f.State == FindingState.Resolved ? Workflow.Resolved : f.Triage?.Workflow ?? Workflow.New;

    private abstract record Command;

    /// <param name="Late">The offset of its describe time from the time of the history.</param>
    private sealed record Write(int Name, int Late, int Configuration) : Command;

    private sealed record Delete(int Name, int Late) : Command;

    /// <param name="Kept">Not applied at once, but later in the history, possibly too late.</param>
    private sealed record Evaluate(int Name, int First, int Second, int Severity, bool Kept) : Command;

    private sealed record ApplyKept : Command;

    private sealed record Stop(string PolicyId, int Purged) : Command;

    private sealed record Launch(string PolicyId) : Command;

    /// <param name="Name">Null for all buckets.</param>
    private sealed record Except(string? PolicyId, int? Name, bool UntilChanged) : Command;

    private sealed record Note(int Name, Workflow? Workflow, string? Due) : Command;

    private sealed record EndException(int Number) : Command;

    /// <summary>A part of a pass, which may be interrupted anywhere.</summary>
    private sealed record Reconsider(int Name) : Command;

    private sealed record Release(int Number) : Command;

    private sealed class History(World world)
    {
        private readonly List<string> _exceptions = [];
        private EvaluatedResource? _kept;
        private int _step;

        public World World => world;

        public async Task RunAsync(Command command)
        {
            var now = ++_step * 7 * 3600; // so that a history runs over several days
            switch (command)
            {
                case Write write:
                    await world.WriteAsync(world.Bucket(write.Name, now + (write.Late * 7 * 3600), write.Configuration));
                    break;
                case Delete delete:
                    await world.DeleteAsync(delete.Name, now + (delete.Late * 7 * 3600));
                    break;
                case Evaluate evaluate when await world.FindAsync(evaluate.Name) is { DeletedAt: null } stored:
                    var revisions = await world.ActiveRevisionsAsync();
                    var evaluated = Some.Evaluated(
                        world.Bucket(evaluate.Name, (stored.DescribeTime - Some.Noon).TotalSeconds, stored.Hash[1] - '0'),
                        [.. World.Policies.Zip([evaluate.First, evaluate.Second]).Where(p => revisions.ContainsKey(p.First))
                            .Select(p => VerdictOf(p.First, revisions[p.First], p.Second, evaluate.Severity))]) with
                    {
                        EvaluatedAt = Some.At(now),
                    };
                    _kept = evaluate.Kept ? evaluated : _kept;
                    if (!evaluate.Kept)
                    {
                        await world.ApplyAsync(evaluated);
                    }

                    break;
                case ApplyKept when _kept is not null:
                    await world.ApplyAsync(_kept);
                    break;
                case Stop stop:
                    await world.StopAsync(PolicyStatus.Suspended, stop.PolicyId);
                    for (var i = 0; i < stop.Purged; i++)
                    {
                        await world.ResolveAsync(1, stop.PolicyId, now);
                    }

                    break;
                case Launch launch:
                    await world.LaunchAsync(launch.PolicyId);
                    break;
                case Except except:
                    var exception = Some.Exception(
                        except.PolicyId, except.Name is { } excepted ? World.ArnOf(excepted) : null, now, world.Organization, except.UntilChanged);
                    (await world.Stores.Exceptions.AddAsync([exception], most: 100, CancellationToken.None)).ShouldBeTrue();
                    _exceptions.Add(exception.ExceptionId);
                    break;
                case Note note:
                    await world.Stores.Triage.ChangeAsync(
                        world.Organization,
                        [.. World.Policies.Select(policy => new FindingIdentity(world.AccountServiceName, World.ArnOf(note.Name), policy))],
                        new TriageChange(note.Workflow, null, note.Due, null), new TriageActor("key", null, Some.At(now)), CancellationToken.None);
                    break;
                case EndException end when end.Number < _exceptions.Count:
                    await world.Stores.Exceptions.RemoveAsync(world.Organization, _exceptions[end.Number], Some.At(now), CancellationToken.None);
                    break;
                case Reconsider reconsider:
                    await world.Stores.Exceptions.ReconsiderAsync(
                        world.Organization,
                        [.. World.Policies.Select(policy => new FindingIdentity(world.AccountServiceName, World.ArnOf(reconsider.Name), policy))],
                        Some.At(now), CancellationToken.None);
                    break;
                case Release release when release.Number < _exceptions.Count:
                    await world.Stores.Exceptions.ReleaseAsync(
                        world.Organization, _exceptions[release.Number], Some.At(now), limit: 1, CancellationToken.None);
                    break;
            }
        }

        private static EvaluatedPolicy VerdictOf(string policyId, long revision, int kind, int severity) => kind switch
        {
            0 => Some.Fails(policyId, revision, severity),
            1 => Some.Fails(policyId, revision, severity, evidence: $$"""{"violation":{{severity}}}"""),
            2 => Some.Passes(policyId, revision),
            3 => Some.NotApplicable(policyId, revision),
            4 => Some.IsUnknown(policyId, revision),
            _ => Some.LeftOut(policyId, revision),
        };
    }
}
