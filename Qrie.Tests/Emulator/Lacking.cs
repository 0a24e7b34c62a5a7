using Qrie.Aws.Api.Models;

namespace Qrie.Tests.Emulator;

/// <summary>The operations called by the catalog that moto 5.2.1 lacks. The estate has responses for some of them (tools/estate).</summary>
internal static class Lacking
{
    private static readonly string[] _operations =
    [
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:GetEbsDefaultKmsKeyId", "ec2:GetImageBlockPublicAccessState", "ec2:GetInstanceMetadataDefaults", "ec2:GetSerialConsoleAccessStatus",
        "ec2:GetSnapshotBlockPublicAccessState", "accessanalyzer:ListAnalyzers", "macie2:GetAutomatedDiscoveryConfiguration", "securityhub:GetEnabledStandards",
        "ec2:DescribeClientVpnEndpoints", "ec2:DescribeInstanceConnectEndpoints", "iam:ListInstanceProfileTags", "iam:ListServerCertificateTags",
        "iam:ListOrganizationsFeatures", "s3control:ListTagsForResource", "account:GetContactInformation", "route53domains:ListTagsForDomain",
        "ssm:DescribeInstanceInformation", "ssm:GetServiceSetting", "ssm:ListResourceComplianceSummaries", "backup:DescribeRegionSettings",
        "backup:GetBackupVaultAccessPolicy", "backup:ListBackupSelections", "backup:ListRecoveryPointsByBackupVault", "dynamodb:ListExports",
    ];

    /// <summary>Makes them return empty responses.</summary>
    public static void AnswerEmpty(FaultProxy proxy) => AnswerEmpty(proxy, _operations);

    /// <summary>Makes those return empty lists whose failure is that of a whole type, which is repeated for seconds.</summary>
    public static void AnswerEmptyLists(FaultProxy proxy) =>
        AnswerEmpty(proxy, ["ec2:DescribeClientVpnEndpoints", "ec2:DescribeInstanceConnectEndpoints", "accessanalyzer:ListAnalyzers"]);

    private static void AnswerEmpty(FaultProxy proxy, IEnumerable<string> operations)
    {
        foreach (var call in operations)
        {
            var (service, operation) = (call.Split(':')[0], call.Split(':')[1]);
            var model = EmulatedAws.Models.FindService(service)!;
            // Lists are sent even when they are empty.
            var lists = model.FindOperation(operation)!.Output!.Members.Where(m => m.Shape.Kind is ShapeKind.List).Select(m => m.LocationName ?? m.Name);
            var json = $"{{{string.Join(',', lists.Select(name => $"\"{name}\":[]"))}}}";
            var xml = string.Concat(lists.Select(name => $"<{name}/>"));
            proxy.On(call).Answer(_ => model.Protocol switch
            {
                WireProtocol.Json or WireProtocol.RestJson => new FaultResponse(200, "application/x-amz-json-1.1", json),
                WireProtocol.RestXml => new FaultResponse(200, "text/xml", $"<{operation}Result>{xml}</{operation}Result>"),
                WireProtocol.Query => new FaultResponse(
                    200, "text/xml", $"<{operation}Response><{operation}Result>{xml}</{operation}Result></{operation}Response>"),
                _ => new FaultResponse(200, "text/xml", $"<{operation}Response><requestId>1</requestId>{xml}</{operation}Response>"),
            });
        }
    }
}
