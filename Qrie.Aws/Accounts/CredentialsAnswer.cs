using Amazon.Runtime;
using Qrie.Aws.Api;

namespace Qrie.Aws.Accounts;

/// <summary>Credentials, or why there are none: exactly one of the two is set.</summary>
internal sealed record CredentialsAnswer(ImmutableCredentials? Credentials, CredentialsProblem? Problem)
{
    public static CredentialsAnswer Found(ImmutableCredentials credentials) => new(credentials, null);

    public static CredentialsAnswer Failed(AwsErrorKind kind, string code, string message, string? requestId = null) =>
        new(null, new CredentialsProblem(kind, code, message, requestId));
}

internal sealed record CredentialsProblem(AwsErrorKind Kind, string Code, string Message, string? RequestId);
