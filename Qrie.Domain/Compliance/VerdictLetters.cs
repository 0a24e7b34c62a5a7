using System.Text;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>
/// How stores write the verdicts on a resource: a letter for each policy of a list, in its order. The letters are stored, so they must not change.
/// </summary>
public static class VerdictLetters
{
    /// <summary>Stands for a policy whose scope excludes the resource.</summary>
    public const char LeftOut = '-';

    /// <summary>Stands for a violation that an exception holds: a failed verdict, counted separately.</summary>
    private const char Excepted = 'x';

    private const char Fail = 'f';

    /// <summary>The letters of all policies, and the reasons of unknown verdicts by their position; null if there are none.</summary>
    /// <param name="excepted">The policies whose findings exceptions hold; null if there are none.</param>
    public static (string Letters, Dictionary<int, UnknownReason>? Reasons) Of(IReadOnlyList<EvaluatedPolicy> policies, IReadOnlySet<string>? excepted)
    {
        var letters = new StringBuilder(policies.Count);
        Dictionary<int, UnknownReason>? reasons = null;
        for (var i = 0; i < policies.Count; i++)
        {
            var verdict = policies[i].Verdict;
            letters.Append(verdict?.Verdict switch
            {
                null => LeftOut,
                Verdict.Fail => excepted?.Contains(policies[i].PolicyId) == true ? Excepted : Fail,
                Verdict.Pass => 'p',
                Verdict.NotApplicable => 'n',
                _ => 'u',
            });
            if (verdict?.Reason is { } reason)
            {
                (reasons ??= [])[i] = reason;
            }
        }

        return (letters.ToString(), reasons);
    }

    /// <summary>Null if the policy's scope excludes the resource.</summary>
    public static Verdict? VerdictOf(char letter) => letter switch
    {
        LeftOut => null,
        'p' => Verdict.Pass,
        Fail or Excepted => Verdict.Fail,
        'n' => Verdict.NotApplicable,
        _ => Verdict.Unknown,
    };

    /// <summary>The verdict as requirements count it.</summary>
    public static PairVerdict PairOf(char letter) => letter == Excepted ? PairVerdict.Excepted : VerdictOf(letter) switch
    {
        null => PairVerdict.OutOfScope,
        Verdict.Pass => PairVerdict.Pass,
        Verdict.Fail => PairVerdict.Fail,
        Verdict.NotApplicable => PairVerdict.NotApplicable,
        _ => PairVerdict.Unknown,
    };

    /// <summary>The same verdicts with other findings held by exceptions.</summary>
    /// <param name="isExcepted">Whether an exception holds the finding of the policy at a position.</param>
    public static string With(string letters, Func<int, bool> isExcepted) => string.Create(letters.Length, (letters, isExcepted), static (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            var letter = from.letters[i];
            span[i] = letter is not (Excepted or Fail) ? letter : from.isExcepted(i) ? Excepted : Fail;
        }
    });
}
