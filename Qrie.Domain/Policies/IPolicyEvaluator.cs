using System.Collections.Frozen;
using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Policies;

/// <summary>Judges one resource by one policy. Pure: no store, no clock of its own, no I/O. Thread-safe.</summary>
public interface IPolicyEvaluator
{
    PolicyVerdict Evaluate(PolicyDefinition policy, PolicyInput input);
}

/// <summary>What an evaluation may read.</summary>
public sealed record PolicyInput
{
    /// <summary>The stored configuration, <c>_unknown</c> included.</summary>
    public required JsonElement Configuration { get; init; }

    public required string AccountId { get; init; }

    public required string Arn { get; init; }

    /// <summary>The part of AWS that the resource is in: aws, aws-cn, aws-us-gov. Every ARN names it; what is no ARN is in aws.</summary>
    public string Partition => Arn.Split(':', 3) is ["arn", var partition, _] ? partition : "aws";

    public required string Region { get; init; }

    /// <summary>Null when they could not be read: an expression that touches <c>$tags</c> is then unknown.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The launched policy's parameters over the definition's.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>What the policy's lookups found, by their names; a name that is missing found nothing.</summary>
    public IReadOnlyDictionary<string, RelatedResources> Related { get; init; } = FrozenDictionary<string, RelatedResources>.Empty;

    /// <summary>
    /// The attributes that could not be read, with the code: empty when everything was. Found once for all policies of a resource; null: the
    /// evaluation looks into the configuration.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Unknown { get; init; }

    /// <summary>What a configuration says could not be read.</summary>
    public static IReadOnlyDictionary<string, string> UnknownOf(JsonElement configuration) =>
        configuration.ValueKind is JsonValueKind.Object
        && configuration.TryGetProperty(PolicyEvaluator.UnknownMember, out var unknown) && unknown.ValueKind is JsonValueKind.Object
            ? unknown.EnumerateObject().ToDictionary(attribute => attribute.Name, attribute => attribute.Value.ToString())
            : FrozenDictionary<string, string>.Empty;
}

/// <summary>What a lookup found.</summary>
/// <param name="Code">Why it cannot be relied on (<see cref="UnknownReason.NotCovered"/>, or what made its value unknown); null: it can.</param>
/// <param name="Resources">Configurations, <c>_unknown</c> included.</param>
public sealed record RelatedResources(string? Code, IReadOnlyList<JsonElement> Resources);
