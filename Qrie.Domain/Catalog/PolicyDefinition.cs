using System.Text.Json;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog;

/// <summary>A policy as defined by its YAML file (design.md sections 3 and 8).</summary>
public sealed class PolicyDefinition
{
    /// <summary>The file name; describes the bad state; permanent.</summary>
    public required string Id { get; init; }

    public required string Title { get; init; }

    public required string Description { get; init; }

    /// <summary>The resource type it evaluates, <c>AWS::S3::Bucket</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>The service key of that type.</summary>
    public required string Service { get; init; }

    public required string Category { get; init; }

    /// <summary>0-100: critical ≥ 90, high ≥ 50, medium ≥ 25, low below.</summary>
    public required int Severity { get; init; }

    /// <summary>Default parameters by name; bound as <c>$name</c>, may be overridden at launch.</summary>
    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Data of other resources that it needs.</summary>
    public IReadOnlyList<PolicyLookup> Lookups { get; init; } = [];

    /// <summary>If falsy, the policy does not apply; null if it applies to every resource of the type.</summary>
    public JmesPathExpression? Applies { get; init; }

    /// <summary>Alternatives; the policy fails if any is truthy without reading an unknown attribute.</summary>
    public required IReadOnlyList<JmesPathExpression> Violation { get; init; }

    /// <summary>The evidence, in place of the violation's value; never changes a verdict.</summary>
    public JmesPathExpression? Evidence { get; init; }

    /// <summary>Markdown.</summary>
    public required string Remediation { get; init; }

    /// <summary>A command line with <c>{Attribute}</c> placeholders; null if there is none.</summary>
    public string? Fix { get; init; }

    /// <summary>The placeholders of <see cref="Fix"/>, as expressions over the resource.</summary>
    public IReadOnlyList<JmesPathExpression> FixPlaces { get; init; } = [];

    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>Equivalent checks, by kind: securityhub, config, prowler, cis.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PolicyEquivalent>> Equivalents { get; init; } =
        new Dictionary<string, IReadOnlyList<PolicyEquivalent>>();

    public IReadOnlyList<string> Aliases { get; init; } = [];

    public bool Recommended { get; init; }

    public bool Deprecated { get; init; }

    /// <summary>
    /// Its verdict can change without a change of the configuration: it reads <c>$now</c>, an age or a volatile path, or depends on the coverage of other
    /// accounts and regions.
    /// </summary>
    public bool TimeDependent { get; init; }

    /// <summary>Changes whenever anything changes that may affect a verdict or its evidence.</summary>
    public required string DefinitionHash { get; init; }

    /// <summary>Its test cases. Those of a catalog that was checked before are read from their file when they are first used.</summary>
    public IReadOnlyList<PolicyTest> Tests { get => LazyTests.Value; init => LazyTests = new Lazy<IReadOnlyList<PolicyTest>>(value); }

    internal Lazy<IReadOnlyList<PolicyTest>> LazyTests { private get; init; } = new([]);

    /// <summary>The variables that its expressions use, without the dollar sign.</summary>
    public IReadOnlyCollection<string> Variables => field ??=
        [.. Violation.Append(Applies).Append(Evidence).OfType<JmesPathExpression>()
            .Concat(Lookups.Select(lookup => lookup.EqualTo)).SelectMany(e => e.Variables).Distinct()];
}

/// <summary>A test case of a policy file.</summary>
public sealed class PolicyTest
{
    public required string Name { get; init; }

    /// <summary>The configuration, with unresolved <c>{now-10d}</c> placeholders.</summary>
    public required JsonElement Config { get; init; }

    /// <summary>pass, fail, not_applicable or unknown.</summary>
    public required string Expect { get; init; }

    public IReadOnlyDictionary<string, JsonElement> Params { get; init; } = new Dictionary<string, JsonElement>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>The part of AWS that the case is in; null: aws.</summary>
    public string? Partition { get; init; }

    /// <summary>Attributes that could not be read, with the error code.</summary>
    public IReadOnlyDictionary<string, string> Unknown { get; init; } = new Dictionary<string, string>();

    /// <summary>The expected verdict when an attribute that the case reads is removed; fail for attributes that are not named.</summary>
    public IReadOnlyDictionary<string, string> Absent { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Attributes that this case reads but does not need: when they are unknown the verdict stays, because another attribute decides.
    /// </summary>
    public IReadOnlyList<string> DecidedWithout { get; init; } = [];

    /// <summary>The resources that each lookup finds.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<JsonElement>> Related { get; init; } = new Dictionary<string, IReadOnlyList<JsonElement>>();
}

/// <summary>Data of other resources, bound as a list of configurations (catalog-format.md section 8).</summary>
/// <param name="Name">The variable's name, without the dollar sign.</param>
/// <param name="Type">The resource type that is searched.</param>
/// <param name="Key">Over the other resource: a value or a list of them.</param>
/// <param name="EqualTo">Over the evaluated resource: the value or values that the key must equal.</param>
/// <param name="AcrossOrganization">Search every account of the organization instead of the resource's own.</param>
public sealed record PolicyLookup(string Name, string Type, JmesPathExpression Key, JmesPathExpression EqualTo, bool AcrossOrganization);
