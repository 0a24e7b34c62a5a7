using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>The identity of the ambient credentials.</summary>
/// <param name="AccountId">Their account.</param>
/// <param name="Partition">Their partition, <c>aws</c>.</param>
/// <param name="Arn">The user or assumed role.</param>
public sealed record AmbientIdentity(string AccountId, string Partition, string Arn);

/// <summary>The identity, or why it is unknown: exactly one of the two is set.</summary>
public sealed record AmbientIdentityResult
{
    private AmbientIdentityResult(AmbientIdentity? identity, AmbientIdentityProblem? problem)
    {
        Identity = identity;
        Problem = problem;
    }

    public AmbientIdentity? Identity { get; }

    public AmbientIdentityProblem? Problem { get; }

    internal static AmbientIdentityResult Found(AmbientIdentity identity) => new(identity, null);

    internal static AmbientIdentityResult Failed(AmbientIdentityProblem problem) => new(null, problem);
}

/// <summary>Why the identity of the ambient credentials is unknown.</summary>
/// <param name="Kind"><see cref="AwsErrorKind.NoCredentials"/> if there are none or they expired, <see cref="AwsErrorKind.Denied"/> if they are invalid;
/// otherwise AWS could not be reached.</param>
/// <param name="Code">The error's code.</param>
/// <param name="Message">A readable message with a remedy.</param>
public sealed record AmbientIdentityProblem(AwsErrorKind Kind, string Code, string Message);
