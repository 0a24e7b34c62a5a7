using FsCheck;
using FsCheck.Fluent;

namespace Qrie.Tests.Support;

/// <summary>Property tests over sequences of steps that are written to a store.</summary>
public static class Sequences
{
    /// <summary>
    /// Runs the check on generated sequences; a failing one is made smaller by leaving steps out, and then shown. The check throws what Shouldly
    /// throws.
    /// </summary>
    public static void Check<TStep>(Gen<TStep> step, int length, int samples, Func<IReadOnlyList<TStep>, Task> check)
    {
        var sequences = step.ArrayOf().Resize(length).Where(s => s.Length > 0);
        var arbitrary = Arb.From(sequences, Without);
        FsCheck.Check.One(
            Seeds.Config.WithMaxTest(samples).WithStartSize(length).WithEndSize(length),
            Prop.ForAll(arbitrary, steps => Task.Run(() => check(steps)).GetAwaiter().GetResult()));
    }

    /// <summary>Every way in which the steps of several actors can follow one another, each actor's own order kept.</summary>
    public static IEnumerable<IReadOnlyList<T>> Interleavings<T>(params IReadOnlyList<T>[] actors)
    {
        if (actors.All(a => a.Count == 0))
        {
            return [[]];
        }

        return
            from i in Enumerable.Range(0, actors.Length)
            where actors[i].Count > 0
            let rest = actors.Select((a, j) => j == i ? (IReadOnlyList<T>)[.. a.Skip(1)] : a).ToArray()
            from tail in Interleavings(rest)
            select (IReadOnlyList<T>)[actors[i][0], .. tail];
    }

    private static IEnumerable<TStep[]> Without<TStep>(TStep[] steps) =>
        steps.Length <= 1 ? [] : Enumerable.Range(0, steps.Length).Select(i => (TStep[])[.. steps[..i], .. steps[(i + 1)..]]);
}
