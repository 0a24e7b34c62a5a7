using System.Diagnostics;

namespace Qrie.Benchmarks;

/// <summary>Measures the rate of a short call on one core.</summary>
internal static class CallRate
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_round = TimeSpan.FromMilliseconds(250);
    private const int Rounds = 5;
    private const int Batch = 64;

    /// <summary>Writes evaluations per second and bytes per evaluation.</summary>
    public static void Measure<T>(string name, Func<T> evaluate, FigureWriter figures)
    {
        figures.Write(name, Of(evaluate), "evaluations/s");

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Batch; i++)
        {
            evaluate();
        }

        figures.Write(name, (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Batch, "bytes/evaluation");
    }

    /// <summary>Calls per second: the best of several rounds, because disturbances only make a round slower.</summary>
    public static double Of<T>(Func<T> call)
    {
        RateOfRound(call, s_warmUp);
        return Enumerable.Range(0, Rounds).Max(_ => RateOfRound(call, s_round));
    }

    /// <summary>Calls per second of processor time, so that other processes have little influence. Includes garbage collection.</summary>
    private static double RateOfRound<T>(Func<T> call, TimeSpan length)
    {
        var calls = 0L;
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        while (watch.Elapsed < length)
        {
            for (var i = 0; i < Batch; i++)
            {
                call();
            }

            calls += Batch;
        }

        return calls / (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }
}
