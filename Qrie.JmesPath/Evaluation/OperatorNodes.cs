using System.Text;
using Qrie.JmesPath.Values;

namespace Qrie.JmesPath.Evaluation;

internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal enum Arithmetic
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    IntegerDivide,
}

/// <summary><c>left &amp;&amp; right</c></summary>
internal sealed class AndNode(Node left, Node right) : Node(left.Position, left, right)
{
    public Node Left { get; } = left;

    public Node Right { get; } = right;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var value = Left.Evaluate(current, state);
        return state.IsTruthy(value) ? Right.Evaluate(current, state) : value;
    }

    protected override bool Decide(in JmesValue current, EvaluationState state) => Left.Test(current, state) && Right.Test(current, state);
}

/// <summary><c>left || right</c></summary>
internal sealed class OrNode(Node left, Node right) : Node(left.Position, left, right)
{
    public Node Left { get; } = left;

    public Node Right { get; } = right;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var value = Left.Evaluate(current, state);
        return state.IsTruthy(value) ? value : Right.Evaluate(current, state);
    }

    protected override bool Decide(in JmesValue current, EvaluationState state) => Left.Test(current, state) || Right.Test(current, state);
}

/// <summary><c>!operand</c></summary>
internal sealed class NotNode(int position, Node operand) : Node(position, operand)
{
    public Node Operand { get; } = operand;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => JmesValue.FromBoolean(Test(current, state));

    protected override bool Decide(in JmesValue current, EvaluationState state) => !Operand.Test(current, state);
}

/// <summary><c>condition ? then : otherwise</c></summary>
internal sealed class ConditionalNode(Node condition, Node then, Node otherwise) : Node(condition.Position, condition, then, otherwise)
{
    public Node Condition { get; } = condition;

    public Node Then { get; } = then;

    public Node Otherwise { get; } = otherwise;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) =>
        Condition.Test(current, state) ? Then.Evaluate(current, state) : Otherwise.Evaluate(current, state);

    protected override bool Decide(in JmesValue current, EvaluationState state) =>
        Condition.Test(current, state) ? Then.Test(current, state) : Otherwise.Test(current, state);
}

/// <summary>A comparison; the order of anything but two numbers is null.</summary>
internal sealed class ComparisonNode : Node
{
    private readonly Node? _other;
    private readonly byte[]? _text;

    public ComparisonNode(int position, Comparison comparison, Node left, Node right)
        : base(position, left, right)
    {
        Comparison = comparison;
        Left = left;
        Right = right;

        // Most policies compare with a string literal: its bytes are compared with the document's, without creating a string.
        var literal = left as LiteralNode ?? right as LiteralNode;
        if (literal is { Value: { Kind: JmesKind.String } value } && comparison is Comparison.Equal or Comparison.NotEqual)
        {
            _other = ReferenceEquals(literal, left) ? right : left;
            _text = Encoding.UTF8.GetBytes(value.GetString());
        }
    }

    public Comparison Comparison { get; }

    public Node Left { get; }

    public Node Right { get; }

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) =>
        Compare(current, state) is { } result ? JmesValue.FromBoolean(result) : default;

    protected override bool Decide(in JmesValue current, EvaluationState state) => Compare(current, state) == true;

    private bool? Compare(in JmesValue current, EvaluationState state)
    {
        if (_text is not null)
        {
            var value = _other!.Evaluate(current, state);
            state.Trace?.ReadWhole(value);
            var same = value.Kind is JmesKind.String && (value.IsElement
                ? value.Element.ValueEquals(_text)
                : ValueEquality.AreEqual(value, ((LiteralNode)(ReferenceEquals(_other, Left) ? Right : Left)).Value, null, 0));
            return same == (Comparison is Comparison.Equal);
        }

        var left = Left.Evaluate(current, state);
        var right = Right.Evaluate(current, state);
        if (state.Trace is not null)
        {
            state.Trace.ReadWhole(left);
            state.Trace.ReadWhole(right);
            left = left.WithOrigin(null); // the parts need not be recorded one by one
            right = right.WithOrigin(null);
        }

        if (Comparison is Comparison.Equal or Comparison.NotEqual)
        {
            state.Position = Position;
            return ValueEquality.AreEqual(left, right, state, state.MaxDepth) == (Comparison is Comparison.Equal);
        }

        if (left.Kind is not JmesKind.Number || right.Kind is not JmesKind.Number)
        {
            return null;
        }

        var order = ValueEquality.CompareNumbers(left, right);
        return Comparison switch
        {
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }
}

/// <summary><c>left + right</c> and the like: both must be numbers.</summary>
internal sealed class ArithmeticNode(int position, Arithmetic operation, Node left, Node right) : Node(position, left, right)
{
    public Arithmetic Operation { get; } = operation;

    public Node Left { get; } = left;

    public Node Right { get; } = right;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var left = Operand.Number(Left, current, state);
        var right = Operand.Number(Right, current, state);
        var result = Operation switch
        {
            Arithmetic.Add => left + right,
            Arithmetic.Subtract => left - right,
            Arithmetic.Multiply => left * right,
            Arithmetic.Divide => left / right,
            Arithmetic.Modulo => left % right,
            _ => Math.Floor(left / right),
        };
        return double.IsFinite(result)
            ? JmesValue.FromNumber(result)
            : throw state.Error(
                JmesErrorKind.NotANumber,
                right == 0 && Operation is not (Arithmetic.Add or Arithmetic.Subtract or Arithmetic.Multiply)
                    ? "Division by zero."
                    : "The result is too large.",
                Position);
    }
}

/// <summary><c>-operand</c> and <c>+operand</c></summary>
internal sealed class SignNode(int position, bool negative, Node operand) : Node(position, operand)
{
    public bool Negative { get; } = negative;

    public Node Inner { get; } = operand;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        var number = Operand.Number(Inner, current, state);
        return JmesValue.FromNumber(Negative ? -number : number);
    }
}

internal static class Operand
{
    public static double Number(Node node, in JmesValue current, EvaluationState state)
    {
        var value = node.Evaluate(current, state);
        state.Trace?.ReadWhole(value);
        if (value.Kind is not JmesKind.Number)
        {
            throw state.Error(JmesErrorKind.InvalidType, $"Arithmetic needs a number, this is {value.Kind.Name()}.", node.Position);
        }

        var number = value.GetNumber();
        return double.IsFinite(number) ? number : throw state.Error(JmesErrorKind.NotANumber, "The number is too large.", node.Position);
    }
}
