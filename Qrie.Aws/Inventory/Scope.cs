using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The variables of an expression.</summary>
/// <param name="Region"><c>$region</c>: the region of the call.</param>
/// <param name="Resource"><c>$self</c>: the resource so far; null if there is none yet.</param>
/// <param name="Outer"><c>$row</c>: the row for which the call was made.</param>
/// <param name="Unknown">Unknown members of the value that the expression reads; null for none.</param>
/// <param name="RequestedId"><c>$id</c>; null in a scan.</param>
internal sealed record Scope(
    string Region, ResourceContext? Resource = null, JmesValue Outer = default, IReadOnlyDictionary<string, string>? Unknown = null,
    string? RequestedId = null);
