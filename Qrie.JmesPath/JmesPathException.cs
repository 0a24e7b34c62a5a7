using System.Globalization;
using System.Text;

namespace Qrie.JmesPath;

/// <summary>Why an expression is invalid or failed. The codes are those of the JMESPath Community specification.</summary>
public enum JmesErrorKind
{
    /// <summary>The text is not an expression.</summary>
    Syntax,

    /// <summary>A function has too few or too many arguments.</summary>
    InvalidArity,

    /// <summary>An argument or operand has a type that is not accepted.</summary>
    InvalidType,

    /// <summary>The type is valid but the value is not: a step of 0, a fraction where a whole number is required.</summary>
    InvalidValue,

    /// <summary>No function of that name is registered.</summary>
    UnknownFunction,

    /// <summary>Arithmetic without a result: division by zero, overflow.</summary>
    NotANumber,

    /// <summary>A <c>$variable</c> bound neither by a let expression nor by the caller.</summary>
    UndefinedVariable,

    /// <summary>A function of the host requires a value that the document lacks. Not in the specification.</summary>
    MissingValue,

    /// <summary>A limit of <see cref="JmesPathOptions"/> was reached.</summary>
    LimitExceeded,

    /// <summary>Not in the specification: the arguments of a function do not determine its result.</summary>
    Undecided,
}

/// <summary>The only exception that parsing and evaluation throw, besides cancellation.</summary>
public sealed class JmesPathException : Exception
{
    private const int ShownBefore = 60;
    private const int ShownAfter = 60;

    internal JmesPathException(JmesErrorKind kind, string reason, string expression, int position)
        : base(Describe(kind, reason, expression, position))
    {
        Kind = kind;
        Reason = reason;
        Expression = expression;
        Position = position;
    }

    /// <summary>For <see cref="JmesErrorKind.Undecided"/> the function's code for the missing information; otherwise null.</summary>
    public string? UndecidedBy { get; init; }

    /// <summary>The class of the error.</summary>
    public JmesErrorKind Kind { get; }

    /// <summary>The kind in the specification's notation, <c>invalid-type</c>.</summary>
    public string Code => CodeOf(Kind);

    /// <summary>The expected and the actual value, in one line.</summary>
    public string Reason { get; }

    /// <summary>What is undecided, in a few words; only with <see cref="JmesErrorKind.Undecided"/>.</summary>
    public string? Subject { get; internal init; }

    /// <summary>The whole expression.</summary>
    public string Expression { get; }

    /// <summary>Zero-based index into <see cref="Expression"/>, in UTF-16 units; the length of the text means its end.</summary>
    public int Position { get; }

    internal static string CodeOf(JmesErrorKind kind) => kind switch
    {
        JmesErrorKind.Syntax => "syntax",
        JmesErrorKind.InvalidArity => "invalid-arity",
        JmesErrorKind.InvalidType => "invalid-type",
        JmesErrorKind.InvalidValue => "invalid-value",
        JmesErrorKind.UnknownFunction => "unknown-function",
        JmesErrorKind.NotANumber => "not-a-number",
        JmesErrorKind.UndefinedVariable => "undefined-variable",
        JmesErrorKind.MissingValue => "missing-value",
        JmesErrorKind.Undecided => "undecided",
        _ => "limit-exceeded",
    };

    private static string Describe(JmesErrorKind kind, string reason, string expression, int position) =>
        string.Create(CultureInfo.InvariantCulture, $"{CodeOf(kind)}: {reason} (at {position})\n{Caret(expression, position)}");

    /// <summary>The line with the position, shortened to the width of a terminal, and a caret under it.</summary>
    internal static string Caret(string text, int position)
    {
        position = Math.Clamp(position, 0, text.Length);
        var start = position == 0 ? 0 : text.LastIndexOf('\n', position - 1) + 1;
        var end = text.IndexOf('\n', position);
        end = end < 0 ? text.Length : end;
        var from = Math.Max(start, position - ShownBefore);
        var to = Math.Min(end, position + ShownAfter);

        var line = new StringBuilder();
        line.Append(from > start ? "…" : "").Append(text, from, to - from).Append(to < end ? "…" : "");
        line.Append('\n').Append(' ', position - from + (from > start ? 1 : 0)).Append('^');
        return line.ToString();
    }
}
