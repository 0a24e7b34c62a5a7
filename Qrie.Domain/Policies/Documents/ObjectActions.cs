using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>
/// Actions of S3 that are about objects have no bucket for a resource, and the other way round
/// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html). Statements name both ARNs for all actions, which makes no
/// difference until a Deny takes away one of them: what is left may be nothing.
/// </summary>
internal static class ObjectActions
{
    /// <summary>What never happens, written as what is refused.</summary>
    public static IReadOnlyList<PolicyStatement> Impossible { get; } = PolicyDocument.Of(JmesValue.FromString(
        """
        {"Statement": [
          {"Effect": "Deny", "Principal": "*", "NotResource": "*/*", "Action": ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:RestoreObject",
            "s3:ReplicateObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]},
          {"Effect": "Deny", "Principal": "*", "Resource": "arn:*:s3:::*/*", "Action": ["s3:ListBucket*", "s3:GetBucket*", "s3:PutBucket*",
            "s3:DeleteBucket*", "s3:CreateBucket", "s3:*Configuration"]}]}
        """)).Denies;

    /// <summary>The denials, with what never happens where an Allow names S3's resources, unless it is the Allow that makes no sense.</summary>
    public static IReadOnlyList<PolicyStatement> Narrow(IReadOnlyList<PolicyStatement> denies, PolicyStatement allow, Caller caller) =>
        allow.HasResource && denies.Any(deny => IsAboutSome(deny, allow)) && allow.ResourceTexts.Any(text => text.Contains(":s3:::", StringComparison.Ordinal))
        && new GrantSearch(caller, new GrantFrame(allow, GrantScope.Everything, Impossible), optimistic: true).Finds(allow, null)
            ? [.. denies, .. Impossible]
            : denies;

    /// <summary>Whether the Deny takes away some of the Allow's resources and leaves others.</summary>
    public static bool IsAboutSome(PolicyStatement deny, PolicyStatement allow) => deny.HasNotResource
        || (deny.HasResource && !GrantFrame.Cover(deny.Resources, allow.ResourcesHaveVariables ? null : allow.Resources));
}
