using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Qrie.Domain;
using Qrie.Domain.Access;
using Qrie.Domain.Access.Audit;
using Qrie.Domain.Accounts;
using Qrie.Domain.Accounts.Purging;
using Qrie.Domain.Alerts;
using Qrie.Domain.Archiving;
using Qrie.Domain.Compliance;
using Qrie.Domain.Dashboard;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Findings.Exceptions;
using Qrie.Domain.Findings.Preview;
using Qrie.Domain.Findings.Triage;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Domain.Scans;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>A SQLite file in its own folder, both deleted on disposal.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("qrie-test-").FullName;

    public string Path => System.IO.Path.Combine(_folder, "qrie.db");

    /// <summary>Opens the file with the registrations of the host.</summary>
    public async Task<StoreSet> OpenAsync(bool deleteAfter = false, TimeSpan? busyTimeout = null)
    {
        var services = new ServiceCollection().AddSqlStores(_ => SqliteDatabase.Open(Path, busyTimeout, durable: false)).BuildServiceProvider();
        try
        {
            await services.GetRequiredService<IInstallation>().PrepareAsync(CancellationToken.None);
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }

        return new StoreSet(
            services.GetRequiredService<IInstallation>(),
            services.GetRequiredService<IAccountStore>(),
            services.GetRequiredService<IResourceStore>(),
            services.GetRequiredService<ICoverageStore>(),
            services.GetRequiredService<IPolicyStore>(),
            services.GetRequiredService<IFindingStore>(),
            services.GetRequiredService<IScanStore>(),
            services.GetRequiredService<IPolicyTargetStore>(),
            services.GetRequiredService<ISummaryStore>(),
            services.GetRequiredService<IDriftStore>(),
            services.GetRequiredService<IAccountPurgeStore>())
        {
            Organizations = services.GetRequiredService<IOrganizationStore>(),
            Keys = services.GetRequiredService<IApiKeyStore>(),
            RefusedLogins = services.GetRequiredService<IRefusedLoginStore>(),
            Audit = services.GetRequiredService<IAuditStore>(),
            Events = services.GetRequiredService<IEventStore>(),
            ExternalIds = services.GetRequiredService<IExternalIdStore>(),
            Triage = services.GetRequiredService<ITriageStore>(),
            Exceptions = services.GetRequiredService<IExceptionStore>(),
            Compliance = services.GetRequiredService<IComplianceStore>(),
            Alerts = services.GetRequiredService<IAlertStore>(),
            Archives = services.GetRequiredService<IArchiveStore>(),
            CloseAsync = async () =>
            {
                await services.DisposeAsync();
                if (deleteAfter)
                {
                    Dispose();
                }
            },
        };
    }

    /// <summary>Runs SQL directly on the file.</summary>
    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<IEnumerable<string>> QueryAsync(string sql)
    {
        await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        return await connection.QueryAsync<string>(sql);
    }

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>An empty store for contract suites, deleted on disposal.</summary>
    public static Task<StoreSet> EmptyAsync() => new SqliteFile().OpenAsync(deleteAfter: true);
}
