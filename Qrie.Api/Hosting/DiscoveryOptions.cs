using System.ComponentModel.DataAnnotations;
using Qrie.Aws.Accounts;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Discovery;

namespace Qrie.Api.Hosting;

/// <summary>How accounts are discovered from AWS Organizations.</summary>
internal sealed class DiscoveryOptions
{
    public const string Section = "Discovery";

    /// <summary>Before every scheduled inventory; on request in any case.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>What accounts become that were not known: pending (somebody says that they are to be watched) or active.</summary>
    [RegularExpression("^(pending|active)$", ErrorMessage = "Discovery:NewAccounts must be pending or active.")]
    public string NewAccounts { get; set; } = "pending";

    /// <summary>A role in the management account or a delegated administrator. Empty: Qrie's own credentials are of one.</summary>
    [RegularExpression(@"^$|^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", ErrorMessage = "Discovery:RoleArn must be the ARN of a role.")]
    public string? RoleArn { get; set; }

    public string? ExternalId { get; set; }

    public DiscoveryAccess ToAccess() => new(NotEmpty(RoleArn), NotEmpty(ExternalId));

    public DiscoverySettings ToSettings() => new(NewAccounts == "active" ? AccountStatus.Active : AccountStatus.Pending);

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
