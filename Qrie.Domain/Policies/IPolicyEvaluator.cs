using System.Collections.Frozen;
using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Policies;

/// <summary>Evaluates one policy on one resource. Pure: no store, no clock of its own, no I/O. Thread-safe.</summary>
public interface IPolicyEvaluator
{
    PolicyVerdict Evaluate(PolicyDefinition policy, PolicyInput input);
}

/// <summary>The input of an evaluation.</summary>
public sealed record PolicyInput
{
    /// <summary>The stored configuration, including <c>_unknown</c>.</summary>
    public required JsonElement Configuration { get; init; }

    public required string AccountId { get; init; }

    public required string Arn { get; init; }

    /// <summary>The part of AWS that the resource is in: aws, aws-cn, aws-us-gov. Every ARN names it; what is no ARN is in aws.</summary>
    public string Partition => Arn.Split(':', 3) is ["arn", var partition, _] ? partition : "aws";

    public required string Region { get; init; }

    /// <summary>Null if they could not be read: an expression that reads <c>$tags</c> is unknown then.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The definition's parameters, overridden by those of the launched policy.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>The results of the policy's lookups, by name; a missing name found nothing.</summary>
    public IReadOnlyDictionary<string, RelatedResources> Related { get; init; } = FrozenDictionary<string, RelatedResources>.Empty;

    /// <summary>
    /// The attributes that could not be read, with the code; empty if all were. Determined once for all policies of a resource; if null, the evaluation reads
    /// it from the configuration.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Unknown { get; init; }

    /// <summary>The attributes that could not be read, according to a configuration.</summary>
    public static IReadOnlyDictionary<string, string> UnknownOf(JsonElement configuration) =>
        configuration.ValueKind is JsonValueKind.Object
        && configuration.TryGetProperty(PolicyEvaluator.UnknownMember, out var unknown) && unknown.ValueKind is JsonValueKind.Object
            ? unknown.EnumerateObject().ToDictionary(attribute => attribute.Name, attribute => attribute.Value.ToString())
            : FrozenDictionary<string, string>.Empty;
}

/// <summary>The result of a lookup.</summary>
/// <param name="Code">Why it is unreliable (<see cref="UnknownReason.NotCovered"/>, or why its value is unknown); null if it is reliable.</param>
/// <param name="Resources">Configurations, including <c>_unknown</c>.</param>
public sealed record RelatedResources(string? Code, IReadOnlyList<JsonElement> Resources);
