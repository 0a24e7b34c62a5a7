using System.Diagnostics.CodeAnalysis;
using Qrie.JmesPath.Evaluation;
using Qrie.JmesPath.Syntax;
using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath;

/// <summary>A parsed expression. Thread-safe; to be parsed once and evaluated many times.</summary>
public sealed class JmesPathExpression
{
    private readonly JmesPathOptions _options;
    private readonly int _slots;

    private JmesPathExpression(string text, JmesPathOptions options, ParsedExpression parsed)
    {
        Text = text;
        _options = options;
        _slots = parsed.Slots;
        Body = parsed.Body;
        FunctionsUsed = parsed.Functions.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        Variables = parsed.Variables.Concat(parsed.Functions.SelectMany(f => f.ReadsVariables)).ToHashSet(StringComparer.Ordinal);
        Notes = parsed.Notes;
        ReadsClock = parsed.Functions.Any(f => f.ReadsClock);
    }

    /// <summary>The text of the expression.</summary>
    public string Text { get; }

    /// <summary>The names, without the dollar sign, of the variables that a caller has to bind: free variables, and those read by called functions.</summary>
    public IReadOnlySet<string> Variables { get; }

    /// <summary>The names of the functions called.</summary>
    public IReadOnlySet<string> FunctionsUsed { get; }

    /// <summary>Whether it calls a function whose result depends on the current time. Variables that contain the time are not considered.</summary>
    public bool ReadsClock { get; }

    /// <summary>What other JMESPath engines parse differently; empty for most expressions.</summary>
    public IReadOnlyList<JmesPathNote> Notes { get; }

    internal Node Body { get; }

    internal JmesPathOptions Options => _options;

    /// <summary>Parses an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="options">Functions and limits; null: <see cref="JmesPathOptions.Default"/>.</param>
    /// <exception cref="JmesPathException">It is not an expression, calls an unknown function or with too few or too many arguments.</exception>
    public static JmesPathExpression Parse(string text, JmesPathOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        options ??= JmesPathOptions.Default;
        return new(text, options, Parser.Parse(text, options));
    }

    /// <summary>Parses an expression and returns the error instead of throwing it.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out JmesPathExpression? expression,
        [NotNullWhen(false)] out JmesPathException? error,
        JmesPathOptions? options = null)
    {
        try
        {
            expression = Parse(text, options);
            error = null;
            return true;
        }
        catch (JmesPathException e)
        {
            expression = null;
            error = e;
            return false;
        }
    }

    /// <summary>Evaluates the expression. The result may refer to parts of the root, whose document must outlive it.</summary>
    /// <param name="root">The document, <c>@</c> and <c>$</c>.</param>
    /// <param name="context">Variables, trace, cancellation; null: none of them.</param>
    /// <exception cref="JmesPathException">The evaluation failed or reached a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public JmesValue Evaluate(JmesValue root, EvaluationContext? context = null)
    {
        var state = new EvaluationState(Text, _options, _slots, root, context);
        return state.Run(Body);
    }

    /// <summary>The parts of the root that any evaluation could read, determined without evaluating.</summary>
    public StaticReads StaticReads() => StaticReader.Read(Body);

    /// <inheritdoc />
    public override string ToString() => Text;
}
