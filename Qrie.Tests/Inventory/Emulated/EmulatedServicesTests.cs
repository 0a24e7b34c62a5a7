using Qrie.Domain.Inventory;
using Qrie.Tests.Catalog;
using Qrie.Tests.Emulator;
using Qrie.Tests.Support;

namespace Qrie.Tests.Inventory.Emulated;

/// <summary>Every type of the shipped catalog, read from the emulator by scan and one by one.</summary>
public sealed class EmulatedServicesTests(ITestOutputHelper output)
{
    /// <summary>What moto 5.2.1 does not offer, as operations that no test can ask for.</summary>
    private static readonly Dictionary<string, string[]> _missingInEmulator = new()
    {
        ["AWS::EC2::Region"] = ["EbsDefaultKmsKeyId", "SnapshotBlockPublicAccess", "ImageBlockPublicAccess", "SerialConsoleAccess", "InstanceMetadataDefaults"],
        // Its credential report leaves out the root user.
        ["AWS::IAM::Account"] = ["RootCredentials"],
    };

    [EmulatorFact]
    public async Task Ec2_is_read_by_scan_and_one_by_one_alike()
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

        await CompareAsync(aws, collected, "ec2", "us-east-1");
        await RefuseEachAsync(aws, collected, "ec2", "us-east-1");
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
    public async Task Iam_is_read_by_scan_and_one_by_one_alike()
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

        await CompareAsync(aws, collected, "iam", Regions.Global);
        await RefuseEachAsync(aws, collected, "iam", Regions.Global);
        var ann = collected["ann"];
        ann.Attribute("AccessKeys").ShouldNotBeNull().ShouldContain("LastUsed");
        ann.Attribute("CredentialReport").ShouldNotBeNull().ShouldContain("password_enabled");
        Evaluate(ann, "IAMUserMfaDisabled").ShouldBe("fail");
        Evaluate(ann, "IAMAccessKeyNotRotated").ShouldBe("pass");
        Evaluate(collected[policy.GetProperty("Policy").GetProperty("Arn").GetString()!], "IAMPolicyOverlyPermissive").ShouldBe("fail");
        Evaluate(collected[aws.Estate.AccountId], "IAMPasswordPolicyWeak").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task Rds_is_read_by_scan_and_one_by_one_alike()
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

        await CompareAsync(aws, collected, "rds", "us-east-1");
        await RefuseEachAsync(aws, collected, "rds", "us-east-1");
        Evaluate(collected["open"], "RDSPublicAccess").ShouldBe("fail");
        Evaluate(collected["open"], "RDSUnencryptedStorage").ShouldBe("fail");
        Evaluate(collected["snap"], "RDSSnapshotPublic").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task The_accounts_block_of_S3_is_a_resource_of_its_own()
    {
        await using var aws = await EmulatedCollector.StartAsync();

        var account = (await aws.CollectAsync("s3"))[aws.Estate.AccountId];

        (account.Type, account.Arn, account.Region).ShouldBe(("AWS::S3::Account", $"arn:aws:s3::{aws.Estate.AccountId}:settings", Regions.Global));
        Evaluate(account, "S3AccountPublicAccessBlockDisabled").ShouldBe("fail");
    }

    [EmulatorFact]
    public async Task Of_a_bucket_no_refused_read_is_taken_for_an_answer()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        var name = $"refused-{aws.Estate.AccountId}";
        await aws.Estate.DoAsync("s3", "CreateBucket", new { Bucket = name });
        await aws.Estate.DoAsync("s3", "PutBucketVersioning", new { Bucket = name, VersioningConfiguration = new { Status = "Enabled" } });

        await RefuseEachAsync(aws, await aws.CollectAsync("s3"), "s3", Regions.Global);
    }

    private const string AdminDocument = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}""";

    private static async Task CompareAsync(EmulatedCollector aws, Collected collected, string service, string region)
    {
        foreach (var type in ShippedCatalog.Instance.FindService(service)!.Resources)
        {
            collected.End(type.Type).ErrorCode.ShouldBeNull(type.Type);
            var some = collected.Resources.Where(resource => resource.Type == type.Type).Take(2).ToList();
            foreach (var scanned in some)
            {
                scanned.Unknown.Keys.Except(_missingInEmulator.GetValueOrDefault(type.Type, []))
                    .ShouldBeEmpty($"{type.Type} {string.Join(' ', scanned.Unknown)}");
                var one = (await aws.CollectOneAsync(service, type.Type, scanned.Id, region)).ShouldBeOfType<SingleCollectionResult.Found>(type.Type).Resource;
                one.Hash.ShouldBe(scanned.Hash, $"{type.Type}: {one.Configuration} is not {scanned.Configuration}");
                (one.Id, one.Arn, one.Region).ShouldBe((scanned.Id, scanned.Arn, scanned.Region), type.Type);
            }
        }
    }

    /// <summary>
    /// What one read costs that AWS refuses when an event made us look: never the resource, and of the attributes only those that it says it does not know.
    /// </summary>
    private async Task RefuseEachAsync(EmulatedCollector aws, Collected collected, string service, string region)
    {
        output.WriteLine($"seed {Seeds.Value}");
        var random = new Random(Seeds.Value);
        foreach (var resource in collected.Resources.GroupBy(r => r.Type).Select(ofType => ofType.ElementAt(random.Next(ofType.Count()))))
        {
            aws.Refusing.Forget();
            var whole = await LookAsync(null);
            var attributes = whole.ShouldBeOfType<SingleCollectionResult.Found>(resource.Type).Resource;
            aws.Refusing.Called.ShouldNotBeEmpty();
            foreach (var call in aws.Refusing.Called)
            {
                foreach (var refusal in (Refusal[])[Refusal.Denied(call), Refusal.Any(call, oneIn: 1, random)])
                {
                    var seen = await LookAsync(refusal);

                    seen.ShouldNotBeOfType<SingleCollectionResult.Gone>($"{resource.Type} {refusal}");
                    if (seen is SingleCollectionResult.Found { Resource: var found })
                    {
                        Claimed(attributes, found).ShouldBeEmpty($"{resource.Type} {refusal}: {found.Configuration} instead of {attributes.Configuration}");
                    }
                }
            }

            async Task<SingleCollectionResult> LookAsync(Refusal? refusal)
            {
                aws.Refusing.Now = refusal;
                try
                {
                    return await aws.CollectOneAsync(service, resource.Type, resource.Id, region);
                }
                finally
                {
                    aws.Refusing.Now = null;
                }
            }
        }
    }

    /// <summary>The attributes that are claimed to be known and are not what they were.</summary>
    private static IEnumerable<string> Claimed(CollectedResource whole, CollectedResource found) =>
        whole.Configuration.EnumerateObject().Concat(found.Configuration.EnumerateObject()).Select(a => a.Name).Distinct()
            .Where(name => name != "_unknown" && !found.Unknown.ContainsKey(name) && !(found.Unknown.ContainsKey("*") && found.Attribute(name) is null))
            .Where(name => found.Attribute(name) != whole.Attribute(name));

    private static string Evaluate(CollectedResource resource, string policy) => Verdicts.Of(resource, policy);

    private static string Text(System.Text.Json.JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
