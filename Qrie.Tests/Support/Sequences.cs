using FsCheck;
using FsCheck.Fluent;

namespace Qrie.Tests.Support;

/// <summary>Property tests with sequences of steps on a store.</summary>
public static class Sequences
{
    /// <summary>
    /// Runs the check on generated sequences; a failing one is reduced by omitting steps, and then shown. The check throws Shouldly's exceptions.
    /// </summary>
    public static void Check<TStep>(Gen<TStep> step, int length, int samples, Func<IReadOnlyList<TStep>, Task> check)
    {
        var sequences = step.ArrayOf().Resize(length).Where(s => s.Length > 0);
        var arbitrary = Arb.From(sequences, Without);
        FsCheck.Check.One(
            Seeds.Config.WithMaxTest(samples).WithStartSize(length).WithEndSize(length),
            Prop.ForAll(arbitrary, steps => Task.Run(() => check(steps)).GetAwaiter().GetResult()));
    }

    /// <summary>Every interleaving of the steps of several actors.</summary>
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
