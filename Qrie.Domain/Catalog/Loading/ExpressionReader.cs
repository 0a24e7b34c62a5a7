using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Parses JMESPath expressions of catalog files and rejects those that YAML would have altered.</summary>
internal sealed class ExpressionReader(JmesPathOptions options, CatalogErrors errors)
{
    private readonly Dictionary<JmesPathExpression, SourceNode> _places = [];

    /// <summary>The position of an expression; null if it was not read here.</summary>
    public SourceNode? PlaceOf(JmesPathExpression expression) => _places.GetValueOrDefault(expression);

    /// <summary>Null if there is none or it is invalid (which is then among the errors).</summary>
    public JmesPathExpression? Read(SourceNode? node, string key, VariableSet variables)
    {
        switch (node)
        {
            case null:
                return null;
            case SourceScalar scalar when PlainText.Danger(scalar) is { } danger:
                errors.Add(scalar, $"The expression of '{key}' is written plainly and {danger}.", "Put it in quotes or in a block after '|'.");
                return null;
            case SourceScalar scalar:
                return Parse(scalar, scalar.Value, key, variables);
            default:
                errors.Add(node, $"'{key}' must be an expression, not {node.Kind}.", "Quote an expression that begins with { or [.");
                return null;
        }
    }

    /// <summary>A text with expressions in braces; null if there is none, or it is invalid.</summary>
    public TextTemplate? ReadTemplate(SourceNode? node, string key, VariableSet variables)
    {
        if (node is null)
        {
            return null;
        }

        if (node is not SourceScalar scalar)
        {
            errors.Add(node, $"'{key}' must be a text, not {node.Kind}.", "Quote a template that begins with {.");
            return null;
        }

        if (TextTemplate.Split(scalar.Value) is not { } split)
        {
            errors.Add(scalar, $"A brace of '{key}' is not closed.", "Write expressions as {Name}.");
            return null;
        }

        var before = errors.Count;
        var pieces = split.Select(piece => piece.IsExpression
            ? new TextTemplate.Segment(null, Parse(scalar, piece.Text, key, variables))
            : new TextTemplate.Segment(piece.Text, null)).ToList();
        return errors.Count == before ? new TextTemplate(scalar.Value, pieces) : null;
    }

    private JmesPathExpression? Parse(SourceScalar at, string text, string key, VariableSet variables)
    {
        text = text.Trim();
        if (!JmesPathExpression.TryParse(text, out var expression, out var wrong, options))
        {
            errors.Add(at, $"The expression of '{key}' is wrong: {wrong.Message}", Remedy(wrong));
            return null;
        }

        _places[expression] = at;
        foreach (var note in expression.Notes)
        {
            errors.Note(at, $"The expression of '{key}' reads differently elsewhere: {note.Message}", note.Remedy);
        }

        foreach (var variable in expression.Reads().Variables.Where(name => !variables.Names.Contains(name)))
        {
            errors.Add(at, $"The expression of '{key}' uses ${variable}, which is not bound here.", RemedyOfUnbound(variable, variables));
        }

        return expression;
    }

    internal static string RemedyOfUnbound(string variable, VariableSet variables) => Nearest.To(variable, variables.Names) is { } near
        ? $"Did you mean ${near}?"
        : $"Bound are ${string.Join(" $", variables.Names.Order(StringComparer.Ordinal))}.";

    private string Remedy(JmesPathException wrong) => Remedy(wrong, options);

    internal static string Remedy(JmesPathException wrong, JmesPathOptions options) => wrong.Kind switch
    {
        JmesErrorKind.UnknownFunction =>
            $"Known functions: {string.Join(' ', options.Functions.Functions.Select(function => function.Name).Order(StringComparer.Ordinal))}.",
        JmesErrorKind.Syntax => "See the place under the caret.",
        JmesErrorKind.LimitExceeded => "Make it smaller.",
        _ => "See docs/policy-language.md for the functions and their arguments.",
    };
}
