using System.Text.Json;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Policies;

namespace Qrie.Api.Exports;

/// <summary>A row of an export: a finding, or a resource on which a policy has no verdict. All formats are written from these.</summary>
internal sealed record ExportRow
{
    /// <summary>The id of the finding; for an unknown verdict that of the finding that the resource would have.</summary>
    public required string FindingId { get; init; }

    public required string AccountService { get; init; }

    public required string AccountId { get; init; }

    public required string Service { get; init; }

    public required string Arn { get; init; }

    public required string ResourceType { get; init; }

    /// <summary>A region, or <c>global</c>.</summary>
    public required string Region { get; init; }

    public required ExportedPolicy Policy { get; init; }

    /// <summary>0-100.</summary>
    public required int Severity { get; init; }

    public required RowState State { get; init; }

    /// <summary>An object; null for an unknown verdict.</summary>
    public JsonElement? Evidence { get; init; }

    /// <summary>Why there is no verdict; null for a finding.</summary>
    public UnknownReason? Unknown { get; init; }

    /// <summary>Null for an unknown verdict.</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    public required DateTimeOffset LastEvaluated { get; init; }

    /// <summary>Null for an unknown verdict.</summary>
    public DateTimeOffset? DescribeTime { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }

    public ResolvedReason? ResolvedReason { get; init; }

    /// <summary>The exception that holds the finding; null if it is not suppressed.</summary>
    public FindingException? Exception { get; init; }

    public string? ScanId { get; init; }

    /// <summary>Compared with an earlier export; null if there was none to compare with, and for unknown verdicts.</summary>
    public BaselineState? Baseline { get; init; }

    /// <summary>Why the finding is accepted, in a sentence; null if it is not suppressed.</summary>
    public string? ExceptionText => State != RowState.Suppressed ? null
        : Exception is not { } exception ? "Accepted by an exception"
        : $"Accepted until {exception.ExpiresAt.UtcDateTime:yyyy-MM-dd} by {exception.Owner}: {exception.Reason}";

    /// <summary>What could not be read, in a sentence; null for a finding.</summary>
    public string? UnknownText => Unknown is not { } reason ? null
        : $"No verdict: {(reason.Attribute is { } attribute ? $"{attribute} could not be read ({reason.Code})" : reason.Code)}"
            + (reason.Detail is { } detail ? $", {detail}" : "");
}

/// <summary>What a row says about its resource.</summary>
internal enum RowState
{
    Active,

    Resolved,

    /// <summary>A violation that an exception holds.</summary>
    Suppressed,

    /// <summary>A decisive attribute could not be read: neither a pass nor a finding.</summary>
    Unknown,
}

/// <summary>A finding compared with an earlier export.</summary>
internal enum BaselineState
{
    New,
    Unchanged,
}
