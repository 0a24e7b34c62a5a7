using System.Globalization;
using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Findings.Exceptions.Import;

/// <summary>Reads the suppressed findings of a response of <c>aws securityhub get-findings</c>.</summary>
internal static class SecurityHubSuppressions
{
    private const string SecurityHub = "securityhub";
    private const string OwnField = "qrie/policy";

    public static Translation Read(string text, ResourceCatalog catalog)
    {
        var translation = new Translation();
        JsonElement root;
        try
        {
            root = JsonElement.Parse(text);
        }
        catch (JsonException e)
        {
            translation.Refuse($"line {(e.LineNumber ?? 0) + 1}", "This is not JSON.");
            return translation;
        }

        var findings = root.ValueKind == JsonValueKind.Object ? Member(root, "Findings") : root;
        if (findings is not { ValueKind: JsonValueKind.Array } list)
        {
            translation.Refuse("line 1", "This is not a response of GetFindings: it must have a list Findings.");
            return translation;
        }

        var equivalents = new PolicyEquivalents(catalog, SecurityHub);
        foreach (var (i, finding) in list.EnumerateArray().Index())
        {
            ReadFinding(finding, Text(finding, "Id") ?? string.Create(CultureInfo.InvariantCulture, $"finding {i + 1}"), catalog, equivalents, translation);
        }

        return translation;
    }

    private static void ReadFinding(
        JsonElement finding, string source, ResourceCatalog catalog, PolicyEquivalents equivalents, Translation translation)
    {
        if (Text(finding, "Workflow", "Status") != "SUPPRESSED")
        {
            translation.Refuse(source, "The finding is not suppressed.");
            return;
        }

        var control = Text(finding, "Compliance", "SecurityControlId") ?? Text(finding, "ProductFields", "ControlId")
            ?? Text(finding, "GeneratorId")?.Split('/')[^1] ?? "";
        var own = Text(finding, "ProductFields", OwnField) is { } id ? catalog.FindPolicy(id) : null;
        var policies = own is not null ? [(own, null)] : control.Contains('*', StringComparison.Ordinal) ? [] : equivalents.Find(control);
        if (policies.Count == 0)
        {
            translation.Refuse(source, $"No policy of the catalog is equivalent to the control {control}.");
            return;
        }

        if (Text(finding, "AwsAccountId") is not { } account)
        {
            translation.Refuse(source, "It has no AwsAccountId.");
            return;
        }

        var resources = Member(finding, "Resources") is { ValueKind: JsonValueKind.Array } named
            ? named.EnumerateArray().Select(r => Text(r, "Id") ?? "").ToList() : [];
        if (resources.Count == 0)
        {
            translation.Refuse(source, "It has no Resources.");
        }

        foreach (var (resource, (policy, note)) in from resource in resources from policy in policies select (resource, policy))
        {
            var ofAccount = resource == $"AWS::::Account:{account}";
            if (!ofAccount && (!resource.StartsWith("arn:", StringComparison.Ordinal) || resource.Contains('*', StringComparison.Ordinal)))
            {
                translation.Refuse(source, $"The resource {resource} is not an ARN.");
            }
            else if (ofAccount && catalog.FindType(policy.ResourceType) is not { IsSingleton: true })
            {
                translation.Refuse(source, $"The resource is an account, and {policy.Id} is about resources of the type {policy.ResourceType}.");
            }
            else
            {
                translation.Entries.Add(new TranslatedEntry(
                    source, new ExceptionScope(policy.Id, ofAccount ? null : resource, null, null, [account], []), Text(finding, "Note", "Text"),
                    note is null ? [] : [note]));
            }
        }
    }

    private static string? Text(JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement? at = element;
        foreach (var name in path)
        {
            at = at is { } parent ? Member(parent, name) : null;
        }

        return at is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } value ? value : null;
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;
}
