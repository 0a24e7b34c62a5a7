using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Where an expression is evaluated.</summary>
/// <param name="Region">The region in force: <c>$region</c>.</param>
/// <param name="Resource">The resource so far: <c>$self</c>; null: there is none yet.</param>
/// <param name="Outer">The row that a call was made for: <c>$row</c>.</param>
/// <param name="Unknown">What is unknown of the value that the expression reads; null: nothing.</param>
/// <param name="AskedId"><c>$id</c>; null in a scan.</param>
internal sealed record Scope(
    string Region, ResourceContext? Resource = null, JmesValue Outer = default, IReadOnlyDictionary<string, string>? Unknown = null, string? AskedId = null);
