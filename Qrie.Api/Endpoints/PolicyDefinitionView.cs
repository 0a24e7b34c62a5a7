using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Api.Endpoints;

/// <summary>A policy as its file in the catalog defines it, whatever was set when it was launched.</summary>
/// <param name="Params">The default values.</param>
/// <param name="Applies">Where it is falsy, the policy does not apply; null: it applies to all of the type.</param>
/// <param name="Violation">Alternatives: a resource fails where one is truthy.</param>
/// <param name="Evidence">Null: the violation's value is the evidence.</param>
/// <param name="Fix">A command line with the names of attributes in braces; null: there is none.</param>
/// <param name="TimeDependent">Its verdict can change although the resource does not.</param>
internal sealed record PolicyDefinitionView(
    string PolicyId, string Title, string Description, string ResourceType, string Category, int Severity,
    IReadOnlyDictionary<string, JsonElement> Params, string? Applies,
    IReadOnlyList<string> Violation, string? Evidence, IEnumerable<LookupView> Lookups, string? Fix, string Remediation, bool TimeDependent,
    IEnumerable<PolicyTestView> Tests)
{
    public static PolicyDefinitionView From(PolicyDefinition d) => new(
        d.Id, d.Title, d.Description, d.ResourceType, d.Category, d.Severity, d.Params, d.Applies?.Text, [.. d.Violation.Select(v => v.Text)], d.Evidence?.Text,
        d.Lookups.Select(l => new LookupView(l.Name, l.Type, l.Key.Text, l.EqualTo.Text, l.AcrossOrganization)), d.Fix, d.Remediation, d.TimeDependent,
        d.Tests.Select(PolicyTestView.From));
}

/// <param name="Name">The variable, without the dollar sign.</param>
/// <param name="EqualTo">Over the evaluated resource: what the key must be.</param>
internal sealed record LookupView(string Name, string Type, string Key, string EqualTo, bool AcrossOrganization);

/// <summary>A test case, as docs/policies.md describes it.</summary>
/// <param name="Unknown">Attributes that could not be read, with the error code.</param>
internal sealed record PolicyTestView(
    string Name, string Expect, JsonElement Config, IReadOnlyDictionary<string, JsonElement> Params, IReadOnlyDictionary<string, string> Tags,
    string? Partition, IReadOnlyDictionary<string, string> Unknown, IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Related,
    IReadOnlyDictionary<string, string> Absent, IReadOnlyList<string> DecidedWithout)
{
    public static PolicyTestView From(PolicyTest t) =>
        new(t.Name, t.Expect, t.Config, t.Params, t.Tags, t.Partition, t.Unknown, t.Related, t.Absent, t.DecidedWithout);
}
