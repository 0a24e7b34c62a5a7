using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>The events of EC2 that the former system followed. Ids are those of the recorded events and are replaced by those of created resources.</summary>
public sealed class Ec2Events(SupportedEvents qrie) : IClassFixture<SupportedEvents>
{
    private const string Elsewhere = "10.9.0.0/16";

    /// <summary>The violations of a group that is open to the world on port 22.</summary>
    private const string OpenGroupPolicies =
        "EC2SecurityGroupOpenToWorld EC2SecurityGroupHighRiskPort EC2SecurityGroupRemoteAdministrationOpen EC2SecurityGroupUnauthorizedPortOpen";

    private static readonly object[] _ssh = [new { IpProtocol = "tcp", FromPort = 22, ToPort = 22, IpRanges = new[] { new { CidrIp = "0.0.0.0/0" } } }];
    private static readonly object[] _https = [new { IpProtocol = "tcp", FromPort = 443, ToPort = 443, IpRanges = new[] { new { CidrIp = "10.0.0.0/8" } } }];
    private static readonly object[] _anything = [new { IpProtocol = "-1", IpRanges = new[] { new { CidrIp = "0.0.0.0/0" } } }];

    private static readonly EventCase[] _all =
    [
        new("CreateSecurityGroup", Ec2Scenery.Network, Ec2Scenery.MakeGroup) { Shows = "AWS::EC2::SecurityGroup GroupName == 'web'" },
        new("DeleteSecurityGroup", OpenGroup, s => s.Ec2Async("DeleteSecurityGroup", new { GroupId = s["sg-0aaa"] }))
        {
            Deletes = $"AWS::EC2::SecurityGroup {OpenGroupPolicies}",
        },
        new("AuthorizeSecurityGroupIngress", Ec2Scenery.Group, LetIn) { Opens = OpenGroupPolicies },
        new("RevokeSecurityGroupIngress", OpenGroup, s =>
            s.Ec2Async("RevokeSecurityGroupIngress", new { GroupId = s["sg-0aaa"], SecurityGroupRuleIds = new[] { s["sgr-0aaa"] } }))
        {
            Resolves = OpenGroupPolicies,
        },
        new("AuthorizeSecurityGroupEgress", Ec2Scenery.Group, s =>
            s.Ec2Async("AuthorizeSecurityGroupEgress", new { GroupId = s["sg-0aaa"], IpPermissions = _https }))
        {
            Shows = "AWS::EC2::SecurityGroup IpPermissionsEgress[?ToPort == `443`]",
        },
        new("RevokeSecurityGroupEgress", Ec2Scenery.Group, s =>
            s.Ec2Async("RevokeSecurityGroupEgress", new { GroupId = s["sg-0aaa"], IpPermissions = _anything }))
        {
            Shows = "AWS::EC2::SecurityGroup GroupName == 'web' && !IpPermissionsEgress",
        },
        new("ModifyNetworkInterfaceAttribute", Ec2Scenery.Interface, async s => await s.Ec2Async(
            "ModifyNetworkInterfaceAttribute", new { NetworkInterfaceId = s["eni-0aaa"], Groups = new[] { await Ec2Scenery.DefaultGroupAsync(s) } }))
        {
            Opens = "EC2SecurityGroupDefaultUsed",
        },

        new("CreateRoute", Ec2Scenery.Routed, MakeRoute)
        {
            Record = "a route to the internet is made", Shows = $"AWS::EC2::RouteTable Routes[?DestinationCidrBlock == '{Elsewhere}']",
        },
        new("ReplaceRoute", WithRoute, s => s.Ec2Async(
            "ReplaceRoute", new { RouteTableId = s["rtb-0aaa"], DestinationCidrBlock = Elsewhere, NetworkInterfaceId = s["eni-0aaa"] }))
        {
            Shows = $"AWS::EC2::RouteTable Routes[?DestinationCidrBlock == '{Elsewhere}' && NetworkInterfaceId]",
        },
        new("DeleteRoute", WithRoute, s => s.Ec2Async("DeleteRoute", new { RouteTableId = s["rtb-0aaa"], DestinationCidrBlock = Elsewhere }))
        {
            Record = "a route is deleted", Shows = "AWS::EC2::RouteTable !Associations[?Main] && length(Routes) == `1`",
        },
        new("AssociateRouteTable", Ec2Scenery.Routed, Associate) { Shows = "AWS::EC2::RouteTable Associations[?SubnetId]" },
        new("DisassociateRouteTable", Associated, s => s.Ec2Async("DisassociateRouteTable", new { AssociationId = s["rtbassoc-0aaa"] }))
        {
            Shows = "AWS::EC2::RouteTable !Associations",
        },
        new("CreateInternetGateway", Ec2Scenery.Network, Ec2Scenery.MakeGateway) { Shows = "AWS::EC2::InternetGateway !Attachments" },
        new("AttachInternetGateway", Gateway, s => s.Ec2Async("AttachInternetGateway", new { InternetGatewayId = s["igw-0aaa"], VpcId = s["vpc-0aaa"] }))
        {
            Shows = "AWS::EC2::InternetGateway Attachments",
        },
        new("DetachInternetGateway", Ec2Scenery.Routed, s =>
            s.Ec2Async("DetachInternetGateway", new { InternetGatewayId = s["igw-0aaa"], VpcId = s["vpc-0aaa"] }))
        {
            Shows = "AWS::EC2::InternetGateway !Attachments",
        },
        new("DeleteInternetGateway", Gateway, s => s.Ec2Async("DeleteInternetGateway", new { InternetGatewayId = s["igw-0aaa"] }))
        {
            Deletes = "AWS::EC2::InternetGateway",
        },
        new("CreateVpcEndpoint", Ec2Scenery.Routed, MakeEndpoint) { Shows = "AWS::EC2::VPCEndpoint VpcEndpointType == 'Gateway'" },
        new("ModifyVpcEndpoint", WithEndpoint, async s => await s.Ec2Async("ModifyVpcEndpoint", new
        {
            VpcEndpointId = s["vpce-0aaa"], AddRouteTableIds = new[] { s["rtb-0bbb"] = await Ec2Scenery.MainTableAsync(s) },
        }))
        {
            Shows = "AWS::EC2::VPCEndpoint length(RouteTableIds) == `2`",
        },
        new("DeleteVpcEndpoints", WithEndpoint, DeleteEndpoint) { Deletes = "AWS::EC2::VPCEndpoint" },
        // The name that earlier installations forward.
        new("DeleteVpcEndpoint", WithEndpoint, DeleteEndpoint) { Record = "endpoints are deleted", Deletes = "AWS::EC2::VPCEndpoint" },

        new("AssociateAddress", Addressed, GiveAddress) { Resolves = "EC2ElasticIPUnassociated", Opens = "EC2PublicIPAssigned" },
        new("DisassociateAddress", async s =>
        {
            await Addressed(s);
            await GiveAddress(s);
        }, s => s.Ec2Async("DisassociateAddress", new { AssociationId = s["eipassoc-0aaa"] }))
        {
            Opens = "EC2ElasticIPUnassociated", Resolves = "EC2PublicIPAssigned",
        },
        new("RunInstances", Ec2Scenery.Group, s => Ec2Scenery.RunAsync(s, 2))
        {
            Opens = "EC2IMDSv1Enabled EC2IMDSv1Enabled EC2InstanceProfileMissing EC2InstanceProfileMissing "
                + "EC2UnencryptedEBS EC2UnencryptedEBS EBSUnencrypted EBSUnencrypted",
        },
        new("TerminateInstances", Running, s => s.Ec2Async("TerminateInstances", new { InstanceIds = new[] { s["i-0aaa"] } }))
        {
            Deletes = "AWS::EC2::Instance EC2IMDSv1Enabled EC2InstanceProfileMissing EC2UnencryptedEBS EBSUnencrypted",
        },
        // Without its groups, because the emulator lists the interfaces of a group differently for a single group.
        new("ModifyInstanceAttribute", Running, s =>
            s.Ec2Async("ModifyInstanceAttribute", new { InstanceId = s["i-0aaa"], InstanceType = new { Value = "t3.large" } }))
        {
            Record = "the type of an instance is changed", Shows = "AWS::EC2::Instance InstanceType == 't3.large'",
        },
        new("CreateVolume", _ => Task.CompletedTask, async s =>
            s["vol-0aaa"] = await s.AskAsync("ec2", "CreateVolume", new { Size = 8, AvailabilityZone = "us-east-1a" }, "VolumeId"))
        {
            Opens = "EBSUnencrypted",
        },
    ];

    public static TheoryData<string> Names => SupportedEvents.NamesOf(_all);

    [EmulatorTheory, MemberData(nameof(Names))]
    public Task An_event_has_the_expected_effect(string name) => qrie.RunAsync(_all.Single(c => c.Name == name));

    [Fact]
    public void Every_event_has_a_case() => SupportedEvents.Missing("ec2.amazonaws.com", _all).ShouldBeEmpty();

    private static async Task LetIn(EventScene s) => s["sgr-0aaa"] = await s.AskAsync(
        "ec2", "AuthorizeSecurityGroupIngress", new { GroupId = s["sg-0aaa"], IpPermissions = _ssh }, "SecurityGroupRules.0.SecurityGroupRuleId");

    private static Task OpenGroup(EventScene s) => InTurn(s, Ec2Scenery.Group, LetIn);

    private static Task MakeRoute(EventScene s) =>
        s.Ec2Async("CreateRoute", new { RouteTableId = s["rtb-0aaa"], DestinationCidrBlock = Elsewhere, GatewayId = s["igw-0aaa"] });

    private static Task WithRoute(EventScene s) => InTurn(s, Ec2Scenery.Routed, Ec2Scenery.MakeInterface, MakeRoute);

    private static async Task Associate(EventScene s) =>
        s["rtbassoc-0aaa"] = await s.AskAsync("ec2", "AssociateRouteTable", new { RouteTableId = s["rtb-0aaa"], SubnetId = s["subnet-0aaa"] }, "AssociationId");

    private static Task Associated(EventScene s) => InTurn(s, Ec2Scenery.Routed, Associate);

    private static Task Gateway(EventScene s) => InTurn(s, Ec2Scenery.Network, Ec2Scenery.MakeGateway);

    private static async Task MakeEndpoint(EventScene s) => s["vpce-0aaa"] = await s.AskAsync(
        "ec2", "CreateVpcEndpoint",
        new { VpcId = s["vpc-0aaa"], ServiceName = "com.amazonaws.us-east-1.s3", VpcEndpointType = "Gateway", RouteTableIds = new[] { s["rtb-0aaa"] } },
        "VpcEndpoint.VpcEndpointId");

    private static Task WithEndpoint(EventScene s) => InTurn(s, Ec2Scenery.Routed, MakeEndpoint);

    private static Task DeleteEndpoint(EventScene s) => s.Ec2Async("DeleteVpcEndpoints", new { VpcEndpointIds = new[] { s["vpce-0aaa"] } });

    private static Task Running(EventScene s) => InTurn(s, Ec2Scenery.Group, scene => Ec2Scenery.RunAsync(scene, 1));

    private static Task Addressed(EventScene s) => InTurn(
        s, Ec2Scenery.Routed, Ec2Scenery.MakeGroup, scene => Ec2Scenery.RunAsync(scene, 1),
        async scene => scene["eipalloc-0aaa"] = await scene.AskAsync("ec2", "AllocateAddress", new { Domain = "vpc" }, "AllocationId"));

    private static async Task GiveAddress(EventScene s) =>
        s["eipassoc-0aaa"] = await s.AskAsync("ec2", "AssociateAddress", new { AllocationId = s["eipalloc-0aaa"], InstanceId = s["i-0aaa"] }, "AssociationId");

    private static async Task InTurn(EventScene s, params Func<EventScene, Task>[] steps)
    {
        foreach (var step in steps)
        {
            await step(s);
        }
    }
}
