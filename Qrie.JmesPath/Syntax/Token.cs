namespace Qrie.JmesPath.Syntax;

internal enum TokenKind
{
    End,
    Identifier,
    QuotedIdentifier,
    Variable,
    Literal,
    Number,
    Dot,
    Star,
    OpenBracket,
    CloseBracket,
    Flatten,
    Filter,
    OpenBrace,
    CloseBrace,
    OpenParen,
    CloseParen,
    Comma,
    Colon,
    Question,
    Pipe,
    Or,
    And,
    Not,
    Reference,
    Current,
    Root,
    Assign,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Multiply,
    Divide,
    IntegerDivide,
    Modulo,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Position">The start position.</param>
/// <param name="Text">The name of an identifier or variable, without quotes and dollar sign; the digits of a number.</param>
/// <param name="Value">The value of a literal.</param>
internal readonly record struct Token(TokenKind Kind, int Position, string Text, JmesValue Value);
