using System.Security.Cryptography;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;

namespace Qrie.Sql;

public sealed class SqlInstallation(SqlDatabase database) : IInstallation
{
    private const int SecretLength = 32;

    public async Task PrepareAsync(CancellationToken cancel)
    {
        await Migrator.MigrateAsync(database, cancel);
        if (await database.ReadAsync(
            connection => connection.ExecuteScalarAsync<string?>(
                "SELECT value FROM installation WHERE name = @Unfinished", new { StoreImport.Unfinished }), cancel) is not null)
        {
            throw new StoreUnavailableException("The store has an unfinished import: finish it with qrie import, or use another store.");
        }
    }

    public async Task<(string Kind, string Version)> DescribeStoreAsync(CancellationToken cancel) =>
        (database.Dialect, await database.VersionAsync(cancel));

    public Task<IReadOnlyList<string>> ListStoreWarningsAsync(CancellationToken cancel) => database.ListWarningsAsync(cancel);

    public Task<int> SchemaAsync(CancellationToken cancel) => database.ReadAsync(Migrator.SchemaAsync, cancel);

    public Task<byte[]> SecretAsync(string name, CancellationToken cancel) =>
        database.WriteAsync(
            async transaction =>
            {
                // The first process creates it; all read what is stored.
                await transaction.Connection!.ExecuteAsync(
                    "INSERT INTO installation (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING",
                    new { name = $"secret.{name}", value = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretLength)) }, transaction);
                return Convert.FromBase64String((await transaction.Connection!.ExecuteScalarAsync<string>(
                    "SELECT value FROM installation WHERE name = @name", new { name = $"secret.{name}" }, transaction))!);
            },
            cancel);

    public Task<string?> SettingAsync(string name, CancellationToken cancel) =>
        database.ReadAsync(
            connection => connection.ExecuteScalarAsync<string?>("SELECT value FROM installation WHERE name = @name", new { name = $"setting.{name}" }),
            cancel);

    public Task SetSettingAsync(string name, string value, CancellationToken cancel) =>
        database.WriteAsync(
            transaction => transaction.Connection!.ExecuteAsync(
                "INSERT INTO installation (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                new { name = $"setting.{name}", value }, transaction),
            cancel);
}
