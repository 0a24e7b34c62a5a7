namespace Qrie.Tests.Catalog.CloudTrail;

/// <summary>The events that customers of the former system forward (contract.md 2.8), including those of its tools.</summary>
internal static class ForwardedEvents
{
    private static readonly Dictionary<string, string> _names = new()
    {
        ["s3.amazonaws.com"] = """
            PutBucketPolicy DeleteBucketPolicy PutBucketAcl PutBucketPublicAccessBlock DeletePublicAccessBlock PutBucketOwnershipControls
            PutBucketEncryption PutBucketVersioning PutBucketReplication CreateBucket DeleteBucket PutBucketLogging PutBucketCors
            PutBucketLifecycleConfiguration DeleteBucketEncryption PutBucketTagging
            """,
        ["ec2.amazonaws.com"] = """
            AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup
            DeleteSecurityGroup ModifyNetworkInterfaceAttribute CreateRoute ReplaceRoute DeleteRoute AssociateRouteTable DisassociateRouteTable
            CreateInternetGateway AttachInternetGateway DetachInternetGateway DeleteInternetGateway CreateVpcEndpoint DeleteVpcEndpoint
            DeleteVpcEndpoints ModifyVpcEndpoint AssociateAddress DisassociateAddress RunInstances TerminateInstances ModifyInstanceAttribute
            CreateVolume
            """,
        ["iam.amazonaws.com"] = """
            CreateUser DeleteUser CreateLoginProfile UpdateLoginProfile CreateAccessKey UpdateAccessKey DeleteAccessKey CreateRole DeleteRole
            UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription AttachRolePolicy DetachRolePolicy PutRolePolicy DeleteRolePolicy AttachUserPolicy
            DetachUserPolicy PutUserPolicy DeleteUserPolicy CreatePolicy CreatePolicyVersion SetDefaultPolicyVersion DeletePolicyVersion
            UpdateAccountPasswordPolicy
            """,
    };

    public static IEnumerable<string> Sources => _names.Keys;

    /// <summary>The event names of a source in the rules of earlier installations.</summary>
    public static IReadOnlyList<string> Of(string source) => _names[source].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
