using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Syntax;

/// <summary>The operators and their left binding power.</summary>
internal static class Operators
{
    public const int DotStrength = 40;

    public static int Strength(TokenKind kind) => kind switch
    {
        TokenKind.Pipe => 1,
        TokenKind.Question => 2,
        TokenKind.Or => 3,
        TokenKind.And => 4,
        TokenKind.Equal or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater or TokenKind.GreaterOrEqual => 5,
        TokenKind.Plus or TokenKind.Minus => 6,
        TokenKind.Star or TokenKind.Multiply or TokenKind.Divide or TokenKind.IntegerDivide or TokenKind.Modulo => 7,
        TokenKind.Flatten => 9,
        TokenKind.Filter => 21,
        TokenKind.Dot => DotStrength,
        TokenKind.OpenBracket => 55,
        _ => 0,
    };

    public static Comparison? ComparisonOf(TokenKind kind) => kind switch
    {
        TokenKind.Equal => Comparison.Equal,
        TokenKind.NotEqual => Comparison.NotEqual,
        TokenKind.Less => Comparison.Less,
        TokenKind.LessOrEqual => Comparison.LessOrEqual,
        TokenKind.Greater => Comparison.Greater,
        TokenKind.GreaterOrEqual => Comparison.GreaterOrEqual,
        _ => null,
    };

    public static Arithmetic ArithmeticOf(TokenKind kind) => kind switch
    {
        TokenKind.Plus => Arithmetic.Add,
        TokenKind.Minus => Arithmetic.Subtract,
        TokenKind.Divide => Arithmetic.Divide,
        TokenKind.IntegerDivide => Arithmetic.IntegerDivide,
        TokenKind.Modulo => Arithmetic.Modulo,
        _ => Arithmetic.Multiply,
    };
}
