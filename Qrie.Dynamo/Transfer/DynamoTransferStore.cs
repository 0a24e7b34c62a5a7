using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Transfer;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Accounts.Purging;
using Qrie.Dynamo.Counts;
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
internal sealed class DynamoTransferStore(
    DynamoStore store, DynamoInstallation installation, DynamoTables tables, OutboxApplier outbox, IOrganizationStore organizations, PurgeSteps purges,
    Func<CancellationToken, Task<ITransferBuffer>> openBuffer) : ITransferStore
{
    private const int OrphansAtOnce = 100;

    public async Task<TransferManifest> ExportAsync(string folder, Func<long, Task> progress, CancellationToken cancel)
    {
        await using var buffer = await openBuffer(cancel);
        buffer.CheckFolder(folder);
        if (await tables.ListMissingAsync(cancel) is [_, ..] missing)
        {
            throw new TransferException($"There is no store: these DynamoDB tables are missing: {string.Join(", ", missing)}. Set Store__TablePrefix.");
        }

        await installation.PrepareAsync(cancel);
        if (await ReplicaItems.AnyBeatsAsync(store, cancel))
        {
            throw new TransferException("A service is using the tables, and DynamoDB has no snapshot of them: stop all tasks, then repeat the export.");
        }

        await RecoverAsync(cancel);
        var rows = new RowSink(buffer, progress, cancel);
        await ReadAsync(rows, cancel);
        await rows.FlushAsync();
        var (kind, version) = await installation.DescribeStoreAsync(cancel);
        return await buffer.ExportAsync(folder, $"{kind}, {version}", progress, cancel);
    }

    public async Task ImportAsync(string folder, TransferManifest manifest, Func<long, Task> progress, CancellationToken cancel)
    {
        await installation.MigrateAsync(cancel);
        await FindProgressAsync(manifest, cancel); // before the parts are read, which may take long
        await using var buffer = await openBuffer(cancel);
        await buffer.ImportAsync(folder, manifest, cancel);
        var begun = await FindProgressAsync(manifest, cancel) ?? new ImportProgress(manifest.ExportId, "", 0);
        await new DynamoImport(store, buffer, Steps(), progress).RunAsync(begun, manifest, cancel);
    }

    /// <summary>The provider that made it is the owner of what it uses.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>How far an earlier attempt came; null if the store is empty.</summary>
    /// <exception cref="TransferException">The store has something else.</exception>
    private async Task<ImportProgress?> FindProgressAsync(TransferManifest manifest, CancellationToken cancel)
    {
        if (ImportProgress.Of(await store.GetAsync(ImportProgress.Key, cancel)) is { } begun)
        {
            return begun.ExportId == manifest.ExportId
                ? begun
                : throw new TransferException(
                    $"The store has an unfinished import of another export, {begun.ExportId}: finish that one, or name an empty store.");
        }

        foreach (var table in StoreTables.All)
        {
            await foreach (var item in store.Calls.ScanAllAsync(table, limit: 10, cancel))
            {
                if (ItemKey.Of(table, item) != DynamoInstallation.SchemaKey)
                {
                    throw new TransferException(
                        $"The store is not empty: the DynamoDB table {store.Calls.NameOf(table)} has items. Set another Store__TablePrefix; an import "
                        + "does not change existing data.");
                }
            }
        }

        return null;
    }

    /// <summary>What transactions of dead processes left to be done is part of what the store has.</summary>
    private async Task RecoverAsync(CancellationToken cancel)
    {
        foreach (var organization in (await organizations.ListAsync(cancel)).Select(o => o.OrganizationId).Union([Organizations.Default]))
        {
            while (await outbox.RecoverAsync(organization, null, OrphansAtOnce, cancel) == OrphansAtOnce)
            {
            }
        }
    }

    private async Task ReadAsync(RowSink rows, CancellationToken cancel)
    {
        await foreach (var item in store.Calls.ScanAllAsync(StoreTables.Summary, null, cancel))
        {
            if (AccessRows.OfInstallation(item) is { } row)
            {
                await rows.AddAsync(row);
            }
        }

        await foreach (var item in store.Calls.ScanAllAsync(StoreTables.Resources, null, cancel))
        {
            await ResourceRows.ExportAsync(item, store, rows, cancel);
        }

        await foreach (var item in store.Calls.ScanAllAsync(StoreTables.Findings, null, cancel))
        {
            await FindingRows.ExportAsync(item, rows);
        }

        var (state, scans) = (new StateRows(), new ScanRows());
        await scans.PrepareAsync(store, cancel);
        AccessRows.AddTo(state);
        AccountRows.AddTo(state, purges.Count);
        PolicyRows.AddTo(state);
        ResourceRows.AddTo(state);
        FindingRows.AddTo(state);
        CounterRows.AddTo(state);
        scans.AddTo(state);
        EventRows.AddTo(state);
        AlertRows.AddTo(state);
        state.Ignore("outbox", ReplicaItems.Partition, "duties");
        await foreach (var item in store.Calls.ScanAllAsync(StoreTables.State, null, cancel))
        {
            await state.ExportAsync(new StoredItem(store, item, cancel), rows);
        }
    }

    private IReadOnlyList<ImportStep> Steps() =>
    [
        .. AccessRows.Steps, .. AccountRows.Steps(purges.Count), .. PolicyRows.Steps, .. ResourceRows.Steps, .. FindingRows.Steps, .. CounterRows.Steps,
        .. ScanRows.Steps, .. EventRows.Steps, .. AlertRows.Steps,
    ];
}
