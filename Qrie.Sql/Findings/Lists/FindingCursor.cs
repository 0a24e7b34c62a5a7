using System.Globalization;

namespace Qrie.Sql.Findings.Lists;

/// <summary>The position of a finding in lists: first_seen descending, ARN, policy, account_service. It contains the key.</summary>
internal sealed record FindingCursor(long FirstSeen, string Arn, string PolicyId, string AccountService) : IComparable<FindingCursor>
{
    public static FindingCursor Of(IReadOnlyList<string> key) => new(long.Parse(key[0], CultureInfo.InvariantCulture), key[1], key[2], key[3]);

    public IReadOnlyList<string> ToKey() => [FirstSeen.ToString(CultureInfo.InvariantCulture), Arn, PolicyId, AccountService];

    public int CompareTo(FindingCursor? other) =>
        other is null ? 1
        : FirstSeen != other.FirstSeen ? other.FirstSeen.CompareTo(FirstSeen)
        : Compare(Arn, other.Arn) is not 0 and var byArn ? byArn
        : Compare(PolicyId, other.PolicyId) is not 0 and var byPolicy ? byPolicy
        : Compare(AccountService, other.AccountService);

    /// <summary>In code point order, as in databases. .NET strings consist of UTF-16 units, where surrogates sort before some other characters.</summary>
    public static int Compare(string one, string other)
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        if (at == one.Length || at == other.Length)
        {
            return one.Length.CompareTo(other.Length);
        }

        return Weight(one[at]).CompareTo(Weight(other[at]));
    }

    private static int Weight(char unit) => char.IsSurrogate(unit) ? unit + char.MaxValue : unit;
}
