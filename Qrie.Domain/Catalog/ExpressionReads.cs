using System.Text.RegularExpressions;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>What an expression may read, determined without evaluating it.</summary>
internal sealed partial class ExpressionReads
{
    private readonly string _text;

    public ExpressionReads(JmesPathExpression expression)
    {
        var reads = expression.StaticReads();
        _text = expression.Text;
        Members = reads.Members;
        Whole = reads.Whole;
        Variables = expression.Variables;
        Functions = expression.FunctionsUsed;
        ReadsClock = expression.ReadsClock;
    }

    /// <summary>Members of the value on which it is evaluated.</summary>
    public IReadOnlySet<string> Members { get; }

    /// <summary>It may read any member.</summary>
    public bool Whole { get; }

    /// <summary>Without the dollar sign.</summary>
    public IReadOnlySet<string> Variables { get; }

    public IReadOnlySet<string> Functions { get; }

    public bool ReadsClock { get; }

    /// <summary>Members of <c>$self</c> that are named directly.</summary>
    public IEnumerable<string> MembersOfSelf => SelfMember().Matches(_text).Select(match => match.Groups["name"].Value.Trim('"'));

    /// <summary><c>$self</c> is used without a member name.</summary>
    public bool ReadsAllOfSelf => Self().Count(_text) > SelfMember().Count(_text);

    [GeneratedRegex(@"\$self\b")]
    private static partial Regex Self();

    [GeneratedRegex("""\$self\.(?<name>[A-Za-z_][A-Za-z0-9_]*|"[^"]+")""")]
    private static partial Regex SelfMember();
}

internal static class ExpressionReadsExtensions
{
    public static ExpressionReads Reads(this JmesPathExpression expression) => new(expression);
}
