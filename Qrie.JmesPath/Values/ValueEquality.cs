using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Values;

/// <summary>JMESPath's <c>==</c> and its ordering of strings.</summary>
internal static class ValueEquality
{
    private const int SearchedUpTo = 8;

    /// <summary>Whether two values are equal; charges one step for each pair to the budget, if any, and descends at most that many levels.</summary>
    /// <exception cref="InvalidOperationException">The values are deeper and there is no budget to report it to.</exception>
    public static bool AreEqual(in JmesValue left, in JmesValue right, EvaluationState? budget, int depth)
    {
        if (left.Kind != right.Kind)
        {
            return false;
        }

        switch (left.Kind)
        {
            case JmesKind.Null:
                return true;
            case JmesKind.Boolean:
                return left.GetBoolean() == right.GetBoolean();
            case JmesKind.Number:
                return SameNumber(left, right);
            case JmesKind.String:
                return SameString(left, right);
            case JmesKind.Expression:
                return ReferenceEquals(left.Expression, right.Expression);
            default:
                break;
        }

        var count = left.Count;
        if (count != right.Count)
        {
            return false;
        }

        if (depth == 0 || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw (Exception?)budget?.TooDeep() ?? new InvalidOperationException(
                string.Create(CultureInfo.InvariantCulture, $"Values nested deeper than {JmesValue.MaxComparedDepth} are not compared."));
        }

        budget?.Charge(count + 1);
        return left.Kind is JmesKind.Array ? SameItems(left, right, budget, depth - 1) : SameMembers(left, right, budget, depth - 1);
    }

    /// <summary>Compares by code points, which differs from UTF-16 order for surrogates and U+E000 to U+FFFF. Less than 0, 0 or more.</summary>
    public static int CompareCodePoints(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        var at = left.AsSpan(0, length).CommonPrefixLength(right.AsSpan(0, length));
        if (at == length)
        {
            return left.Length.CompareTo(right.Length);
        }

        char a = left[at], b = right[at];
        if (char.IsSurrogate(a) == char.IsSurrogate(b))
        {
            return a.CompareTo(b);
        }

        return char.IsSurrogate(a) ? 1 : -1;
    }

    /// <summary>Less than 0, 0 or more.</summary>
    public static int CompareNumbers(in JmesValue left, in JmesValue right) =>
        left.IsElement && right.IsElement && left.Element.TryGetInt64(out var a) && right.Element.TryGetInt64(out var b)
            ? a.CompareTo(b) // whole numbers beyond 2^53 are compared exactly
            : left.GetNumber().CompareTo(right.GetNumber());

    private static bool SameNumber(in JmesValue left, in JmesValue right) =>
        left.IsElement && right.IsElement && left.Element.TryGetInt64(out var a) && right.Element.TryGetInt64(out var b)
            ? a == b
            : left.GetNumber() == right.GetNumber();

    private static bool SameString(in JmesValue left, in JmesValue right)
    {
        if (left.IsElement)
        {
            return right.IsElement ? left.Element.ValueEquals(right.Element.GetString()) : left.Element.ValueEquals(right.GetString());
        }

        return right.IsElement
            ? right.Element.ValueEquals(left.GetString())
            : string.Equals(left.GetString(), right.GetString(), StringComparison.Ordinal);
    }

    private static bool SameItems(in JmesValue left, in JmesValue right, EvaluationState? budget, int depth)
    {
        var others = right.EnumerateArray();
        foreach (var item in left.EnumerateArray())
        {
            others.MoveNext();
            if (!AreEqual(item, others.Current, budget, depth))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameMembers(in JmesValue left, in JmesValue right, EvaluationState? budget, int depth)
    {
        Dictionary<string, JmesValue>? index = null;
        if (right.IsElement && right.Count > SearchedUpTo)
        {
            // Finding each name in a large element would take quadratic time.
            index = new(right.Count, StringComparer.Ordinal);
            foreach (var (name, value) in right.EnumerateObject())
            {
                index[name] = value;
            }
        }

        foreach (var (name, value) in left.EnumerateObject())
        {
            var found = index is null ? right.TryGetMember(name, out var other) : index.TryGetValue(name, out other);
            if (!found || !AreEqual(value, other, budget, depth))
            {
                return false;
            }
        }

        return true;
    }
}
