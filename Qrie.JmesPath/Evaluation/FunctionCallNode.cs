using System.Runtime.CompilerServices;
using Qrie.JmesPath.Functions;

namespace Qrie.JmesPath.Evaluation;

/// <summary><c>name(argument, …)</c>; name and number of arguments were checked by the parser.</summary>
internal sealed class FunctionCallNode(int position, JmesFunction function, Node[] arguments) : Node(position, arguments)
{
    public JmesFunction Function { get; } = function;

    public IReadOnlyList<Node> Arguments => arguments;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state)
    {
        state.EnsureStack(); // the function may need any amount
        // Up to four arguments are on the stack.
        var buffer = default(FewArguments);
        var values = arguments.Length <= FewArguments.Length ? buffer[..arguments.Length] : new JmesValue[arguments.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!Function.ParameterAt(i).IsLazy)
            {
                values[i] = arguments[i].Evaluate(current, state);
                state.Trace?.ReadWhole(values[i]);
            }
        }

        state.Position = Position;
        for (var i = 0; i < values.Length; i++)
        {
            if (!Function.ParameterAt(i).IsLazy)
            {
                Check(i, values[i], state);
                state.Charge(values[i].Count);
            }
        }

        return state.Built(Function.Body(new FunctionCall(this, values, current, state)));
    }

    /// <summary>The argument of a parameter that <see cref="JmesParameter.IsLazy"/>.</summary>
    public JmesValue EvaluateLazily(int argument, in JmesValue current, EvaluationState state)
    {
        var value = state.EvaluateUntouched(arguments[argument], current);
        Check(argument, value, state);
        state.Charge(value.Count);
        return value;
    }

    private void Check(int argument, in JmesValue value, EvaluationState state)
    {
        var parameter = Function.ParameterAt(argument);
        if (!ArgumentTypes.Accepts(parameter.Types, value))
        {
            throw state.Error(
                JmesErrorKind.InvalidType,
                $"{Function.Name}() ${parameter.Name} must be {ArgumentTypes.Describe(parameter.Types)}, this is {ArgumentTypes.Describe(value)}.",
                arguments[argument].Position);
        }
    }

    [InlineArray(Length)]
    private struct FewArguments
    {
        public const int Length = 4;

        private JmesValue _first;
    }
}

/// <summary><c>&amp;expression</c> as an argument.</summary>
internal sealed class ReferenceNode(int position, Node body) : Node(position, body)
{
    private readonly JmesValue _value = JmesValue.FromExpression(new ExpressionReference(body));

    public Node Body { get; } = body;

    protected override JmesValue Compute(in JmesValue current, EvaluationState state) => _value;
}
