using System.Globalization;
using System.Runtime.CompilerServices;
using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath.Evaluation;

/// <summary>One running evaluation: the root, the bound values and what is left of the limits.</summary>
internal sealed class EvaluationState
{
    private const long StepsBetweenCancellationChecks = 4_096;

    private readonly string _text;
    private readonly JmesPathOptions _options;
    private readonly IReadOnlyDictionary<string, JmesValue>? _variables;
    private readonly JmesValue[]? _slots;
    private long _stepsBeforeCheck;
    private long _stepsAfterCheck;

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

    /// <summary>Where the evaluation is, for errors that belong to no single place, such as limits.</summary>
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
            // JSON may hold escapes and bytes that are no Unicode text; the reader finds out only when the text is asked for.
            throw Error(JmesErrorKind.InvalidValue, "The document holds text that is not valid Unicode.", Position);
        }
    }

    /// <summary>Counts steps; throws when the limit is reached or the caller gave up.</summary>
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

    /// <summary>Throws while there is still stack to throw on: the caller's thread may have little.</summary>
    public void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw Error(JmesErrorKind.LimitExceeded, "The expression is nested too deeply for the stack of this thread.", Position);
        }
    }

    /// <summary>Throws when a value of this many characters may not be built.</summary>
    public void Reserve(long characters)
    {
        if (characters > _options.MaxResultSize)
        {
            throw Error(
                JmesErrorKind.LimitExceeded, Invariant($"The evaluation builds a value of more than {_options.MaxResultSize} characters."), Position);
        }
    }

    /// <summary>Lets a built value go on when it is within the limits of size and depth.</summary>
    public JmesValue Built(in JmesValue value)
    {
        var container = value.Container;
        if (container is null)
        {
            if (!value.IsElement)
            {
                Reserve(value.Size); // a part of the document is there already
            }

            return value;
        }

        Reserve(container.Size);
        return container.Depth <= _options.MaxDepth ? value : throw TooDeep();
    }

    public JmesValue Invoke(ExpressionReference reference, in JmesValue value)
    {
        Charge(reference.Body.Weight);
        var result = reference.Body.Evaluate(value, this);
        Trace?.ReadWhole(result); // the function looks at it
        return result;
    }

    /// <summary>Evaluates without touching what is unknown; the trace notes what is read on the way, and nothing of what is read of the value.</summary>
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

    /// <summary>Whether a value counts as true; the trace notes it as read.</summary>
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
