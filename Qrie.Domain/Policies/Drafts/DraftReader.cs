using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;
using Qrie.Domain.Policies.Functions;
using Qrie.Domain.Validation;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Policies.Drafts;

/// <summary>Parses drafts and reports errors in the same way as the catalog loader.</summary>
internal static class DraftReader
{
    /// <summary>A policy file has about 2,000 characters.</summary>
    public const int LongestDocument = 65_536;

    /// <summary>
    /// Callers are less trusted than catalog authors: the limits of one evaluation are far lower, yet a hundred times what any shipped policy needs.
    /// </summary>
    public static JmesPathOptions Options { get; } = PolicyFunctions.Options with
    {
        MaxExpressionLength = 8_192,
        MaxDepth = 100,
        MaxSteps = 1_000_000,
        MaxResultSize = 1024 * 1024,
    };

    /// <summary>Null if it is invalid, which is then among the errors.</summary>
    public static JmesPathExpression? Expression(string text, IEnumerable<string> parameters, FieldErrors errors)
    {
        if (!JmesPathExpression.TryParse(text, out var expression, out var wrong, Options))
        {
            errors.Add(PlaceOf(wrong));
            return null;
        }

        var variables = Variables.Policy.With(parameters);
        foreach (var unbound in expression.Variables.Where(name => !variables.Names.Contains(name)).Order(StringComparer.Ordinal))
        {
            var at = Math.Max(0, text.IndexOf("$" + unbound, StringComparison.Ordinal));
            errors.Add(PlaceOf(text, at, $"${unbound} is not bound here.", ExpressionReader.RemedyOfUnbound(unbound, variables)));
        }

        return expression;
    }

    public static void CheckTypes(JmesPathExpression expression, JmesType shape, IReadOnlyDictionary<string, JsonElement> parameters, FieldErrors errors)
    {
        var found = TypeChecker.Check(expression, shape, PolicyTyper.Variables(parameters)).Issues;
        foreach (var issue in found.Where(i => !i.IsWarning && i.Kind is not TypeIssueKind.UndefinedVariable))
        {
            errors.Add(PlaceOf(expression.Text, issue.Position, issue.Message, ExpressionChecker.Remedy(issue.Kind)));
        }
    }

    /// <summary>Null if it is invalid, which is then among the errors.</summary>
    public static PolicyDefinition? Policy(JsonElement document, ResourceCatalog catalog, FieldErrors errors)
    {
        if (document.ValueKind is not (JsonValueKind.Object or JsonValueKind.String))
        {
            errors.Add("policy", "policy must be a policy document: an object, or YAML text.");
            return null;
        }

        if (document.GetRawText().Length > LongestDocument)
        {
            errors.Add("policy", $"policy must have at most {LongestDocument} characters.");
            return null;
        }

        var mistakes = new CatalogErrors();
        var root = document.ValueKind is JsonValueKind.Object
            ? JsonSource.Read("policy", document, mistakes)
            : SourceReader.Read("policy", document.GetString()!, mistakes);
        var policy = root is null ? null : PolicyDraft.Read(root, catalog, Options, mistakes);
        foreach (var mistake in mistakes.All())
        {
            errors.Add(new ErrorLocation("policy", mistake.Line, mistake.Column, null, mistake.Message, mistake.Remedy));
        }

        return mistakes.Count == 0 ? policy : null;
    }

    /// <summary>Where an expression is invalid or fails.</summary>
    public static ErrorLocation PlaceOf(JmesPathException wrong) => PlaceOf(
        wrong.Expression, wrong.Position, $"{wrong.Code}: {wrong.Reason}",
        wrong.Kind is JmesErrorKind.Syntax ? "See docs/policy-language.md." : ExpressionReader.Remedy(wrong, Options));

    private static ErrorLocation PlaceOf(string text, int offset, string message, string remedy)
    {
        var before = text.AsSpan(0, Math.Clamp(offset, 0, text.Length));
        return new ErrorLocation("expression", before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'), offset, message, remedy);
    }
}
