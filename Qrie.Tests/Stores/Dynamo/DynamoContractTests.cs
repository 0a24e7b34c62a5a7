namespace Qrie.Tests.Stores.Dynamo;

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
