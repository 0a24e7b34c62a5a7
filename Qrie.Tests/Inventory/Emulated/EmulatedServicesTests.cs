using Qrie.Domain.Inventory;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>Every type of the shipped catalog, read from the emulator by scans and single reads.</summary>
public sealed class EmulatedServicesTests(ITestOutputHelper output)
{
    [EmulatorFact]
    public async Task Scans_and_single_reads_of_Ec2_are_equal()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var group = await aws.Estate.DoAsync("ec2", "CreateSecurityGroup", new { GroupName = "web", Description = "web" });
        await aws.Estate.DoAsync(
            "ec2", "AuthorizeSecurityGroupIngress",
            new
            {
                GroupId = Text(group, "GroupId"),
                IpPermissions = new[] { new { IpProtocol = "tcp", FromPort = 22, ToPort = 22, IpRanges = new[] { new { CidrIp = "0.0.0.0/0" } } } },
            });
        await aws.Estate.DoAsync(
            "ec2", "RunInstances", new { ImageId = "ami-12c6146b", MinCount = 2, MaxCount = 2, SecurityGroupIds = new[] { Text(group, "GroupId") } });
        var volume = await aws.Estate.DoAsync("ec2", "CreateVolume", new { AvailabilityZone = "us-east-1a", Size = 8 });
        var snapshot = await aws.Estate.DoAsync("ec2", "CreateSnapshot", new { VolumeId = Text(volume, "VolumeId") });
        await aws.Estate.DoAsync(
            "ec2", "ModifySnapshotAttribute",
            new { SnapshotId = Text(snapshot, "SnapshotId"), Attribute = "createVolumePermission", OperationType = "add", GroupNames = new[] { "all" } });

        var collected = await aws.CollectAsync("ec2", "us-east-1");

        await ScanAndOne.CompareAsync(aws, collected, "ec2", "us-east-1");
        await ScanAndOne.RefuseEachAsync(output, aws, collected, "ec2", "us-east-1");
        collected.Resources.Where(resource => resource.Type == "AWS::EC2::Instance")
            .ShouldAllBe(resource => resource.Configuration.GetProperty("Volumes").GetArrayLength() == 1);
        var shared = collected[Text(snapshot, "SnapshotId")];
        shared.Attribute("CreateVolumePermissions").ShouldNotBeNull().ShouldContain("all");
        Evaluate(shared, "EBSSnapshotPublic").ShouldBe("fail");
        var open = collected[Text(group, "GroupId")];
        open.Configuration.GetProperty("NetworkInterfaces").GetArrayLength().ShouldBe(2);
        Evaluate(open, "EC2SecurityGroupOpenToWorld").ShouldBe("fail");
        Evaluate(open, "EC2SecurityGroupHighRiskPort").ShouldBe("fail");
        Evaluate(collected[Text(volume, "VolumeId")], "EBSUnencrypted").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task Scans_and_single_reads_of_Iam_are_equal()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await aws.Estate.DoAsync("iam", "CreateUser", new { UserName = "ann" });
        await aws.Estate.DoAsync("iam", "CreateLoginProfile", new { UserName = "ann", Password = "Very-secret-1234!" });
        await aws.Estate.DoAsync("iam", "CreateAccessKey", new { UserName = "ann" });
        await aws.Estate.DoAsync("iam", "PutUserPolicy", new { UserName = "ann", PolicyName = "inline", PolicyDocument = AdminDocument });
        await aws.Estate.DoAsync("iam", "CreateGroup", new { GroupName = "admins" });
        await aws.Estate.DoAsync("iam", "AddUserToGroup", new { GroupName = "admins", UserName = "ann" });
        const string Trust =
            """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
        await aws.Estate.DoAsync("iam", "CreateRole", new { RoleName = "app", AssumeRolePolicyDocument = Trust });
        var policy = await aws.Estate.DoAsync("iam", "CreatePolicy", new { PolicyName = "all", PolicyDocument = AdminDocument });
        await aws.Estate.DoAsync("iam", "AttachUserPolicy", new { UserName = "ann", PolicyArn = policy.GetProperty("Policy").GetProperty("Arn").GetString() });

        var collected = await aws.CollectAsync("iam");

        await ScanAndOne.CompareAsync(aws, collected, "iam", Regions.Global);
        await ScanAndOne.RefuseEachAsync(output, aws, collected, "iam", Regions.Global);
        var ann = collected["ann"];
        ann.Attribute("AccessKeys").ShouldNotBeNull().ShouldContain("LastUsed");
        ann.Attribute("CredentialReport").ShouldNotBeNull().ShouldContain("password_enabled");
        Evaluate(ann, "IAMUserMfaDisabled").ShouldBe("fail");
        Evaluate(ann, "IAMAccessKeyNotRotated").ShouldBe("pass");
        Evaluate(collected[policy.GetProperty("Policy").GetProperty("Arn").GetString()!], "IAMPolicyOverlyPermissive").ShouldBe("fail");
        Evaluate(collected[aws.Estate.AccountId], "IAMPasswordPolicyWeak").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task Scans_and_single_reads_of_Rds_are_equal()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await aws.Estate.DoAsync(
            "rds", "CreateDBInstance",
            new
            {
                DBInstanceIdentifier = "open",
                DBInstanceClass = "db.t3.micro",
                Engine = "postgres",
                MasterUsername = "root",
                MasterUserPassword = "Secret-1234",
                AllocatedStorage = 10,
                PubliclyAccessible = true,
            });
        await aws.Estate.DoAsync(
            "rds", "CreateDBCluster",
            new { DBClusterIdentifier = "cluster", Engine = "aurora-postgresql", MasterUsername = "root", MasterUserPassword = "Secret-1234" });
        await aws.Estate.DoAsync("rds", "CreateDBSnapshot", new { DBInstanceIdentifier = "open", DBSnapshotIdentifier = "snap" });
        await aws.Estate.DoAsync(
            "rds", "ModifyDBSnapshotAttribute", new { DBSnapshotIdentifier = "snap", AttributeName = "restore", ValuesToAdd = new[] { "all" } });

        var collected = await aws.CollectAsync("rds", "us-east-1");

        await ScanAndOne.CompareAsync(aws, collected, "rds", "us-east-1");
        await ScanAndOne.RefuseEachAsync(output, aws, collected, "rds", "us-east-1");
        Evaluate(collected["open"], "RDSPublicAccess").ShouldBe("fail");
        Evaluate(collected["open"], "RDSUnencryptedStorage").ShouldBe("fail");
        Evaluate(collected["snap"], "RDSSnapshotPublic").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task The_public_access_block_of_the_account_is_a_resource()
    {
        await using var aws = await EmulatedCollector.StartAsync();

        var account = (await aws.CollectAsync("s3"))[aws.Estate.AccountId];

        (account.Type, account.Arn, account.Region).ShouldBe(("AWS::S3::Account", $"arn:aws:s3::{aws.Estate.AccountId}:settings", Regions.Global));
        Evaluate(account, "S3AccountPublicAccessBlockDisabled").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task No_refused_read_of_a_bucket_is_treated_as_a_result()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var name = $"refused-{aws.Estate.AccountId}";
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = name });
        await aws.Estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = name, VersioningConfiguration = new { Status = "Enabled" } });

        await ScanAndOne.RefuseEachAsync(output, aws, await aws.CollectAsync("s3"), "s3", Regions.Global);
    }

    private const string AdminDocument = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    private static string Evaluate(CollectedResource resource, string policy) => Verdicts.Of(resource, policy);

    private static string Text(System.Text.Json.JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
