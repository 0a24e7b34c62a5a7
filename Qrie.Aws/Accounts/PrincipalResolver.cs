using Microsoft.Extensions.Options;
using Qrie.Aws.Api;
using Qrie.Aws.Api.Models;
using Qrie.Domain.Accounts;

namespace Qrie.Aws.Accounts;

/// <summary>Determines the credentials for an account: the ambient ones for their own account, otherwise the account's role.</summary>
public sealed class PrincipalResolver(AmbientIdentityLookup ambient, IOptions<AwsApiOptions> options)
{
    /// <summary>
    /// The principal for calls into the account. Without ambient credentials it is a role that the first call will fail to assume, with the reason.
    /// </summary>
    public async Task<AwsPrincipal> ResolveAsync(Account account, CancellationToken cancel)
    {
        var identity = (await ambient.GetAsync(cancel)).Identity;
        return AwsRoles.PrincipalFor(account, identity, options.Value);
    }

    /// <summary>
    /// A region of the account's partition, taken from the ARN of its role or of the caller, because credentials are valid in one partition only. Without both
    /// nothing can be called, so the default region is returned.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="endpoints">The partitions.</param>
    public async Task<string> FindHomeAsync(Account account, EndpointTable endpoints, CancellationToken cancel)
    {
        var identity = (await ambient.GetAsync(cancel)).Identity;
        var named = (account.RoleArn ?? identity?.Arn)?.Split(':') is [_, var partition, ..] ? endpoints.FindPartition(partition) : null;
        return named?.DefaultRegion ?? ambient.Region.Name;
    }
}
