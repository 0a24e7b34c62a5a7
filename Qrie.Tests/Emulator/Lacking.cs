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
    ];

    /// <summary>Makes them return empty responses.</summary>
    public static void AnswerEmpty(FaultProxy proxy)
    {
        foreach (var call in _operations)
        {
            var (service, operation) = (call.Split(':')[0], call.Split(':')[1]);
            var isJson = EmulatedAws.Models.FindService(service)!.Protocol is WireProtocol.Json or WireProtocol.RestJson;
            // Lists are sent even when they are empty.
            var lists = EmulatedAws.Models.FindOperation(service, operation)!.Output!.Members.Where(m => m.Shape.Kind is ShapeKind.List);
            var empty = $"{{{string.Join(',', lists.Select(m => $"\"{m.LocationName ?? m.Name}\":[]"))}}}";
            proxy.On(call).Answer(_ => isJson
                ? new FaultResponse(200, "application/x-amz-json-1.1", empty)
                : new FaultResponse(200, "text/xml", $"<{operation}Response><requestId>1</requestId></{operation}Response>"));
        }
    }
}
