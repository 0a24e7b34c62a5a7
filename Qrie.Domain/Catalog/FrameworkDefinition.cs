using System.Text.Json;

namespace Qrie.Domain.Catalog;

/// <summary>A compliance framework as defined by its YAML file (docs/compliance.md).</summary>
public sealed class FrameworkDefinition
{
    private readonly Dictionary<string, RequirementDefinition> _requirements;

    public FrameworkDefinition(IReadOnlyList<FrameworkSection> sections, IReadOnlyList<RequirementDefinition> requirements)
    {
        Sections = sections;
        Requirements = requirements;
        _requirements = requirements.ToDictionary(requirement => requirement.Id, StringComparer.Ordinal);
    }

    /// <summary>The file name, <c>cis-5.0</c>; permanent.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The version of the framework, as its publisher writes it.</summary>
    public required string Version { get; init; }

    public required string Publisher { get; init; }

    /// <summary>What the mapping covers and whose it is.</summary>
    public required string About { get; init; }

    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<FrameworkSection> Sections { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<RequirementDefinition> Requirements { get; }

    /// <summary>Changes whenever a requirement, or what checks it, changes; titles and texts do not count.</summary>
    public required string DefinitionHash { get; init; }

    /// <summary>Null if there is no such requirement.</summary>
    public RequirementDefinition? FindRequirement(string id) => _requirements.GetValueOrDefault(id);

    /// <summary>Null if there is no such section.</summary>
    public FrameworkSection? FindSection(string id) => Sections.FirstOrDefault(section => section.Id == id);
}

/// <summary>A chapter of a framework.</summary>
public sealed record FrameworkSection(string Id, string Title);

/// <summary>A requirement: checked by policies, or not, with the reason. Exactly one of the three is given.</summary>
public sealed record RequirementDefinition
{
    /// <summary>As the framework writes it, <c>1.12</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Short, in Qrie's own words.</summary>
    public required string Title { get; init; }

    /// <summary>The id of its section.</summary>
    public required string Section { get; init; }

    /// <summary>The policies that check it: all of them must pass. Empty if none does.</summary>
    public IReadOnlyList<RequiredPolicy> Policies { get; init; } = [];

    /// <summary>Why no configuration can show it; null if policies check it, or could.</summary>
    public string? Manual { get; init; }

    /// <summary>Why no policy checks it although one could; null if one does, or none can.</summary>
    public string? NotChecked { get; init; }

    /// <summary>Where the policies check more or less than the requirement, or differ from public mappings; null where they do not.</summary>
    public string? Note { get; init; }

    public bool IsAutomated => Policies.Count > 0;
}

/// <summary>A policy that checks a requirement.</summary>
/// <param name="PolicyId">Its current id.</param>
/// <param name="Params">The parameters for which the requirement demands a value.</param>
public sealed record RequiredPolicy(string PolicyId, IReadOnlyList<RequiredParam> Params);

/// <summary>A value that a requirement demands of a parameter.</summary>
public sealed record RequiredParam(string Name, ParamBound Bound, JsonElement Value);

/// <summary>Which other values of the parameter are stricter than the demanded one.</summary>
public enum ParamBound
{
    /// <summary>None: only the value itself will do.</summary>
    Exactly,

    /// <summary>Lower ones.</summary>
    AtMost,

    /// <summary>Higher ones.</summary>
    AtLeast,
}
