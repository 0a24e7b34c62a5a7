namespace Qrie.Ui.Shared;

/// <summary>Addresses of resources in AWS's own console; of types without a known page, of their service.</summary>
internal static class AwsConsole
{
    public static string Of(string type, string arn, string region)
    {
        var place = region == "global" ? "us-east-1" : region;
        var host = arn.Split(':') switch
        {
            [_, "aws-cn", ..] => "console.amazonaws.cn",
            [_, "aws-us-gov", ..] => "console.amazonaws-us-gov.com",
            _ => $"{place}.console.aws.amazon.com",
        };
        var name = Uri.EscapeDataString(Show.Name(arn).Split('/', ':')[^1]);
        var path = type switch
        {
            "AWS::S3::Bucket" => $"s3/buckets/{name}?region={place}",
            "AWS::EC2::Instance" => $"ec2/home?region={place}#InstanceDetails:instanceId={name}",
            "AWS::EC2::SecurityGroup" => $"ec2/home?region={place}#SecurityGroup:groupId={name}",
            "AWS::EC2::Volume" => $"ec2/home?region={place}#VolumeDetails:volumeId={name}",
            "AWS::EC2::Snapshot" => $"ec2/home?region={place}#SnapshotDetails:snapshotId={name}",
            "AWS::EC2::VPC" => $"vpcconsole/home?region={place}#VpcDetails:VpcId={name}",
            "AWS::EC2::Subnet" => $"vpcconsole/home?region={place}#SubnetDetails:subnetId={name}",
            "AWS::EC2::NetworkAcl" => $"vpcconsole/home?region={place}#NetworkAclDetails:networkAclId={name}",
            "AWS::IAM::User" => $"iam/home#/users/details/{name}",
            "AWS::IAM::Role" => $"iam/home#/roles/details/{name}",
            "AWS::IAM::Group" => $"iam/home#/groups/details/{name}",
            "AWS::IAM::ManagedPolicy" => $"iam/home#/policies/details/{Uri.EscapeDataString(arn)}",
            "AWS::KMS::Key" => $"kms/home?region={place}#/kms/keys/{name}",
            "AWS::RDS::DBInstance" => $"rds/home?region={place}#database:id={name};is-cluster=false",
            "AWS::Lambda::Function" => $"lambda/home?region={place}#/functions/{name}",
            _ => $"{ServiceOf(type)}/home?region={place}",
        };
        return $"https://{host}/{path}";
    }

    private static string ServiceOf(string type) => type.Split("::") is [_, var service, ..] ? service.ToLowerInvariant() : "console";
}
