using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Policies;

/// <summary>The user settings of a policy, validated in the same way at launch and at change.</summary>
internal static class PolicySettings
{
    private const int LongestRemediation = 20_000;

    /// <param name="definition">Null if the policy is not known; its parameters are not checked then.</param>
    public static void Check(
        FieldErrors errors, PolicyDefinition? definition, PolicyScope? scope, int? severity,
        IReadOnlyDictionary<string, JsonElement>? parameters, string? remediation)
    {
        errors.Require(severity is null or (>= Severities.Min and <= Severities.Max), "severity", "severity must be a whole number from 0 to 100.");
        errors.Require(remediation is not { Length: > LongestRemediation }, "remediation", $"remediation must have at most {LongestRemediation} characters.");
        CheckScope(errors, scope);
        foreach (var (name, value) in parameters ?? new Dictionary<string, JsonElement>())
        {
            CheckParameter(errors, definition, name, value);
        }
    }

    public static void CheckScope(FieldErrors errors, PolicyScope? scope)
    {
        foreach (var account in (scope?.IncludeAccounts ?? []).Concat(scope?.ExcludeAccounts ?? []))
        {
            errors.Require(account is { Length: 12 } && account.All(char.IsAsciiDigit), "scope", $"scope: '{account}' is not the 12 digits of an AWS account.");
        }
    }

    private static void CheckParameter(FieldErrors errors, PolicyDefinition? definition, string name, JsonElement value)
    {
        if (definition is null)
        {
            return;
        }

        if (!definition.Params.TryGetValue(name, out var standard))
        {
            errors.Add("params", definition.Params.Count == 0
                ? $"params: policy {definition.Id} has no parameters."
                : $"params: policy {definition.Id} has no parameter '{name}'; it has {string.Join(", ", definition.Params.Keys)}.");
        }
        else if (!IsSameKind(standard, value))
        {
            errors.Add("params", $"params: '{name}' must be of the same type as its default, {standard.GetRawText()}.");
        }
    }

    private static bool IsSameKind(JsonElement standard, JsonElement value) =>
        standard.ValueKind == value.ValueKind
        || (standard.ValueKind is JsonValueKind.True or JsonValueKind.False && value.ValueKind is JsonValueKind.True or JsonValueKind.False);
}
