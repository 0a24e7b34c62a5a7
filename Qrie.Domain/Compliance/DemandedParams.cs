using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Compliance;

/// <summary>Compares the parameters that a policy runs with to those that a requirement demands.</summary>
internal static class DemandedParams
{
    public static ParamFit Fit(RequiredPolicy required, PolicyDefinition definition, LaunchedPolicy launched) =>
        required.Params.Select(demanded => Fit(demanded, ValueOf(demanded.Name, definition, launched))).DefaultIfEmpty(ParamFit.Exact).Min();

    /// <summary>What differs, for people: <c>max_age_days is 365, at most 90 is demanded</c>.</summary>
    public static string Describe(RequiredPolicy required, PolicyDefinition definition, LaunchedPolicy launched) => string.Join("; ", required.Params
        .Select(demanded => (demanded, Value: ValueOf(demanded.Name, definition, launched)))
        .Where(pair => Fit(pair.demanded, pair.Value) != ParamFit.Exact)
        .Select(pair => $"{pair.demanded.Name} is {pair.Value.GetRawText()}, {BoundOf(pair.demanded)}{pair.demanded.Value.GetRawText()} is demanded"));

    /// <summary>The parameters to launch a policy with for some requirements: the demanded values, the strictest of each.</summary>
    public static IReadOnlyDictionary<string, JsonElement> ToLaunch(IEnumerable<RequiredPolicy> required, PolicyDefinition definition) => required
        .SelectMany(policy => policy.Params)
        .GroupBy(demanded => demanded.Name)
        .Select(group => (Name: group.Key, Value: group.Aggregate((strictest, other) => IsStricter(other, strictest.Value) ? other : strictest).Value))
        .Where(param => CanonicalJson.Write(param.Value) != CanonicalJson.Write(definition.Params[param.Name]))
        .ToDictionary(param => param.Name, param => param.Value);

    private static JsonElement ValueOf(string name, PolicyDefinition definition, LaunchedPolicy launched) =>
        launched.Params.TryGetValue(name, out var own) ? own : definition.Params[name];

    private static ParamFit Fit(RequiredParam demanded, JsonElement value) =>
        CanonicalJson.Write(value) == CanonicalJson.Write(demanded.Value) ? ParamFit.Exact
        : IsStricter(demanded, value, demanded.Value) ? ParamFit.Stricter
        : ParamFit.None;

    private static bool IsStricter(RequiredParam demanded, JsonElement than) => IsStricter(demanded, demanded.Value, than);

    private static bool IsStricter(RequiredParam demanded, JsonElement value, JsonElement than) => demanded.Bound switch
    {
        ParamBound.AtMost => value.GetDecimal() < than.GetDecimal(),
        ParamBound.AtLeast => value.GetDecimal() > than.GetDecimal(),
        _ => false,
    };

    private static string BoundOf(RequiredParam demanded) => demanded.Bound switch
    {
        ParamBound.AtMost => "at most ",
        ParamBound.AtLeast => "at least ",
        _ => "",
    };
}
