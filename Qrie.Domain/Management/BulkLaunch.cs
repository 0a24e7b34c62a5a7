using System.Text.Json;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Management;

/// <summary>A request to launch several policies, with their default severities and texts.</summary>
/// <param name="PolicyIds">Current or former ids.</param>
/// <param name="Scope">The scope of all of them; null for everything.</param>
/// <param name="Params">Parameters that differ from the definition's, by current policy id; null for none.</param>
public sealed record BulkLaunchRequest(
    string Organization, IReadOnlyList<string?> PolicyIds, PolicyScope? Scope = null,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, JsonElement>>? Params = null);

/// <summary>The result of a bulk launch.</summary>
/// <param name="Launched">In the order of the request.</param>
/// <param name="Skipped">In the order of the request.</param>
/// <param name="ScanId">The single scan of all launched policies; null if none was launched.</param>
public sealed record BulkLaunchResult(IReadOnlyList<LaunchedPolicy> Launched, IReadOnlyList<SkippedLaunch> Skipped, string? ScanId);

/// <summary>A policy that was not launched.</summary>
/// <param name="PolicyId">As given in the request.</param>
public sealed record SkippedLaunch(string PolicyId, LaunchSkipReason Reason, string Message);

public enum LaunchSkipReason
{
    /// <summary>The catalog has no such policy.</summary>
    Unknown,

    /// <summary>It is kept for existing users only.</summary>
    Deprecated,

    /// <summary>Named more than once, by its id or a former one.</summary>
    Repeated,

    AlreadyActive,
}
