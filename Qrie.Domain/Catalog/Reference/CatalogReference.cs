using System.Globalization;
using System.Text;

namespace Qrie.Domain.Catalog.Reference;

/// <summary>The catalog as pages to read: an overview and one page per service.</summary>
public static class CatalogReference
{
    private const string Notice = "<!-- Generated from catalog/. Change that, and run the tests with QRIE_WRITE_REFERENCE=1. -->";

    /// <summary>Text by file name.</summary>
    public static IReadOnlyDictionary<string, string> PagesOf(ResourceCatalog catalog)
    {
        var pages = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["README.md"] = Overview(catalog) };
        var equivalents = Begin("Coming from other tools");
        EquivalentsPage.Write(equivalents, catalog);
        pages[EquivalentsPage.FileName] = equivalents.ToString();
        foreach (var service in catalog.Services)
        {
            pages[$"{service.Key}.md"] = PageOf(service, PoliciesOf(catalog, service));
        }

        return pages;
    }

    private static IReadOnlyList<PolicyDefinition> PoliciesOf(ResourceCatalog catalog, ServiceDefinition service) =>
        [.. catalog.Policies.Where(p => p.Service == service.Key)];

    private static string Overview(ResourceCatalog catalog)
    {
        var page = Begin("Reference");
        page.Append("What Qrie reads and evaluates. Which checks of other tools its policies stand for: ")
            .Append(CultureInfo.InvariantCulture, $"[{EquivalentsPage.FileName}]({EquivalentsPage.FileName}).\n");
        page.Append("The calls of a scan are given as: those once per account and region, those for several resources at once, those for each resource.\n");
        page.Append("\n| service | resource types | policies |\n|---|---|---|\n");
        foreach (var service in catalog.Services)
        {
            page.Append(
                CultureInfo.InvariantCulture, $"| [{service.Name}]({service.Key}.md) | {service.Resources.Count} | {PoliciesOf(catalog, service).Count} |\n");
        }

        page.Append("\n| policy | severity | evaluates |\n|---|---|---|\n");
        foreach (var policy in catalog.Policies.Where(p => !p.Deprecated))
        {
            page.Append(
                CultureInfo.InvariantCulture,
                $"| [{policy.Id}]({policy.Service}.md#{policy.Id.ToLowerInvariant()}) | {SeverityOf(policy)} | `{policy.ResourceType}` |\n");
        }

        return page.ToString();
    }

    private static string PageOf(ServiceDefinition service, IReadOnlyList<PolicyDefinition> policies)
    {
        var page = Begin(service.Name);
        page.Append("| resource type | scope | calls in a scan | described by, in addition to its list |\n|---|---|---|---|\n");
        foreach (var type in service.Resources)
        {
            var attributes = type.Describe.Where(a => !a.IsHelper && !a.IsMerged).Select(a => $"`{a.Name}`");
            var scope = $"{type.Scope.ToString().ToLowerInvariant()}{(type.IsSingleton ? ", one" : "")}";
            page.Append(CultureInfo.InvariantCulture, $"| `{type.Type}` | {scope} | {CallCosts.Of(type)} | {string.Join(' ', attributes)} |\n");
        }

        foreach (var policy in policies)
        {
            Append(page, policy);
        }

        AppendEvents(page, service);
        return page.ToString();
    }

    private static void AppendEvents(StringBuilder page, ServiceDefinition service)
    {
        if (service.Resources.All(t => t.Events.Count == 0))
        {
            return;
        }

        page.Append(
            "\n## Events\n\nAfter these events of CloudTrail Qrie reads what they name; of some, "
            + "every resource of the type.\n\n| resource type | events |\n|---|---|\n");
        foreach (var type in service.Resources)
        {
            var names = type.Events.SelectMany(rule => rule.Names).Distinct().Order(StringComparer.Ordinal).Select(name => $"`{name}`");
            page.Append(CultureInfo.InvariantCulture, $"| `{type.Type}` | {string.Join(' ', names)} |\n");
        }

        if (service.Irrelevant.Count > 0)
        {
            page.Append("\nThese change nothing of what is shown.\n\n| events | why |\n|---|---|\n");
        }

        foreach (var reason in service.Irrelevant.GroupBy(one => one.Value, one => one.Key))
        {
            var names = reason.Select(key => $"`{(key.Source == service.EventSource ? key.Name : key)}`");
            page.Append(CultureInfo.InvariantCulture, $"| {string.Join(' ', names)} | {reason.Key} |\n");
        }
    }

    private static void Append(StringBuilder page, PolicyDefinition policy)
    {
        page.Append(
            CultureInfo.InvariantCulture, $"\n## {policy.Id}\n\n**{policy.Title}** · {SeverityOf(policy)} · {policy.Category} · `{policy.ResourceType}`");
        page.Append(policy.Deprecated ? " · deprecated" : "").Append(policy.Recommended ? " · recommended" : "");
        page.Append(CultureInfo.InvariantCulture, $"\n\n{policy.Description.Trim()}\n");
        if (policy.Params.Count > 0)
        {
            var values = policy.Params.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"`{p.Key}` = `{p.Value.GetRawText()}`");
            page.Append(CultureInfo.InvariantCulture, $"\nParameters: {string.Join(", ", values)}\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\n{policy.Remediation.Trim()}\n");
        if (policy.Fix is { } fix)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n```sh\n{fix.Trim()}\n```\n");
        }

        if (policy.Equivalents.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n[Elsewhere]({EquivalentsPage.FileName}): {EquivalentsPage.Line(policy)}\n");
        }

        if (policy.References.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"\nMore: {string.Join(", ", policy.References.Select(r => $"<{r}>"))}\n");
        }
    }

    private static string SeverityOf(PolicyDefinition policy) =>
        string.Create(CultureInfo.InvariantCulture, $"{Severities.BandOf(policy.Severity).ToString().ToLowerInvariant()} ({policy.Severity})");

    private static StringBuilder Begin(string title) => new StringBuilder().Append(CultureInfo.InvariantCulture, $"# {title}\n\n{Notice}\n\n");
}
