using Microsoft.Extensions.Options;
using Qrie.Aws.Api;
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
}
