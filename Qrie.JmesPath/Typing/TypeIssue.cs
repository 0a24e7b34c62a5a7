namespace Qrie.JmesPath.Typing;

/// <summary>The kinds of problems that the type checker reports.</summary>
public enum TypeIssueKind
{
    /// <summary>The shape has no such member, so the value is always null.</summary>
    UnknownMember,

    /// <summary>A member or <c>.*</c> of a value that is not an object.</summary>
    NotAnObject,

    /// <summary>An index or projection over a value that is not a list.</summary>
    NotAList,

    /// <summary>An order comparison of a value that is not a number: always null.</summary>
    OrderingOfNonNumbers,

    /// <summary>A comparison of values that are never equal.</summary>
    NeverEqual,

    /// <summary>Arithmetic on a value that is not a number: always an error.</summary>
    ArithmeticOnNonNumbers,

    /// <summary>An argument that the function does not accept: always an error.</summary>
    WrongArgument,

    /// <summary>An unbound <c>$variable</c>: always an error.</summary>
    UndefinedVariable,

    /// <summary>A value that may be null where null is an error. A warning.</summary>
    PossibleNull,
}

/// <summary>A problem of an expression that was found without evaluating it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Position">Zero-based index into the expression, in UTF-16 units.</param>
/// <param name="Message">The problem and, if possible, a suggestion.</param>
/// <param name="Expression">The whole expression.</param>
public sealed record TypeIssue(TypeIssueKind Kind, int Position, string Message, string Expression)
{
    /// <summary>The expression works, but may fail on some documents.</summary>
    public bool IsWarning => Kind is TypeIssueKind.PossibleNull;

    /// <summary>The message, with the expression and a caret at the position.</summary>
    public override string ToString() => $"{Message}\n{JmesPathException.Caret(Expression, Position)}";
}

/// <summary>The result of checking an expression.</summary>
/// <param name="Type">The type of its result.</param>
/// <param name="Issues">The problems, in the order of evaluation.</param>
public sealed record TypeCheckResult(JmesType Type, IReadOnlyList<TypeIssue> Issues);
