using Qrie.Aws.Api;
using static Qrie.Tests.Emulator.Secrets.PlantedSecrets;

namespace Qrie.Tests.Emulator.Secrets;

/// <summary>Secrets wherever the services of the shipped catalog are read: s3, ec2, iam, rds.</summary>
internal static class CatalogSecrets
{
    public static readonly string[] Services = ["s3", "ec2", "iam", "rds"];

    public static async Task PlantAsync(Estate estate)
    {
        await PlantInS3Async(estate);
        await PlantInEc2Async(estate);
        await PlantInIamAsync(estate);
        await PlantInRdsAsync(estate);
    }

    /// <summary>The collector's calls and their responses.</summary>
    public static IEnumerable<(AwsCall Call, string Secret)> Reads(Estate estate)
    {
        var bucket = new { Bucket = estate.Unique("planted") };
        return
        [
            (estate.Call("s3", "GetBucketTagging", bucket), GitHubToken),
            (estate.Call("s3", "GetBucketTagging", bucket), Password),
            (estate.Call("s3", "GetBucketPolicy", bucket), AccessKey),
            (estate.Call("s3", "GetBucketLifecycleConfiguration", bucket), WebToken),
            (estate.Call("ec2", "DescribeInstances"), GitHubToken),
            (estate.Call("ec2", "DescribeInstances"), Password),
            (estate.Call("ec2", "DescribeSecurityGroups"), AccessKey),
            (estate.Call("ec2", "DescribeSecurityGroups"), Url),
            (estate.Call("ec2", "DescribeVolumes"), SecretKey),
            (estate.Call("ec2", "DescribeSnapshots", new { OwnerIds = new[] { "self" } }), WebToken),
            (estate.Call("ec2", "DescribeVpcs"), GitHubToken),
            (estate.Call("iam", "ListUsers"), AccessKey),
            (estate.Call("iam", "GetAccountAuthorizationDetails"), AccessKey),
            (estate.Call("iam", "GetAccountAuthorizationDetails"), GitHubToken),
            (estate.Call("iam", "GetAccountAuthorizationDetails"), Url),
            (estate.Call("iam", "GetRole", new { RoleName = "planted" }), PrivateKey),
            (estate.Call("iam", "GetRolePolicy", new { RoleName = "planted", PolicyName = "p" }), GitHubToken),
            (estate.Call("iam", "GetUserPolicy", new { UserName = "planted", PolicyName = "p" }), Url),
            (estate.Call("iam", "ListUserTags", new { UserName = "planted" }), Password),
            (estate.Call("rds", "DescribeDBInstances"), Password),
            (estate.Call("rds", "DescribeDBInstances"), AccessKey),
            (estate.Call("rds", "DescribeDBClusters"), GitHubToken),
            (estate.Call("rds", "DescribeDBSnapshots"), WebToken),
        ];
    }

    private static async Task PlantInS3Async(Estate estate)
    {
        var bucket = estate.Unique("planted");
        var policy = $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{{bucket}}/*",
            "Condition":{"StringEquals":{"aws:UserAgent":"{{AccessKey}}"} } }]}
            """;
        await estate.DoAsync("s3", "CreateBucket", new { Bucket = bucket });
        await estate.DoAsync(
            "s3", "PutBucketTagging", new { Bucket = bucket, Tagging = new { TagSet = Tags(("note", GitHubToken), ("db_password", Password)) } });
        await estate.DoAsync("s3", "PutBucketPolicy", new { Bucket = bucket, Policy = policy });
        await estate.DoAsync("s3", "PutBucketLifecycleConfiguration", new
        {
            Bucket = bucket,
            LifecycleConfiguration = new
            {
                Rules = new[] { new { ID = "r", Filter = new { Prefix = WebToken }, Status = "Enabled", Expiration = new { Days = 7 } } },
            },
        });
    }

    private static async Task PlantInEc2Async(Estate estate)
    {
        await estate.DoAsync("ec2", "RunInstances", new
        {
            ImageId = "ami-12c6146b",
            MinCount = 1,
            MaxCount = 1,
            UserData,
            TagSpecifications = new[] { new { ResourceType = "instance", Tags = Tags(("note", GitHubToken), ("ApiToken", Password)) } },
        });
        var group = await estate.DoAsync("ec2", "CreateSecurityGroup", new { GroupName = "planted", Description = $"made with {AccessKey}" });
        await estate.DoAsync("ec2", "AuthorizeSecurityGroupIngress", new
        {
            GroupId = group.GetProperty("GroupId").GetString(),
            IpPermissions = new[] { new { IpProtocol = "tcp", FromPort = 22, ToPort = 22,
                IpRanges = new[] { new { CidrIp = "0.0.0.0/0", Description = Url } } } },
        });
        var volume = await estate.DoAsync("ec2", "CreateVolume", new
        {
            Size = 1,
            AvailabilityZone = "us-east-1a",
            TagSpecifications = new[] { new { ResourceType = "volume", Tags = Tags(("note", SecretKey)) } },
        });
        await estate.DoAsync("ec2", "CreateSnapshot", new { VolumeId = volume.GetProperty("VolumeId").GetString(), Description = WebToken });
        await estate.DoAsync(
            "ec2", "CreateVpc",
            new { CidrBlock = "10.9.0.0/16", TagSpecifications = new[] { new { ResourceType = "vpc", Tags = Tags((GitHubToken, "a key")) } } });
    }

    private static async Task PlantInIamAsync(Estate estate)
    {
        await estate.DoAsync("iam", "CreateUser", new { UserName = "planted", Tags = Tags(("GITHUB_TOKEN", Password), ("note", AccessKey)) });
        await estate.DoAsync("iam", "CreateLoginProfile", new { UserName = "planted", Password });
        await estate.DoAsync("iam", "PutUserPolicy", new { UserName = "planted", PolicyName = "p", PolicyDocument = Policy("aws:Referer", Url) });

        // A name that looks like a key: the missing resource must be reported.
        await estate.DoAsync("iam", "CreateUser", new { UserName = AccessKey });
        await estate.DoAsync("iam", "CreateRole", new { RoleName = "planted", AssumeRolePolicyDocument = Trust(AccessKey), Description = PrivateKey });
        await estate.DoAsync("iam", "PutRolePolicy", new { RoleName = "planted", PolicyName = "p", PolicyDocument = Policy("aws:UserAgent", GitHubToken) });
        await estate.DoAsync(
            "iam", "CreatePolicy", new { PolicyName = "planted", PolicyDocument = Policy("aws:UserAgent", WebToken), Description = SecretKey });
        await estate.DoAsync(
            "iam", "UploadServerCertificate", new { ServerCertificateName = "planted", CertificateBody = "-----BEGIN CERTIFICATE-----", PrivateKey });
    }

    private static async Task PlantInRdsAsync(Estate estate)
    {
        await estate.DoAsync("rds", "CreateDBInstance", new
        {
            DBInstanceIdentifier = "planted",
            DBInstanceClass = "db.t3.micro",
            Engine = "mysql",
            AllocatedStorage = 20,
            MasterUsername = "admin",
            MasterUserPassword = Password,
            Tags = Tags(("MasterPassword", Password), ("note", AccessKey)),
        });
        await estate.DoAsync(
            "rds", "CreateDBSnapshot", new { DBInstanceIdentifier = "planted", DBSnapshotIdentifier = "planted", Tags = Tags(("note", WebToken)) });
        await estate.DoAsync("rds", "CreateDBCluster", new
        {
            DBClusterIdentifier = "planted",
            Engine = "aurora-mysql",
            MasterUsername = "admin",
            MasterUserPassword = Password,
            Tags = Tags(("note", GitHubToken)),
        });
    }

    private static object[] Tags(params (string Key, string Value)[] tags) => [.. tags.Select(t => new { t.Key, t.Value })];

    private static string Policy(string condition, string secret) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":"""
        + $$"""{"StringEquals":{"{{condition}}":"{{secret}}"} } }]}""";

    private static string Trust(string secret) =>
        $$"""
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"sts:ExternalId":"{{secret}}"} } }]}
        """;
}
