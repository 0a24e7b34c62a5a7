using Qrie.Domain.Access;
using Qrie.Domain.Policies;

namespace Qrie.Domain.Management;

/// <summary>Policies that a caller wants launched together, as they are defined.</summary>
/// <param name="PolicyIds">Ids or former ids.</param>
/// <param name="Scope">Of every one of them; null: everything.</param>
public sealed record BulkLaunchRequest(string Organization, IReadOnlyList<string?> PolicyIds, PolicyScope? Scope = null);

/// <summary>What came of it.</summary>
/// <param name="Launched">In the order in which they were named.</param>
/// <param name="Skipped">In the order in which they were named.</param>
/// <param name="ScanId">The one scan that evaluates by all that were launched; null: none was.</param>
public sealed record BulkLaunchResult(IReadOnlyList<LaunchedPolicy> Launched, IReadOnlyList<SkippedLaunch> Skipped, string? ScanId);

/// <summary>A policy that was not launched.</summary>
/// <param name="PolicyId">As the caller named it.</param>
public sealed record SkippedLaunch(string PolicyId, LaunchSkipReason Reason, string Message);

public enum LaunchSkipReason
{
    /// <summary>The catalog has no such policy.</summary>
    Unknown,

    /// <summary>It is kept for those who launched it long ago.</summary>
    Deprecated,

    /// <summary>Named twice, by its id or a former one.</summary>
    Repeated,

    AlreadyActive,
}
