using Qrie.Domain.Inventory;
using Qrie.Tests.Inventory;
using Qrie.Tests.Inventory.Emulated;

namespace Qrie.Tests.Emulator;

public class RdsCollectionTests
{
    private const string Region = "eu-central-1";
    private const string Instance = "AWS::RDS::DBInstance";
    private const string Snapshot = "AWS::RDS::DBSnapshot";
    private const string ClusterSnapshot = "AWS::RDS::DBClusterSnapshot";

    [EmulatorFact]
    public async Task Instances_have_the_expected_verdicts()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await InstanceAsync(aws.Estate, "good", good: true);
        await InstanceAsync(aws.Estate, "bad", good: false);

        var collected = await aws.CollectAsync("rds", Region);

        string[] policies =
        [
            "RDSPublicAccess", "RDSUnencryptedStorage", "RDSBackupDisabled", "RDSMultiAZDisabled",
            "RDSDeletionProtectionDisabled", "RDSAutoMinorVersionUpgradeDisabled",
        ];
        foreach (var policy in policies)
        {
            Verdicts.Of(collected["good"], policy).ShouldBe("pass", policy);
            Verdicts.Of(collected["bad"], policy).ShouldBe("fail", policy);
        }

        collected["good"].Tags.ShouldBe(new Dictionary<string, string> { ["Stage"] = "Prüfung" });
        (collected["good"].Region, collected["good"].Arn).ShouldBe((Region, $"arn:aws:rds:{Region}:{aws.Estate.AccountId}:db:good"));
        await AlikeAsync(aws, collected, Instance, "good", "bad");
        (await aws.CollectOneAsync("rds", Instance, "never", Region)).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [EmulatorFact]
    public async Task Resources_of_other_services_are_omitted()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        foreach (var engine in new[] { "neptune", "aurora-postgresql" })
        {
            await aws.Estate.DoAsync("rds", "CreateDBCluster", new
            {
                DBClusterIdentifier = engine,
                Engine = engine,
                MasterUsername = "root",
                MasterUserPassword = "Secret-1234",
                StorageEncrypted = true,
            }, Region);
        }

        var collected = await aws.CollectAsync("rds", Region);

        collected.Resources.Where(resource => resource.Type == "AWS::RDS::DBCluster").ShouldHaveSingleItem().Id.ShouldBe("aurora-postgresql");
        Verdicts.Of(collected["aurora-postgresql"], "RDSClusterDeletionProtectionDisabled").ShouldBe("fail");
        Verdicts.Of(collected["aurora-postgresql"], "RDSClusterUnencryptedStorage").ShouldBe("pass");
        (await aws.CollectOneAsync("rds", "AWS::RDS::DBCluster", "neptune", Region)).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [EmulatorFact]
    public async Task Snapshots_are_evaluated_by_the_accounts_they_are_shared_with()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await InstanceAsync(aws.Estate, "db", good: false);
        await aws.Estate.DoAsync(
            "rds", "CreateDBCluster",
            new { DBClusterIdentifier = "cluster", Engine = "aurora-postgresql", MasterUsername = "root", MasterUserPassword = "Secret-1234" }, Region);
        foreach (var (name, with) in new[] { ("private", null), ("partner", "210987654321"), ("public", "all") })
        {
            await aws.Estate.DoAsync("rds", "CreateDBSnapshot", new { DBInstanceIdentifier = "db", DBSnapshotIdentifier = name }, Region);
            await aws.Estate.DoAsync(
                "rds", "CreateDBClusterSnapshot", new { DBClusterIdentifier = "cluster", DBClusterSnapshotIdentifier = "cluster-" + name }, Region);
            if (with is not null)
            {
                await aws.Estate.DoAsync(
                    "rds", "ModifyDBSnapshotAttribute", new { DBSnapshotIdentifier = name, AttributeName = "restore", ValuesToAdd = new[] { with } }, Region);
                await aws.Estate.DoAsync(
                    "rds", "ModifyDBClusterSnapshotAttribute",
                    new { DBClusterSnapshotIdentifier = "cluster-" + name, AttributeName = "restore", ValuesToAdd = new[] { with } }, Region);
            }
        }

        var collected = await aws.CollectAsync("rds", Region);

        foreach (var (name, expected) in new[] { ("private", "pass"), ("partner", "pass"), ("public", "fail") })
        {
            Verdicts.Of(collected[name], "RDSSnapshotPublic").ShouldBe(expected, name);
            Verdicts.Of(collected["cluster-" + name], "RDSClusterSnapshotPublic").ShouldBe(expected, name);
        }

        Verdicts.Of(collected["private"], "RDSSnapshotUnencrypted").ShouldBe("fail");
        await AlikeAsync(aws, collected, Snapshot, "private", "partner", "public");
        await AlikeAsync(aws, collected, ClusterSnapshot, "cluster-private", "cluster-partner", "cluster-public");
    }

    [EmulatorFact]
    public async Task Unreadable_sharing_is_unknown()
    {
        await using var aws = await EmulatedCollector.StartAsync();
        await InstanceAsync(aws.Estate, "db", good: true);
        await aws.Estate.DoAsync("rds", "CreateDBSnapshot", new { DBInstanceIdentifier = "db", DBSnapshotIdentifier = "snap" }, Region);
        aws.Proxy.On("rds:DescribeDBSnapshotAttributes").AccessDenied();
        aws.Proxy.On("rds:DescribeDBClusters").AccessDenied();

        var collected = await aws.CollectAsync("rds", Region);

        collected["snap"].Unknown.ShouldBe(new Dictionary<string, string> { ["Attributes"] = "AccessDenied" });
        Verdicts.Of(collected["snap"], "RDSSnapshotPublic").ShouldBe("unknown");
        Verdicts.Of(collected["snap"], "RDSSnapshotUnencrypted").ShouldBe("pass");
        collected.End(Snapshot).Outcome.ShouldBe(ListOutcome.Complete);
        collected.End("AWS::RDS::DBCluster").Outcome.ShouldBe(ListOutcome.Denied);
    }

    private static async Task InstanceAsync(Estate estate, string name, bool good) => await estate.DoAsync("rds", "CreateDBInstance", new
    {
        DBInstanceIdentifier = name,
        DBInstanceClass = "db.t3.micro",
        Engine = "postgres",
        MasterUsername = "root",
        MasterUserPassword = "Secret-1234",
        AllocatedStorage = 10,
        PubliclyAccessible = !good,
        StorageEncrypted = good,
        BackupRetentionPeriod = good ? 7 : 0,
        MultiAZ = good,
        DeletionProtection = good,
        AutoMinorVersionUpgrade = good,
        Tags = new[] { new { Key = "Stage", Value = "Prüfung" } },
    }, Region);

    private static async Task AlikeAsync(EmulatedCollector aws, Collected collected, string type, params string[] ids)
    {
        foreach (var id in ids)
        {
            var one = (await aws.CollectOneAsync("rds", type, id, Region)).ShouldBeOfType<SingleCollectionResult.Found>(id).Resource;
            one.Hash.ShouldBe(collected[id].Hash, $"{one.Configuration} is not {collected[id].Configuration}");
            (one.Arn, one.Region).ShouldBe((collected[id].Arn, collected[id].Region));
        }
    }
}
