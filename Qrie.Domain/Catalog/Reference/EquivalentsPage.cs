using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Qrie.Domain.Catalog.Reference;

/// <summary>The checks of Security Hub, AWS Config and Prowler that the catalog's policies stand for.</summary>
internal static partial class EquivalentsPage
{
    public const string FileName = "equivalents.md";

    private static readonly (string Kind, string Name, string Check)[] s_kinds =
        [("securityhub", "Security Hub", "control"), ("config", "AWS Config", "rule"), ("prowler", "Prowler", "check")];

    public static void Write(StringBuilder page, ResourceCatalog catalog)
    {
        page.Append(
            "Which policies find what a check elsewhere finds. **same**: the same resources fail. **more**: all that fails there fails here, and more does. "
            + "**less**: something that fails there does not fail here. A check that is not named has no policy yet.\n");
        foreach (var (kind, name, check) in s_kinds)
        {
            var rows = catalog.Policies.Where(p => !p.Deprecated)
                .SelectMany(policy => policy.Equivalents.GetValueOrDefault(kind, []).Select(equivalent => (Policy: policy, Equivalent: equivalent)))
                .OrderBy(row => SortKey(row.Equivalent.Id), StringComparer.Ordinal).ThenBy(row => row.Policy.Id, StringComparer.Ordinal).ToList();
            page.Append(CultureInfo.InvariantCulture, $"\n## Coming from {name}\n\n| {check} | policy | covers | why |\n|---|---|---|---|\n");
            foreach (var (policy, equivalent) in rows)
            {
                var link = $"[{policy.Id}]({policy.Service}.md#{policy.Id.ToLowerInvariant()})";
                page.Append(CultureInfo.InvariantCulture, $"| {equivalent.Id} | {link} | {Word(equivalent.Covers)} | {Cell(equivalent.Why)} |\n");
            }
        }
    }

    /// <summary>The checks of a policy in one line, differences in parentheses.</summary>
    public static string Line(PolicyDefinition policy) => string.Join(
        "; ",
        policy.Equivalents.OrderBy(e => e.Key, StringComparer.Ordinal).Select(kind =>
            $"{kind.Key} {string.Join(", ", kind.Value.Select(e => e.Covers is EquivalentCoverage.Same ? e.Id : $"{e.Id} ({Word(e.Covers)})"))}"));

    private static string Word(EquivalentCoverage covers) => covers.ToString().ToLowerInvariant();

    private static string Cell(string? text) => text?.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal) ?? "";

    /// <summary>EC2.8 before EC2.19.</summary>
    private static string SortKey(string id) => Digits().Replace(id, digits => digits.Value.PadLeft(6, '0'));

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
