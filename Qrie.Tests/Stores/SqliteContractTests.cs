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

public sealed class SqliteScanStoreTests : ScanStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}
