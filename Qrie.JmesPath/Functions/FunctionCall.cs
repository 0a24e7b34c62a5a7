using Qrie.JmesPath.Evaluation;

namespace Qrie.JmesPath.Functions;

/// <summary>A running call: its arguments and its access to the evaluation.</summary>
public readonly ref struct FunctionCall
{
    private readonly ReadOnlySpan<JmesValue> _arguments;
    private readonly EvaluationState _state;
    private readonly FunctionCallNode _node;
    private readonly JmesValue _current;

    internal FunctionCall(FunctionCallNode node, ReadOnlySpan<JmesValue> arguments, in JmesValue current, EvaluationState state)
    {
        _node = node;
        _arguments = arguments;
        _current = current;
        _state = state;
    }

    /// <summary>The number of arguments.</summary>
    public int Count => _arguments.Length;

    /// <summary>Cancelled by the caller; long loops use <see cref="Charge"/> instead.</summary>
    public CancellationToken Cancel => _state.Cancel;

    internal EvaluationState State => _state;

    /// <summary>The argument at this position; null if it was omitted.</summary>
    public JmesValue this[int argument] => argument < _arguments.Length ? _arguments[argument] : default;

    /// <summary>
    /// The argument of a parameter with <see cref="JmesParameter.IsLazy"/>, which is evaluated only now; null if it was omitted. Nothing that is
    /// unknown in it counts as touched.
    /// </summary>
    public JmesValue EvaluateLazily(int argument) => argument < _arguments.Length ? _node.EvaluateLazily(argument, _current, _state) : default;

    /// <summary>A variable bound by the caller of the evaluation, such as <c>now</c>. The trace records it as read.</summary>
    /// <exception cref="JmesPathException">It is not bound.</exception>
    public JmesValue Variable(string name) => _state.ReadVariable(name, _node.Position, whole: true);

    /// <summary>Evaluates an expression argument on a value.</summary>
    public JmesValue Invoke(int argument, in JmesValue value) => _state.Invoke(this[argument].Expression, value);

    /// <summary>Counts work towards the step limit and checks for cancellation.</summary>
    /// <exception cref="JmesPathException">The limit is reached.</exception>
    public void Charge(long steps) => _state.Charge(steps);

    /// <summary>Throws before a value of more characters than the options allow is built.</summary>
    /// <exception cref="JmesPathException">It would be too large.</exception>
    public void Reserve(long characters) => _state.Reserve(characters);

    /// <summary>The exception for an argument of the wrong type, to be thrown.</summary>
    public JmesPathException InvalidType(int argument, string reason) => Fail(JmesErrorKind.InvalidType, argument, reason);

    /// <summary>The exception for an argument whose value is not acceptable, to be thrown.</summary>
    public JmesPathException InvalidValue(int argument, string reason) => Fail(JmesErrorKind.InvalidValue, argument, reason);

    /// <summary>The exception for an argument that must not be null, to be thrown.</summary>
    public JmesPathException MissingValue(int argument, string reason) => Fail(JmesErrorKind.MissingValue, argument, reason);

    /// <summary>The exception for arithmetic without a result, to be thrown.</summary>
    public JmesPathException NotANumber(string reason) =>
        _state.Error(JmesErrorKind.NotANumber, $"{_node.Function.Name}(): {reason}", _node.Position);

    /// <summary>The exception for a result that the arguments do not determine, to be thrown: the evaluation's result is unknown, not wrong.</summary>
    /// <param name="code">A code in capital letters for the missing information; callers store and count it, so there should be few values.</param>
    /// <param name="reason">The reason in a sentence.</param>
    /// <param name="subject">What is undecided, in a few words; null if the code says it.</param>
    public JmesPathException Undecided(string code, string reason, string? subject = null) =>
        _state.Undecided(code, $"{_node.Function.Name}(): {reason}", subject, _node.Position);

    private JmesPathException Fail(JmesErrorKind kind, int argument, string reason) => _state.Error(
        kind,
        $"{_node.Function.Name}() ${_node.Function.ParameterAt(argument).Name}: {reason}",
        argument < _node.Arguments.Count ? _node.Arguments[argument].Position : _node.Position);
}
