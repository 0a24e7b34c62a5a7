namespace Qrie.Tests.Stores;

public sealed class SqliteInstallationTests : InstallationContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteAccountStoreTests : AccountStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteResourceStoreTests : ResourceStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteCoverageStoreTests : CoverageStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqlitePolicyStoreTests : PolicyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteFindingStoreTests : FindingStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteFindingListTests : FindingListContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteFindingFilterTests : FindingFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteResourceFilterTests : ResourceFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteJudgementTests : JudgementContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqlitePolicySubjectsTests : PolicySubjectsContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteScanStoreTests : ScanStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteScanControlTests : ScanControlContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteGateTests : GateContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqlitePurgeTests : PurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteCountsTests : CountsContract, IDisposable
{
    private readonly SqliteFile _file = new();

    public void Dispose() => _file.Dispose();

    protected override Task<StoreSet> EmptyAsync() => _file.OpenAsync();

    protected override async Task<IReadOnlyDictionary<string, long>> SumFindingCountsAsync(string organization) =>
        (await _file.QueryAsync(
            $"""
            SELECT policy_id || ' ' || band || ' ' || state || '=' || sum(n) FROM finding_counts WHERE organization = '{organization}'
            GROUP BY policy_id, band, state HAVING sum(n) <> 0
            """))
        .Select(row => row.Split('='))
        .ToDictionary(row => row[0].ToLowerInvariant(), row => long.Parse(row[1], System.Globalization.CultureInfo.InvariantCulture));
}
