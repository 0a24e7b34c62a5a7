using Amazon.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Transfer;
using Qrie.Dynamo.Accounts.Purging;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Outbox;
using Qrie.Dynamo.Replicas;
using Qrie.Dynamo.Tables;
using Qrie.Dynamo.Transfer.Rows;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Transfer;

/// <summary>
/// The tables as a store to be exported and filled. DynamoDB has no snapshot of several tables: an export needs that no service uses them. Its rows are
/// gathered in a buffer, which derives what only databases have. An import reads from one in the order of keys, so that what is one item is read together.
/// </summary>
internal sealed class DynamoTransferStore : ITransferStore
{
    private const int OrphansAtOnce = 100;

    private readonly IServiceProvider _services;
    private readonly IAsyncDisposable _owner;
    private readonly Func<CancellationToken, Task<ITransferBuffer>> _openBuffer;
    private readonly DynamoStore _store;
    private readonly DynamoInstallation _installation;
    private readonly int _purgeSteps;

    /// <param name="services">The registered stores.</param>
    /// <param name="owner">Their owner; disposed with this.</param>
    /// <param name="openBuffer">Makes an empty buffer for the rows.</param>
    public DynamoTransferStore(IServiceProvider services, IAsyncDisposable owner, Func<CancellationToken, Task<ITransferBuffer>> openBuffer)
    {
        (_services, _owner, _openBuffer) = (services, owner, openBuffer);
        _store = services.GetRequiredService<DynamoStore>();
        _installation = services.GetRequiredService<DynamoInstallation>();
        _purgeSteps = services.GetRequiredService<PurgeSteps>().Count;
    }

    public Task<TransferManifest> ExportAsync(string folder, Func<long, Task> progress, CancellationToken cancel) =>
        PermittedAsync(() => ExportItemsAsync(folder, progress, cancel));

    public Task ImportAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel) =>
        PermittedAsync(async () =>
        {
            await ImportItemsAsync(folder, manifest, progress, cancel);
            return manifest;
        });

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    /// <summary>The role of the service, for example, must not do all that is needed here.</summary>
    private static async Task<T> PermittedAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (AmazonServiceException e)
        {
            throw new TransferException(
                $"DynamoDB refused a request: {e.ErrorCode}, {e.Message} Beside what the service may do, exports and imports need dynamodb:Scan.", e);
        }
    }

    private async Task<TransferManifest> ExportItemsAsync(string folder, Func<long, Task> progress, CancellationToken cancel)
    {
        await using var buffer = await _openBuffer(cancel);
        buffer.CheckFolder(folder);
        if (await _services.GetRequiredService<DynamoTables>().ListMissingAsync(cancel) is [_, ..] missing)
        {
            throw new TransferException($"There is no store: these DynamoDB tables are missing: {string.Join(", ", missing)}. Set Store__TablePrefix.");
        }

        await _installation.PrepareAsync(cancel);
        if (await ReplicaItems.AnyBeatsAsync(_store, cancel))
        {
            throw new TransferException("A service is using the tables, and DynamoDB has no snapshot of them: stop all tasks, then repeat the export.");
        }

        await RecoverAsync(cancel);
        var rows = new RowSink(buffer, progress, cancel);
        await ReadAsync(rows, cancel);
        await rows.FlushAsync();
        var (kind, version) = await _installation.DescribeStoreAsync(cancel);
        return await buffer.ExportAsync(folder, $"{kind} {version}", progress, cancel);
    }

    private async Task ImportItemsAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel)
    {
        await _installation.MigrateAsync(cancel);
        await FindProgressAsync(manifest, cancel); // before the parts are read, which may take long
        await using var buffer = await _openBuffer(cancel);
        await buffer.ImportAsync(folder, manifest, cancel);
        var begun = await FindProgressAsync(manifest, cancel) ?? new ImportProgress(manifest.ExportId, "", 0);
        await new DynamoImport(_store, buffer, Steps(), progress).RunAsync(begun, manifest, cancel);
    }

    /// <summary>How far an earlier attempt came; null if the store is empty.</summary>
    /// <exception cref="TransferException">The store has something else.</exception>
    private async Task<ImportProgress?> FindProgressAsync(TransferManifest manifest, CancellationToken cancel)
    {
        if (ImportProgress.Of(await _store.GetAsync(ImportProgress.Key, cancel)) is { } begun)
        {
            return begun.ExportId == manifest.ExportId
                ? begun
                : throw new TransferException(
                    $"The store has an unfinished import of another export, {begun.ExportId}: finish that one, or name an empty store.");
        }

        foreach (var table in StoreTables.All)
        {
            await foreach (var item in _store.Calls.ScanAllAsync(table, limit: 10, cancel))
            {
                if (ItemKey.Of(table, item) != DynamoInstallation.SchemaKey)
                {
                    throw new TransferException(
                        $"The store is not empty: the DynamoDB table {_store.Calls.NameOf(table)} has items. Set another Store__TablePrefix; an import "
                        + "does not change existing data.");
                }
            }
        }

        return null;
    }

    /// <summary>What transactions of dead processes left to be done is part of what the store has.</summary>
    private async Task RecoverAsync(CancellationToken cancel)
    {
        var outbox = _services.GetRequiredService<OutboxApplier>();
        var organizations = await _services.GetRequiredService<IOrganizationStore>().ListAsync(cancel);
        foreach (var organization in organizations.Select(o => o.OrganizationId).Union([Organizations.Default]))
        {
            while (await outbox.RecoverAsync(organization, null, OrphansAtOnce, cancel) == OrphansAtOnce)
            {
            }
        }
    }

    private async Task ReadAsync(RowSink rows, CancellationToken cancel)
    {
        await foreach (var item in _store.Calls.ScanAllAsync(StoreTables.Summary, null, cancel))
        {
            if (AccessRows.OfInstallation(item) is { } row)
            {
                await rows.AddAsync(row);
            }
        }

        await foreach (var item in _store.Calls.ScanAllAsync(StoreTables.Resources, null, cancel))
        {
            await ResourceRows.ExportAsync(item, _store, rows, cancel);
        }

        await foreach (var item in _store.Calls.ScanAllAsync(StoreTables.Findings, null, cancel))
        {
            await FindingRows.ExportAsync(item, rows);
        }

        var (state, scans) = (new StateRows(), new ScanRows());
        await scans.PrepareAsync(_store, cancel);
        AccessRows.AddTo(state);
        AccountRows.AddTo(state, _purgeSteps);
        PolicyRows.AddTo(state);
        ResourceRows.AddTo(state);
        FindingRows.AddTo(state);
        CounterRows.AddTo(state);
        scans.AddTo(state);
        EventRows.AddTo(state);
        AlertRows.AddTo(state);
        state.Ignore("outbox", ReplicaItems.Partition, "duties");
        await foreach (var item in _store.Calls.ScanAllAsync(StoreTables.State, null, cancel))
        {
            await state.ExportAsync(new StoredItem(_store, item, cancel), rows);
        }
    }

    private IReadOnlyList<ImportStep> Steps() =>
    [
        .. AccessRows.Steps, .. AccountRows.Steps(_purgeSteps), .. PolicyRows.Steps, .. ResourceRows.Steps, .. FindingRows.Steps, .. CounterRows.Steps,
        .. ScanRows.Steps, .. EventRows.Steps, .. AlertRows.Steps,
    ];
}
