using Amazon.DynamoDBv2.Model;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Dynamo.Writes;
using Qrie.Tests.Emulator;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>
/// What DynamoDB Local does not have: point-in-time recovery. And the contract of policies on moto's DynamoDB, one request after the other, because a
/// transaction that fails there undoes what others write meanwhile.
/// </summary>
public sealed class MotoTableTests
{
    private static CancellationToken None => CancellationToken.None;

    [EmulatorFact]
    public async Task Tables_are_made_with_protection_and_not_changed_by_another_start()
    {
        await using var services = await MotoDynamo.ServicesAsync();
        var installation = services.GetRequiredService<IInstallation>();
        await installation.PrepareAsync(None);
        var calls = services.GetRequiredService<DynamoStore>().Calls;
        var (client, settings) = (calls.Client, calls.Settings);

        await installation.PrepareAsync(None);

        var table = (await client.DescribeTableAsync($"{settings.TablePrefix}state", None)).Table;
        table.DeletionProtectionEnabled.ShouldBe(true);
        table.BillingModeSummary.BillingMode.Value.ShouldBe("PAY_PER_REQUEST");
        (await client.DescribeTimeToLiveAsync(new DescribeTimeToLiveRequest { TableName = $"{settings.TablePrefix}state" }, None))
            .TimeToLiveDescription.AttributeName.ShouldBe("ExpiresAt");
        (await client.DescribeContinuousBackupsAsync(new DescribeContinuousBackupsRequest { TableName = $"{settings.TablePrefix}findings" }, None))
            .ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus.Value.ShouldBe("ENABLED");
        (await installation.ListStoreWarningsAsync(None)).ShouldBeEmpty();
    }
}

public sealed class MotoPolicyStoreTests : PolicyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => MotoDynamo.EmptyAsync();
}
