using System.ComponentModel.DataAnnotations;
using Qrie.Aws.Accounts;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Discovery;

namespace Qrie.Api.Hosting;

/// <summary>Settings of account discovery from AWS Organizations.</summary>
internal sealed class DiscoveryOptions
{
    public const string Section = "Discovery";

    /// <summary>Run it before every scheduled inventory; it can be requested in any case.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The status of newly found accounts: pending (until confirmed) or active.</summary>
    [RegularExpression("^(pending|active)$", ErrorMessage = "Discovery:NewAccounts must be pending or active.")]
    public string NewAccounts { get; set; } = "pending";

    /// <summary>A role in the management account or a delegated administrator. Empty if Qrie's own credentials belong to one.</summary>
    [RegularExpression(@"^$|^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", ErrorMessage = "Discovery:RoleArn must be the ARN of a role.")]
    public string? RoleArn { get; set; }

    public string? ExternalId { get; set; }

    public DiscoveryAccess ToAccess() => new(NotEmpty(RoleArn), NotEmpty(ExternalId));

    public DiscoverySettings ToSettings() => new(NewAccounts == "active" ? AccountStatus.Active : AccountStatus.Pending);

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
