using Qrie.Tests.Stores;
using Qrie.Tests.Stores.Dynamo;

namespace Qrie.Soak.Tests.Stores;

/// <summary>
/// The contract suites that take minutes on DynamoDB Local; the others are in Qrie.Tests. One after the other: server and tests together keep a processor busy,
/// and tests of time limits run beside them.
/// </summary>
internal static class DynamoSoak
{
    public const string Collection = "DynamoDB";

    public static Task<StoreSet> EmptyAsync()
    {
        SkipUnlessAskedFor();
        return DynamoServer.EmptyAsync();
    }

    public static void SkipUnlessAskedFor()
    {
        if (Soak.NotAskedFor is { } reason)
        {
            Assert.Skip(reason);
        }
    }
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoFindingFilterTests : FindingFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoResourceFilterTests : ResourceFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoPurgeTests : PurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoCountsTests : CountsContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoFindingHistoryTests : FindingHistoryContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoComplianceTests : ComplianceContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

[Collection(DynamoSoak.Collection)]
public sealed class DynamoAccountPurgeTests : AccountPurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoSoak.EmptyAsync();
}

/// <summary>The same at more places.</summary>
[Collection(DynamoSoak.Collection)]
public sealed class DynamoFaultSoakTests : DynamoFaultTests
{
    public DynamoFaultSoakTests() => DynamoSoak.SkipUnlessAskedFor();
}

/// <summary>The same at more places.</summary>
[Collection(DynamoSoak.Collection)]
public sealed class DynamoPortFaultSoakTests : DynamoPortFaultTests
{
    public DynamoPortFaultSoakTests() => DynamoSoak.SkipUnlessAskedFor();
}
