using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Drafts;

/// <summary>An expression or a policy that is in no catalog, and what to try it on. Null: not given.</summary>
public sealed record DraftRequest
{
    public required string Organization { get; init; }

    public string? Expression { get; init; }

    /// <summary>A policy document: an object, or a text in YAML.</summary>
    public JsonElement? Policy { get; init; }

    /// <summary>The ARN of a stored resource.</summary>
    public string? Resource { get; init; }

    /// <summary>Where that resource is, if its ARN is in several account_services.</summary>
    public string? AccountService { get; init; }

    /// <summary>A resource that is not stored, in the shape of one that is.</summary>
    public JsonElement? Configuration { get; init; }

    /// <summary>The resource type whose shape an expression over a configuration is typed against.</summary>
    public string? Type { get; init; }

    /// <summary>Bound as variables; of a policy, over the document's own.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>Of a configuration.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>What an expression gives.</summary>
/// <param name="Reason">Why the value cannot be relied on; null: it can.</param>
/// <param name="Reads">Attributes by their names, <c>@</c> for all of them, <c>$tags</c>.</param>
public sealed record DraftValue(JmesValue Value, UnknownReason? Reason, IReadOnlyList<string> Reads);

/// <summary>What a policy says.</summary>
public sealed record DraftVerdict(PolicyDefinition Policy, PolicyVerdict Verdict, IReadOnlyList<string> Reads);
