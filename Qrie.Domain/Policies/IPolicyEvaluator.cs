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

    public required string Region { get; init; }

    /// <summary>Null when they could not be read: an expression that touches <c>$tags</c> is then unknown.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    /// <summary>The launched policy's parameters over the definition's.</summary>
    public required IReadOnlyDictionary<string, JsonElement> Params { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>What the policy's lookups found, by their names; a name that is missing found nothing.</summary>
    public IReadOnlyDictionary<string, RelatedResources> Related { get; init; } = new Dictionary<string, RelatedResources>();
}

/// <summary>What a lookup found.</summary>
/// <param name="Code">Why it cannot be relied on (<see cref="UnknownReason.NotCovered"/>, or what made its value unknown); null: it can.</param>
/// <param name="Resources">Configurations, <c>_unknown</c> included.</param>
public sealed record RelatedResources(string? Code, IReadOnlyList<JsonElement> Resources);
