using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Drafts;

/// <summary>An expression or policy outside the catalog, and the resource to evaluate it on. Null if not given.</summary>
public sealed record DraftRequest
{
    public required string Organization { get; init; }

    public string? Expression { get; init; }

    /// <summary>A policy document: an object, or YAML text.</summary>
    public JsonElement? Policy { get; init; }

    /// <summary>The ARN of a stored resource.</summary>
    public string? Resource { get; init; }

    /// <summary>The account_service of that resource, if its ARN exists in several.</summary>
    public string? AccountService { get; init; }

    /// <summary>The configuration of a resource that is not stored.</summary>
    public JsonElement? Configuration { get; init; }

    /// <summary>The resource type whose shape an expression over a configuration is typed against.</summary>
    public string? Type { get; init; }

    /// <summary>Bound as variables; for a policy, they override the document's parameters.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Params { get; init; }

    /// <summary>The tags of a configuration.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>The value of an expression.</summary>
/// <param name="Reason">Why the value is unreliable; null if it is reliable.</param>
/// <param name="Reads">Attributes by their names, <c>@</c> for all of them, <c>$tags</c>.</param>
public sealed record DraftValue(JmesValue Value, UnknownReason? Reason, IReadOnlyList<string> Reads);

/// <summary>The verdict of a policy.</summary>
public sealed record DraftVerdict(PolicyDefinition Policy, PolicyVerdict Verdict, IReadOnlyList<string> Reads);
