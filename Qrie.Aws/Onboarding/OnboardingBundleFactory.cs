using Qrie.Aws.Accounts;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Onboarding;

/// <summary>Creates what a user needs to prepare accounts.</summary>
public sealed class OnboardingBundleFactory(AmbientIdentityLookup ambient, AwsRegion region)
{
    /// <param name="actions">The actions that the role allows.</param>
    /// <param name="externalId">The external id that the role requires; null if whoever deploys the template supplies it.</param>
    /// <param name="queue">The event queue's URL or name; null if events are not processed.</param>
    public async Task<OnboardingBundle> CreateAsync(
        ResourceCatalog catalog, IReadOnlyList<string> actions, string? externalId, string? queue, CancellationToken cancel)
    {
        var response = await ambient.GetAsync(cancel);
        var principal = response.Identity is { } identity ? TrustedArn(identity.Arn) : null;
        var queueArn = queue is { Length: > 0 } && response.Identity is not null ? QueueArn(queue, response.Identity) : null;
        var parameters = new Dictionary<string, string>();
        if (externalId is not null)
        {
            parameters["ExternalId"] = externalId;
        }

        if (principal is not null)
        {
            parameters["QriePrincipalArn"] = principal;
        }

        if (queueArn is not null)
        {
            parameters["EventQueueArn"] = queueArn;
        }

        return new OnboardingBundle(principal, response.Problem?.Message, externalId, queueArn, CustomerTemplate.Of(catalog, actions, parameters));
    }

    /// <summary>
    /// The principal for a trust policy: the role of a session. A session's ARN lacks the path of its role, which only the role's own account can look up.
    /// </summary>
    public static string TrustedArn(string callerArn) =>
        callerArn.Split(':') is [_, var partition, "sts", _, var account, var resource] && resource.Split('/') is ["assumed-role", var role, ..]
            ? $"arn:{partition}:iam::{account}:role/{role}"
            : callerArn;

    /// <summary>From <c>https://sqs.eu-west-1.amazonaws.com/123456789012/events</c>, or from the name of a queue in Qrie's own account.</summary>
    internal string QueueArn(string queue, AmbientIdentity identity)
    {
        if (!Uri.TryCreate(queue, UriKind.Absolute, out var url) || url.AbsolutePath.Trim('/').Split('/') is not [var account, var name])
        {
            return $"arn:{identity.Partition}:sqs:{region.Name}:{identity.AccountId}:{queue}";
        }

        var place = url.Host.Split('.') is ["sqs", var named, "amazonaws", ..] ? named : region.Name;
        return $"arn:{identity.Partition}:sqs:{place}:{account}:{name}";
    }
}

/// <summary>What a user needs to prepare accounts.</summary>
/// <param name="PrincipalArn">The principal that the role must trust; null if unknown, for the reason in <paramref name="Problem"/>.</param>
/// <param name="ExternalId">Null if none was issued.</param>
/// <param name="QueueArn">Null if events are not processed.</param>
/// <param name="Template">The completed template.</param>
public sealed record OnboardingBundle(string? PrincipalArn, string? Problem, string? ExternalId, string? QueueArn, string Template);
