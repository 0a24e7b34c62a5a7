using System.Globalization;

namespace Qrie.Soak.Tests.Replicas;

/// <summary>A short test of disturbed replicas; <c>QRIE_REPLICA_ROUNDS</c> sets how many rounds it has.</summary>
public sealed class ReplicaTests
{
    [SoakFact("moto_server", "initdb", "postgres", "faketime")]
    public async Task Two_disturbed_replicas_end_like_one_undisturbed_process()
    {
        var output = new StringWriter();
        await using var soak = new ReplicaSoak(Seed, output);
        await RunAsync(output, rounds => soak.RunAsync(rounds, default));
    }

    [SoakFact("moto_server", "java", "node")]
    public async Task Two_disturbed_replicas_on_DynamoDB_end_like_one_undisturbed_process()
    {
        var output = new StringWriter();
        await using var soak = new DynamoReplicaSoak(Seed, output);
        await RunAsync(output, rounds => soak.RunAsync(rounds, default));
    }

    private static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("QRIE_REPLICA_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Random.Shared.Next(1_000_000);

    private static async Task RunAsync(StringWriter output, Func<int, Task<IReadOnlyList<string>>> run)
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("QRIE_REPLICA_ROUNDS"), CultureInfo.InvariantCulture, out var asked) ? asked : 1;
        IReadOnlyList<string> wrong;
        try
        {
            wrong = await run(rounds);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{output}{e.Message}", e);
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine(output.ToString());
        }

        wrong.ShouldBeEmpty(output.ToString());
    }
}
