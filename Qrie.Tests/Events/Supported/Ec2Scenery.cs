using System.Globalization;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Events.Supported;

/// <summary>Networks and their resources, by the ids of the recorded events.</summary>
internal static class Ec2Scenery
{
    public static async Task Network(EventScene s)
    {
        s["vpc-0aaa"] = await s.AskAsync("ec2", "CreateVpc", new { CidrBlock = "10.0.0.0/16" }, "Vpc.VpcId");
        s["subnet-0aaa"] = await s.AskAsync("ec2", "CreateSubnet", new { VpcId = s["vpc-0aaa"], CidrBlock = "10.0.1.0/24" }, "Subnet.SubnetId");
    }

    public static async Task MakeGroup(EventScene s) =>
        s["sg-0aaa"] = await s.AskAsync("ec2", "CreateSecurityGroup", new { GroupName = "web", Description = "web", VpcId = s["vpc-0aaa"] }, "GroupId");

    public static async Task Group(EventScene s)
    {
        await Network(s);
        await MakeGroup(s);
    }

    public static async Task MakeInterface(EventScene s)
    {
        await MakeGroup(s);
        s["eni-0aaa"] = await s.AskAsync(
            "ec2", "CreateNetworkInterface", new { SubnetId = s["subnet-0aaa"], Groups = new[] { s["sg-0aaa"] } }, "NetworkInterface.NetworkInterfaceId");
    }

    public static async Task Interface(EventScene s)
    {
        await Network(s);
        await MakeInterface(s);
    }

    public static async Task MakeGateway(EventScene s) =>
        s["igw-0aaa"] = await s.AskAsync("ec2", "CreateInternetGateway", new { }, "InternetGateway.InternetGatewayId");

    /// <summary>A network with a gateway and a second route table.</summary>
    public static async Task Routed(EventScene s)
    {
        await Network(s);
        await MakeGateway(s);
        await s.Ec2Async("AttachInternetGateway", new { InternetGatewayId = s["igw-0aaa"], VpcId = s["vpc-0aaa"] });
        s["rtb-0aaa"] = await s.AskAsync("ec2", "CreateRouteTable", new { VpcId = s["vpc-0aaa"] }, "RouteTable.RouteTableId");
    }

    /// <summary>One instance, or two.</summary>
    public static async Task RunAsync(EventScene s, int count)
    {
        var launch = await s.Estate.DoAsync(
            "ec2", "RunInstances",
            new
            {
                ImageId = "ami-12c6146b",
                MinCount = count,
                MaxCount = count,
                InstanceType = "t3.micro",
                SubnetId = s["subnet-0aaa"],
                SecurityGroupIds = new[] { s["sg-0aaa"] },
            },
            EventScene.Region);
        foreach (var (index, instance) in launch.GetProperty("Instances").EnumerateArray().Index())
        {
            s[string.Create(CultureInfo.InvariantCulture, $"i-0{new string((char)('a' + index), 3)}")] = instance.GetProperty("InstanceId").GetString()!;
        }
    }

    /// <summary>The default resources of a network: its main route table and default group.</summary>
    private static async Task<string> OwnAsync(EventScene s, string operation, string filter, string value, string path)
    {
        using var aws = await EmulatedAws.StartAsync();
        var filters = new[] { Filter("vpc-id", s["vpc-0aaa"]), Filter(filter, value) };
        var answer = await aws.Api.CallAsync(s.Estate.Call("ec2", operation, new { Filters = filters }, EventScene.Region), default);
        return EventScene.At(answer.Content, path);
    }

    public static Task<string> DefaultGroupAsync(EventScene s) => OwnAsync(s, "DescribeSecurityGroups", "group-name", "default", "SecurityGroups.0.GroupId");

    public static Task<string> MainTableAsync(EventScene s) => OwnAsync(s, "DescribeRouteTables", "association.main", "true", "RouteTables.0.RouteTableId");

    private static object Filter(string name, string value) => new { Name = name, Values = new[] { value } };
}
