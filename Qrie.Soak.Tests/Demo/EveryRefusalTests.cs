using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Recording;
using Qrie.Tests.Api;
using Qrie.Tests.Demo;
using Qrie.Tests.Support;

namespace Qrie.Soak.Tests.Demo;

/// <summary>
/// Every operation is denied in turn, for a whole organization: verdicts become unknown or stay, no finding is opened or resolved, nothing counts as deleted.
/// When the operation is allowed again, everything is as before.
/// </summary>
public sealed class EveryRefusalTests(ITestOutputHelper output)
{
    private const char Unknown = 'u';

    /// <summary>Operations that are also made to fail in another way, for half of the requested resources.</summary>
    private const int PartlyRefused = 20;

    [SoakFact]
    public async Task Refused_reads_are_unknown_and_nothing_else_changes()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var folder = Directory.CreateTempSubdirectory("qrie-refusals-");
        var store = Path.Combine(folder.FullName, "qrie.db");
        RefusingAws? aws = null;
        await using (var qrie = await RunningQrie.StartDemoAsync(
            store,
            builder => builder.Services.AddSingleton<IAwsApi>(
                p => aws = new RefusingAws(p.GetRequiredService<LayeredReplay>(), p.GetRequiredService<TimeProvider>()))))
        {
            await DemoHost.ReadyAsync(qrie);
            await LaunchAllAsync(qrie);
            var before = await ScannedAsync(qrie, store);
            before.Verdicts.Count.ShouldBeGreaterThan(500);
            before.Active.Count.ShouldBeGreaterThan(100);
            var touched = 0;
            var anyhow = aws!.Called.OrderBy(_ => random.Next()).Take(PartlyRefused).Select(call => Refusal.Any(call, oneIn: 2, random));
            foreach (var refusal in aws.Called.Select(Refusal.Denied).Concat(anyhow).ToList())
            {
                aws.Now = refusal;
                var after = await ScannedAsync(qrie, store);

                Differences(before, after).ShouldBeEmpty($"{refusal}, seed {seed}");
                touched += after.Verdicts.Any(v => before.Verdicts[v.Key] != v.Value) ? 1 : 0;
            }

            output.WriteLine($"{aws.Called.Count} operations, {touched} refusals that changed verdicts");
            touched.ShouldBeGreaterThan(aws.Called.Count / 3, "refusals that change nothing test nothing");
            aws.Now = null;
            var healed = await ScannedAsync(qrie, store);
            healed.Verdicts.ShouldBe(before.Verdicts, ignoreOrder: true);
            Differences(before, healed).ShouldBeEmpty();
        }

        folder.Delete(recursive: true);
    }

    private static async Task LaunchAllAsync(RunningQrie qrie)
    {
        var ids = (await qrie.GetAsync("/policies?status=available")).Body.EnumerateArray().Select(p => p.GetProperty("policy_id").GetString()).ToList();
        if (ids.Count > 0)
        {
            await qrie.PostAsync("/policies/launch", new { policy_ids = ids });
        }
    }

    private static async Task<World> ScannedAsync(RunningQrie qrie, string store)
    {
        await qrie.ScanAsync(new { kind = "inventory" });
        await qrie.ScanAsync(new { kind = "policy" });
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = store, Pooling = false }.ToString());
        var verdicts = await connection.QueryAsync<(string Place, string Arn, string List, string Verdicts)>(
            "SELECT account_service, arn, policy_list, verdicts FROM evaluations");
        var resources = await connection.QueryAsync<(string Place, string Arn)>("SELECT account_service, arn FROM resources WHERE deleted_at IS NULL");
        var active = await connection.QueryAsync<(string Place, string Arn, string Policy)>(
            "SELECT account_service, arn, policy_id FROM findings WHERE state = 'active'");
        return new World(
            verdicts.ToDictionary(v => $"{v.Place} {v.Arn} {v.List}", v => v.Verdicts), [.. resources.Select(r => $"{r.Place} {r.Arn}")],
            [.. active.Select(f => $"{f.Place} {f.Arn} {f.Policy}")]);
    }

    private static IEnumerable<string> Differences(World before, World after)
    {
        foreach (var (key, verdicts) in after.Verdicts)
        {
            if (!before.Verdicts.TryGetValue(key, out var were))
            {
                yield return $"{key}: evaluated by other policies";
            }
            else if (!were.Zip(verdicts).All(v => v.Second == v.First || v.Second == Unknown))
            {
                yield return $"{key}: {were} became {verdicts}";
            }
        }

        foreach (var gone in before.Resources.Except(after.Resources))
        {
            yield return $"{gone} counts as deleted";
        }

        foreach (var closed in before.Active.Except(after.Active))
        {
            yield return $"{closed} was resolved";
        }

        foreach (var opened in after.Active.Except(before.Active))
        {
            yield return $"{opened} was opened";
        }
    }

    /// <param name="Verdicts">A letter for each policy, by resource.</param>
    private sealed record World(IReadOnlyDictionary<string, string> Verdicts, HashSet<string> Resources, HashSet<string> Active);
}
