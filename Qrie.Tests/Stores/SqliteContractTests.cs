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

public sealed class SqliteResourceDeletionTests : ResourceDeletionContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteResourceAbsenceTests : ResourceAbsenceContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteResourceListTests : ResourceListContract
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

public sealed class SqlitePendingEvaluationTests : PendingEvaluationContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqlitePolicyTargetTests : PolicyTargetContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteScanStoreTests : ScanStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteUnitClaimTests : UnitClaimContract
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

public sealed class SqliteCountsTests : CountsContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteSummaryTests : SummaryContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteFindingHistoryTests : FindingHistoryContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteDriftTests : DriftContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteScanProgressTests : ScanProgressContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteAccountPurgeTests : AccountPurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteOrganizationTests : OrganizationContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteRefusedLoginTests : RefusedLoginContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteAuditStoreTests : AuditStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteComplianceTests : ComplianceContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteTriageTests : TriageContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteExceptionTests : ExceptionContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteDeadEventTests : DeadEventContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteAlertOutboxTests : AlertOutboxContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteAlertStoreTests : AlertStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteRecheckTests : RecheckContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}

public sealed class SqliteRetentionTests : RetentionContract
{
    protected override Task<StoreSet> EmptyAsync() => SqliteFile.EmptyAsync();
}
