using Qrie.Domain.Validation;
using Qrie.Sql;
using Qrie.Sql.Database;

namespace Qrie.Api.Hosting;

/// <summary>The configured store.</summary>
internal sealed class StoreSettings
{
    private const string Sqlite = "sqlite";
    private const string Postgres = "postgres";
    private const string Example = "Host=db.example.com;Database=qrie;Username=qrie;Password=…";

    private readonly string? _connectionString;

    private StoreSettings(string path, string? connectionString) => (Path, _connectionString) = (path, connectionString);

    /// <summary>Whether it is the embedded one; otherwise it is on a server.</summary>
    public bool IsFile => _connectionString is null;

    /// <summary>The file of the embedded one.</summary>
    public string Path { get; }

    /// <exception cref="StartRefusedException">The settings are invalid.</exception>
    public static StoreSettings Read(IConfiguration configuration)
    {
        var (kind, path, connection) = (configuration["Store:Kind"], configuration["Store:Path"], configuration["Store:ConnectionString"]);
        return kind switch
        {
            null or "" when connection is { Length: > 0 } => throw new StartRefusedException(
                $"Store:ConnectionString is set, but not Store:Kind: set it to {Postgres} to use that database, or to {Sqlite} to use a file."),
            null or "" or Sqlite => new StoreSettings(path is { Length: > 0 } ? path : "data/qrie.db", null),
            Postgres when connection is { Length: > 0 } => new StoreSettings("", connection),
            Postgres => throw new StartRefusedException($"Store:ConnectionString is not set; with Store:Kind={Postgres} it must be like {Example}."),
            _ => throw new StartRefusedException($"Store:Kind is '{kind}'; it must be {Sqlite} or {Postgres}."),
        };
    }

    /// <summary>Opens it for the service: a file for one process only.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public SqlDatabase Open() => IsFile ? SqliteDatabase.Open(Path) : PostgresDatabase.Open(_connectionString);

    /// <summary>Opens it for a few short transactions, whether or not a service has it open. Its schema may be another one than this version's.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public SqlDatabase OpenBeside() => IsFile ? SqliteDatabase.OpenBeside(Path) : PostgresDatabase.Open(_connectionString);

    /// <summary>Shares the store with the service if it has this version's schema; otherwise opens it exclusively, to create or migrate it.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or must be migrated and is in use.</exception>
    public async Task<SqlDatabase> OpenCurrentAsync(CancellationToken cancel)
    {
        if (!IsFile || File.Exists(Path))
        {
            var beside = OpenBeside();
            try
            {
                if (await Migrator.IsCurrentAsync(beside, cancel))
                {
                    return beside;
                }
            }
            catch
            {
                await beside.DisposeAsync();
                throw;
            }

            await beside.DisposeAsync();
        }

        var alone = Open();
        try
        {
            await new SqlInstallation(alone).PrepareAsync(cancel);
            return alone;
        }
        catch
        {
            await alone.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens it to read; null if there is none of this version yet, or it cannot be opened now.</summary>
    public async Task<SqlDatabase?> FindAsync(CancellationToken cancel)
    {
        if (IsFile && !File.Exists(Path))
        {
            return null;
        }

        SqlDatabase? opened = null;
        try
        {
            opened = IsFile ? Open() : OpenBeside();
            if (IsFile || await Migrator.IsCurrentAsync(opened, cancel))
            {
                return opened;
            }
        }
        catch (StoreUnavailableException)
        {
            // As if there were none.
        }

        await (opened?.DisposeAsync() ?? ValueTask.CompletedTask);
        return null;
    }
}
