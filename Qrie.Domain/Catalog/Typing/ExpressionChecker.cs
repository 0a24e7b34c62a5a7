using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>Type-checks expressions and reports those that can never work, with their position.</summary>
internal sealed class ExpressionChecker(Func<JmesPathExpression, SourceNode?> placeOf, CatalogErrors errors)
{
    /// <summary>The type of the result.</summary>
    public JmesType Check(JmesPathExpression expression, JmesType root, IReadOnlyDictionary<string, JmesType> variables)
    {
        var result = TypeChecker.Check(expression, root, variables);
        foreach (var issue in result.Issues.Where(issue => !issue.IsWarning && issue.Kind is not TypeIssueKind.UndefinedVariable))
        {
            Report(expression, $"The expression cannot be right: {issue}", Remedy(issue.Kind));
        }

        return result.Type;
    }

    public void Report(JmesPathExpression expression, string message, string remedy)
    {
        if (placeOf(expression) is { } place)
        {
            errors.Add(place, message, remedy);
        }
    }

    internal static string Remedy(TypeIssueKind kind) => kind switch
    {
        TypeIssueKind.UnknownMember => "See docs/reference for the attributes of the type, and AWS's API reference for what is inside them.",
        TypeIssueKind.OrderingOfNonNumbers => "Only numbers have an order; compare ages of times with age_days() or days_until().",
        TypeIssueKind.NeverEqual => "Compare values of one type: numbers and booleans are written between backticks.",
        _ => "See docs/policy-language.md.",
    };
}
