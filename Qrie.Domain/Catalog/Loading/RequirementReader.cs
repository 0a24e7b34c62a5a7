using System.Text.Json;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads the requirements of a framework.</summary>
/// <param name="errors">Receives the mistakes.</param>
/// <param name="findPolicy">The catalog's policies, by current and former ids.</param>
/// <param name="sections">The framework's sections.</param>
internal sealed partial class RequirementReader(CatalogErrors errors, Func<string, PolicyDefinition?> findPolicy, IReadOnlySet<string> sections)
{
    public List<RequirementDefinition> Read(MapReader framework)
    {
        var requirements = new List<RequirementDefinition>();
        var ids = new Dictionary<string, SourceNode>(StringComparer.Ordinal);
        switch (framework.Required("requirements"))
        {
            case SourceList { Items.Count: > 0 } list:
                foreach (var item in list.Items)
                {
                    if (ReadOne(item) is not { } requirement)
                    {
                        continue;
                    }

                    if (!ids.TryAdd(requirement.Id, item))
                    {
                        errors.Add(item, $"Two requirements have the id '{requirement.Id}'; the first is in line {ids[requirement.Id].Line}.", "Merge them.");
                        continue;
                    }

                    requirements.Add(requirement);
                }

                break;
            case { } other:
                errors.Add(other, "'requirements' must be a list of requirements.", "Write '- id:', 'title:', 'section:' and what checks it.");
                break;
        }

        return requirements;
    }

    private RequirementDefinition? ReadOne(SourceNode item)
    {
        if (MapReader.From(item, "a requirement", errors) is not { } reader)
        {
            return null;
        }

        var before = errors.Count;
        var id = reader.RequiredText("id");
        if (id is not null && !Name().IsMatch(id))
        {
            errors.Add(reader.Node("id")!, $"'{id}' cannot be a requirement's id.", "Use letters, digits, dots, hyphens, underscores and parentheses.");
        }

        var title = reader.RequiredText("title");
        var section = reader.RequiredText("section");
        if (section is not null && !sections.Contains(section))
        {
            errors.Add(reader.Node("section")!, $"There is no section '{section}'.", $"Write one of {string.Join(", ", sections)}, or add it to 'sections'.");
        }

        var policies = ReadPolicies(reader);
        var (manual, notChecked) = (reader.Text("manual"), reader.Text("not_checked"));
        var note = reader.Text("note");
        reader.RefuseOthers();
        if (new[] { reader.Node("policies"), reader.Node("manual"), reader.Node("not_checked") }.Count(node => node is not null) != 1)
        {
            errors.Add(
                item, $"Requirement '{id}' must have exactly one of 'policies', 'manual' and 'not_checked'.",
                "Name the policies that check it; or the reason why no configuration shows it (manual) or why no policy checks it yet (not_checked).");
        }

        return errors.Count > before
            ? null
            : new RequirementDefinition
            {
                Id = id!,
                Title = title!,
                Section = section!,
                Policies = policies,
                Manual = manual?.Trim(),
                NotChecked = notChecked?.Trim(),
                Note = note?.Trim(),
            };
    }

    private List<RequiredPolicy> ReadPolicies(MapReader reader)
    {
        var policies = new List<RequiredPolicy>();
        var node = reader.Node("policies");
        if (node is null)
        {
            return policies;
        }

        if (node is not SourceList { Items.Count: > 0 } list)
        {
            errors.Add(node, "'policies' must be a list of policies.", "Write 'policies: [PolicyId]'.");
            return policies;
        }

        foreach (var item in list.Items)
        {
            if (ReadPolicy(item, reader) is not { } policy)
            {
                continue;
            }

            if (policies.Exists(known => known.PolicyId == policy.PolicyId))
            {
                errors.Add(item, $"The policy '{policy.PolicyId}' is named twice.", "Name each policy once.");
                continue;
            }

            policies.Add(policy);
        }

        return policies;
    }

    private RequiredPolicy? ReadPolicy(SourceNode item, MapReader requirement)
    {
        if (item is not SourceMap map)
        {
            return requirement.Text(item, "policies") is { } id && FindPolicy(item, id) is { } found ? new RequiredPolicy(found.Id, []) : null;
        }

        var before = errors.Count;
        var reader = new MapReader(map, "a policy of a requirement", errors);
        var policy = reader.RequiredText("policy") is { } name ? FindPolicy(reader.Node("policy")!, name) : null;
        var parameters = reader.Entries("params").Select(entry => policy is null ? null : ReadParam(entry, policy)).OfType<RequiredParam>().ToList();
        reader.RefuseOthers();
        return errors.Count > before ? null : new RequiredPolicy(policy!.Id, parameters);
    }

    private PolicyDefinition? FindPolicy(SourceNode node, string id)
    {
        if (findPolicy(id) is not { } policy)
        {
            errors.Add(node, $"The catalog has no policy '{id}'.", "Check its spelling, or add the policy to catalog/policies.");
            return null;
        }

        if (policy.Deprecated)
        {
            errors.Add(node, $"The policy '{id}' is deprecated.", "Name the policy that took its place.");
            return null;
        }

        return policy;
    }

    private RequiredParam? ReadParam(SourceEntry entry, PolicyDefinition policy)
    {
        var (name, node) = (entry.Key.Value, entry.Value);
        if (!policy.Params.TryGetValue(name, out var standard))
        {
            errors.Add(
                entry.Key, $"The policy '{policy.Id}' has no parameter '{name}'.",
                policy.Params.Count == 0 ? "Leave out 'params'." : $"It has {string.Join(", ", policy.Params.Keys)}.");
            return null;
        }

        var bound = ParamBound.Exactly;
        if (node is SourceMap { Entries: [var only] } && (only.Key.Value is "at_most" or "at_least"))
        {
            bound = only.Key.Value == "at_most" ? ParamBound.AtMost : ParamBound.AtLeast;
            node = only.Value;
        }

        var value = SourceJson.Convert(node, errors);
        if (!IsSameKind(value, standard) || (bound != ParamBound.Exactly && value.ValueKind != JsonValueKind.Number))
        {
            errors.Add(
                node, $"The value of '{name}' does not fit the parameter of '{policy.Id}', whose default is {standard.GetRawText()}.",
                "Write a value of the same type; 'at_most' and 'at_least' take a number.");
            return null;
        }

        return new RequiredParam(name, bound, value);
    }

    private static bool IsSameKind(JsonElement one, JsonElement other) =>
        one.ValueKind == other.ValueKind
        || (one.ValueKind is JsonValueKind.True or JsonValueKind.False && other.ValueKind is JsonValueKind.True or JsonValueKind.False);

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._()-]*$")]
    private static partial Regex Name();
}
