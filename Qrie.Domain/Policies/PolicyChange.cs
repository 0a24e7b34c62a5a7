using System.Text.Json;

namespace Qrie.Domain.Policies;

/// <summary>A change of a launched policy's settings; null for no change.</summary>
/// <param name="Scope">The whole scope: criteria that are not given do not restrict.</param>
public sealed record PolicyChange(PolicyScope? Scope, int? Severity, IReadOnlyDictionary<string, JsonElement>? Params, string? Remediation)
{
    public static readonly PolicyChange Nothing = new(null, null, null, null);

    /// <summary>Findings may open, close or change their severity.</summary>
    public bool ChangesVerdicts => Scope is not null || Severity is not null || Params is not null;
}
