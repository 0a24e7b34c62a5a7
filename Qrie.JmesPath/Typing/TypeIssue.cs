namespace Qrie.JmesPath.Typing;

/// <summary>What the type checker found wrong.</summary>
public enum TypeIssueKind
{
    /// <summary>The shape has no such member: the expression always gives null there.</summary>
    UnknownMember,

    /// <summary>A member or <c>.*</c> of what is no object.</summary>
    NotAnObject,

    /// <summary>An index or projection over what is no list.</summary>
    NotAList,

    /// <summary>An order comparison of what is not a number: always null.</summary>
    OrderingOfNonNumbers,

    /// <summary>A comparison of values that are never equal.</summary>
    NeverEqual,

    /// <summary>Arithmetic on what is not a number: always an error.</summary>
    ArithmeticOnNonNumbers,

    /// <summary>An argument that the function refuses: always an error.</summary>
    WrongArgument,

    /// <summary>An unbound <c>$variable</c>: always an error.</summary>
    UndefinedVariable,

    /// <summary>A value that may be null where null is an error. A warning.</summary>
    PossibleNull,
}

/// <summary>Something wrong with an expression, found without evaluating it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Position">Zero-based index into the expression, in UTF-16 units.</param>
/// <param name="Message">What is wrong and, where it can be guessed, what to write instead.</param>
/// <param name="Expression">The whole expression.</param>
public sealed record TypeIssue(TypeIssueKind Kind, int Position, string Message, string Expression)
{
    /// <summary>The expression works, but may fail on some documents.</summary>
    public bool IsWarning => Kind is TypeIssueKind.PossibleNull;

    /// <summary>The message, with the expression and a caret under the place.</summary>
    public override string ToString() => $"{Message}\n{JmesPathException.Caret(Expression, Position)}";
}

/// <summary>What the type checker says of an expression.</summary>
/// <param name="Type">The type of its result.</param>
/// <param name="Issues">What is wrong, in the order of evaluation; empty: nothing.</param>
public sealed record TypeCheckResult(JmesType Type, IReadOnlyList<TypeIssue> Issues);
