namespace Qrie.Dynamo.Items;

/// <summary>Compares texts by code points, as DynamoDB sorts keys. Ordinal comparison is of UTF-16: it has surrogates before U+E000.</summary>
internal sealed class CodePoints : IComparer<string>
{
    public static readonly CodePoints Order = new();

    public static int CompareTexts(string? one, string? other) => Order.Compare(one, other);

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        var length = x.AsSpan().CommonPrefixLength(y);
        return length == x.Length || length == y.Length ? x.Length.CompareTo(y.Length) : Rank(x[length]).CompareTo(Rank(y[length]));
    }

    /// <summary>Surrogates are of code points above all others.</summary>
    private static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
