using System.Text;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies;

/// <summary>Renders a policy's fix command for one resource.</summary>
public static partial class FixCommand
{
    /// <summary>
    /// Null if the policy has none. Placeholders without a known value stay in braces. Values that a shell would not read as a single word are quoted, so that
    /// names of resources cannot inject commands.
    /// </summary>
    public static string? Fill(PolicyDefinition policy, PolicyInput input)
    {
        if (policy.Fix is not { } template)
        {
            return null;
        }

        var command = new StringBuilder();
        var place = 0;
        foreach (var (text, isExpression) in TextTemplate.Split(template)!)
        {
            command.Append(isExpression ? ValueOf(policy.FixPlaces[place++], input) ?? $"{{{text}}}" : text);
        }

        return command.ToString().Trim();
    }

    private static string? ValueOf(JmesPathExpression expression, PolicyInput input)
    {
        var (value, unknown) = PolicyEvaluator.EvaluateAlone(expression, input);
        return (unknown, value.Kind) switch
        {
            (null, JmesKind.String) => Word(value.GetString()),
            (null, JmesKind.Number) => value.ToString(),
            _ => null,
        };
    }

    private static string Word(string text) => Plain().IsMatch(text) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    [GeneratedRegex(@"^[A-Za-z0-9_@%+=:,./-]+\z")]
    private static partial Regex Plain();
}
