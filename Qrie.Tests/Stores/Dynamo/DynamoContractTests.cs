namespace Qrie.Tests.Stores.Dynamo;

// Those that take minutes (lists by every filter, histories, purges, compliance) are in Qrie.Soak.Tests.

public sealed class DynamoInstallationTests : InstallationContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoOrganizationTests : OrganizationContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoApiKeyStoreTests : ApiKeyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoRefusedLoginTests : RefusedLoginContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoAuditStoreTests : AuditStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoAccountStoreTests : AccountStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoPolicyStoreTests : PolicyStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoResourceStoreTests : ResourceStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoResourceDeletionTests : ResourceDeletionContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoResourceAbsenceTests : ResourceAbsenceContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoResourceListTests : ResourceListContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoCoverageStoreTests : CoverageStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoFindingStoreTests : FindingStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoFindingListTests : FindingListContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoPendingEvaluationTests : PendingEvaluationContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoPolicyTargetTests : PolicyTargetContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoScanStoreTests : ScanStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoUnitClaimTests : UnitClaimContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoScanControlTests : ScanControlContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoScanProgressTests : ScanProgressContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoGateTests : GateContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoSummaryTests : SummaryContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoDriftTests : DriftContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoDeadEventTests : DeadEventContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoRecheckTests : RecheckContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoExceptionTests : ExceptionContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoTriageTests : TriageContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoAlertOutboxTests : AlertOutboxContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoAlertStoreTests : AlertStoreContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

public sealed class DynamoRetentionTests : RetentionContract
{
    protected override Task<StoreSet> EmptyAsync() => DynamoServer.EmptyAsync();
}

/// <summary>What needs no transaction of several items.</summary>
public sealed class DynaliteInstallationTests : InstallationContract
{
    protected override Task<StoreSet> EmptyAsync() => DynaliteServer.EmptyAsync();
}

/// <summary>What needs no transaction of several items.</summary>
public sealed class DynaliteOrganizationTests : OrganizationContract
{
    protected override Task<StoreSet> EmptyAsync() => DynaliteServer.EmptyAsync();
}
