namespace Qrie.Tests.Stores;

public sealed class PostgresInstallationTests : InstallationContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresAccountStoreTests : AccountStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresResourceStoreTests : ResourceStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresResourceDeletionTests : ResourceDeletionContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresResourceAbsenceTests : ResourceAbsenceContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresResourceListTests : ResourceListContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresCoverageStoreTests : CoverageStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresPolicyStoreTests : PolicyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresFindingStoreTests : FindingStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresFindingListTests : FindingListContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresFindingFilterTests : FindingFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresResourceFilterTests : ResourceFilterContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresPendingEvaluationTests : PendingEvaluationContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresPolicyTargetTests : PolicyTargetContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresScanStoreTests : ScanStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresUnitClaimTests : UnitClaimContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresScanControlTests : ScanControlContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresGateTests : GateContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresPurgeTests : PurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresCountsTests : CountsContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresSummaryTests : SummaryContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresFindingHistoryTests : FindingHistoryContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresDriftTests : DriftContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresScanProgressTests : ScanProgressContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresAccountPurgeTests : AccountPurgeContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresOrganizationTests : OrganizationContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresApiKeyStoreTests : ApiKeyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresRefusedLoginTests : RefusedLoginContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresAuditStoreTests : AuditStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresComplianceTests : ComplianceContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresTriageTests : TriageContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresExceptionTests : ExceptionContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresDeadEventTests : DeadEventContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresAlertOutboxTests : AlertOutboxContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresAlertStoreTests : AlertStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresRecheckTests : RecheckContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}

public sealed class PostgresRetentionTests : RetentionContract
{
    protected override Task<StoreSet> EmptyAsync() => PostgresServer.EmptyAsync();
}
