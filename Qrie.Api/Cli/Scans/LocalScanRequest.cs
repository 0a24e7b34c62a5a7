using Qrie.Api.Exports;
using Qrie.Domain.Catalog;
using Qrie.Domain.Scans;

namespace Qrie.Api.Cli.Scans;

/// <summary>What <c>qrie scan</c> is asked to do; valid.</summary>
internal sealed record LocalScanRequest
{
    /// <summary>Empty: that of the credentials, or with <see cref="Organization"/> all members.</summary>
    public IReadOnlyList<string> Accounts { get; init; } = [];

    /// <summary>Scan the members of the AWS organization.</summary>
    public bool Organization { get; init; }

    /// <summary>Empty: those that are configured, else those that are enabled in the account.</summary>
    public IReadOnlyList<string> Regions { get; init; } = [];

    /// <summary>Policies of these services only; empty for all.</summary>
    public IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>Current ids; empty for all that are not deprecated.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>Policies that check this framework, with the parameters that it demands; null for any.</summary>
    public string? Framework { get; init; }

    /// <summary>Policies with at least this severity.</summary>
    public int MinSeverity { get; init; } = Severities.Min;

    public ScanLevel Level { get; init; } = ScanLevel.Standard;

    /// <summary>Where files are written; null for none.</summary>
    public string? Output { get; init; }

    public IReadOnlyList<IExportFormat> Formats { get; init; } = [];

    /// <summary>The least severity that is reported with the exit code; null: none is.</summary>
    public int? FailOn { get; init; } = Severities.Min;

    /// <summary>An earlier export in JSON lines: findings in it do not count for the exit code. Null for none.</summary>
    public string? Baseline { get; init; }

    /// <summary>Send the result to the Security Hub of each account and region.</summary>
    public bool SendToSecurityHub { get; init; }

    /// <summary>The result itself goes to standard output, and everything else to standard error.</summary>
    public bool ResultToOutput => Output is null && Formats.Count == 1;

    /// <summary>Whether a policy is evaluated. Deprecated ones are if they are named.</summary>
    public bool Chooses(PolicyDefinition policy, ResourceCatalog catalog) =>
        (Policies.Count == 0 ? !policy.Deprecated : Policies.Contains(policy.Id))
        && (Services.Count == 0 || Services.Contains(policy.Service))
        && policy.Severity >= MinSeverity
        && (Level != ScanLevel.Quick || policy.Severity >= Severities.High)
        && (Framework is null || catalog.FindFramework(Framework)!.Requirements.Any(r => r.Policies.Any(p => p.PolicyId == policy.Id)));
}

/// <summary>The exit codes of <c>qrie scan</c>.</summary>
internal static class ScanExitCodes
{
    /// <summary>Nothing was found at or above <c>--fail-on</c>.</summary>
    public const int Clean = 0;

    /// <summary>It could not scan, or was interrupted.</summary>
    public const int NotScanned = 1;

    public const int WrongUse = 2;

    public const int Found = 3;
}
