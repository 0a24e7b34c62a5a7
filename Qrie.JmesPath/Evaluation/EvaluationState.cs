using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath.Evaluation;

/// <summary>A running evaluation: the root, the bound values and the remaining limits.</summary>
internal sealed class EvaluationState
{
    private const long StepsBetweenCancellationChecks = 4_096;

    private readonly string _text;
    private readonly JmesPathOptions _options;
    private readonly IReadOnlyDictionary<string, JmesValue>? _variables;
    private readonly JmesValue[]? _slots;
    private long _stepsBeforeCheck;
    private long _stepsAfterCheck;
    private long _built;

    public EvaluationState(string text, JmesPathOptions options, int slots, in JmesValue root, EvaluationContext? context)
    {
        _text = text;
        _options = options;
        _variables = context?.Variables;
        _slots = slots == 0 ? null : new JmesValue[slots];
        Trace = context?.Trace;
        Cancel = context?.Cancel ?? default;
        Root = Trace is null ? root : root.WithOrigin(Trace.Root);
        _stepsAfterCheck = options.MaxSteps;
        NextCheck();
    }

    public JmesValue Root { get; }

    public EvaluationTrace? Trace { get; }

    public CancellationToken Cancel { get; }

    /// <summary>The current position, for errors without a position of their own, such as limits.</summary>
    public int Position { get; set; }

    public int MaxDepth => _options.MaxDepth;

    public JmesValue Run(Node body)
    {
        try
        {
            Cancel.ThrowIfCancellationRequested();
            var result = body.Evaluate(Root, this);
            if (Trace is null)
            {
                return result;
            }

            Trace.ReadWhole(result);
            return JmesValueCopier.Copy(result);
        }
        catch (InvalidOperationException e) when (e.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true)
        {
            // JSON may contain escapes and bytes that are not valid Unicode; the reader detects this only when the text is read.
            throw Error(JmesErrorKind.InvalidValue, "The document contains text that is not valid Unicode.", Position);
        }
    }

    /// <summary>Counts steps; throws if the limit is reached or the caller cancelled.</summary>
    public void Charge(long steps)
    {
        _stepsBeforeCheck -= steps;
        if (_stepsBeforeCheck < 0)
        {
            Cancel.ThrowIfCancellationRequested();
            _stepsAfterCheck += _stepsBeforeCheck;
            if (_stepsAfterCheck < 0)
            {
                throw Error(JmesErrorKind.LimitExceeded, Invariant($"The evaluation takes more than {_options.MaxSteps} steps."), Position);
            }

            NextCheck();
        }
    }

    /// <summary>Throws while there is still enough stack to do so, because the caller's thread may have little.</summary>
    public void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Error(JmesErrorKind.LimitExceeded, "The expression is nested too deeply for the stack of this thread.", Position);
        }
    }

    /// <summary>Throws if a value of this many characters exceeds the limits.</summary>
    public void Reserve(long characters)
    {
        if (characters > _options.MaxResultSize)
        {
            throw Error(
                JmesErrorKind.LimitExceeded, Invariant($"The evaluation builds a value of more than {_options.MaxResultSize} characters."), Position);
        }
    }

    /// <summary>Returns a built value if it is within the limits of size and depth.</summary>
    public JmesValue Built(in JmesValue value)
    {
        var container = value.Container;
        if (container is null)
        {
            if (!value.IsElement)
            {
                Count(value.Size); // a part of the document needs no new memory
            }

            return value;
        }

        Count(container.Size);
        return container.Depth <= _options.MaxDepth ? value : throw TooDeep();
    }

    /// <summary>Counts a value that was built; throws if it, or all of them together, are too large.</summary>
    private void Count(long characters)
    {
        Reserve(characters);
        _built += characters;
        if (_built > _options.MaxBuiltSize)
        {
            throw Error(
                JmesErrorKind.LimitExceeded, Invariant($"The evaluation builds values of more than {_options.MaxBuiltSize} characters together."), Position);
        }
    }

    public JmesValue Invoke(ExpressionReference reference, in JmesValue value)
    {
        Charge(reference.Body.Weight);
        var result = reference.Body.Evaluate(value, this);
        Trace?.ReadWhole(result); // the function reads it
        return result;
    }

    /// <summary>Evaluates without touching unknown values; the trace records the reads of the evaluation, but not those of the resulting value.</summary>
    public JmesValue EvaluateUntouched(Node node, in JmesValue current)
    {
        if (Trace is null)
        {
            return node.Evaluate(current, this);
        }

        var before = Trace.Touches;
        Trace.Touches = false;
        try
        {
            return JmesValueCopier.Copy(node.Evaluate(current, this));
        }
        finally
        {
            Trace.Touches = before;
        }
    }

    /// <summary>Whether a value is truthy; the trace records it as read.</summary>
    public bool IsTruthy(in JmesValue value)
    {
        Trace?.ReadWhole(value);
        return value.IsTruthy;
    }

    public JmesValue Slot(int slot) => _slots![slot];

    public void Bind(int slot, in JmesValue value) => _slots![slot] = value;

    /// <summary>A variable of the caller.</summary>
    public JmesValue ReadVariable(string name, int position, bool whole)
    {
        JmesValue value = default;
        var bound = _variables is not null && _variables.TryGetValue(name, out value);
        if (!bound && Trace?.IsDeclaredUnknown(name) != true)
        {
            throw Error(JmesErrorKind.UndefinedVariable, $"${name} is not defined here.", position);
        }

        if (Trace is not null)
        {
            var origin = Trace.ReadVariable(name, bound);
            if (whole)
            {
                origin.ReadWhole();
            }

            return value.WithOrigin(origin);
        }

        return value;
    }

    public JmesPathException TooDeep() =>
        Error(JmesErrorKind.LimitExceeded, Invariant($"A value is nested deeper than {_options.MaxDepth} levels."), Position);

    public JmesPathException Error(JmesErrorKind kind, string reason, int position) => new(kind, reason, _text, position);

    public JmesPathException Undecided(string code, string reason, string? subject, int position) =>
        new(JmesErrorKind.Undecided, reason, _text, position) { UndecidedBy = code, Subject = subject };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void NextCheck()
    {
        _stepsBeforeCheck = Cancel.CanBeCanceled ? Math.Min(StepsBetweenCancellationChecks, _stepsAfterCheck) : _stepsAfterCheck;
        _stepsAfterCheck -= _stepsBeforeCheck;
    }
}
