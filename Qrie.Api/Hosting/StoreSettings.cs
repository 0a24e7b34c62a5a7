using Amazon;
using Amazon.DynamoDBv2;
using Qrie.Domain;
using Qrie.Domain.Transfer;
using Qrie.Domain.Validation;
using Qrie.Dynamo;
using Qrie.Sql.Database;
using Qrie.Sql.Transfer;

namespace Qrie.Api.Hosting;

/// <summary>The configured store.</summary>
internal sealed class StoreSettings
{
    private const string Sqlite = "sqlite";
    private const string Postgres = "postgres";
    private const string DynamoDb = "dynamodb";
    private const string Example = "Host=db.example.com;Database=qrie;Username=qrie;Password=…";

    private readonly string? _connectionString;

    private StoreSettings(string path, string? connectionString) => (Path, _connectionString) = (path, connectionString);

    /// <summary>Whether it is the embedded one; otherwise it is on a server or in AWS.</summary>
    public bool IsFile => _connectionString is null && Dynamo is null;

    /// <summary>The file of the embedded one.</summary>
    public string Path { get; }

    /// <summary>The tables in DynamoDB; null if it is a database.</summary>
    public DynamoStoreSettings? Dynamo { get; private init; }

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
            DynamoDb => new StoreSettings("", null) { Dynamo = DynamoStoreSettings.Read(configuration) },
            _ => throw new StartRefusedException($"Store:Kind is '{kind}'; it must be {Sqlite}, {Postgres} or {DynamoDb}."),
        };
    }

    /// <summary>Opens the database for the service: a file for one process only.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public SqlDatabase Open() => IsFile ? SqliteDatabase.Open(Path) : OpenServer();

    /// <summary>
    /// Opens the database for a few short transactions, whether or not a service has it open. Its schema may be another one than this version's.
    /// </summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public SqlDatabase OpenBeside() => IsFile ? SqliteDatabase.OpenBeside(Path) : OpenServer();

    /// <summary>Shares the store with the service if it has this version's schema; otherwise creates or migrates it, a file exclusively.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened, or must be migrated and is in use.</exception>
    public async Task<CommandStore> OpenCurrentAsync(CancellationToken cancel)
    {
        if (Dynamo is { } tables)
        {
            return await PreparedAsync(CommandStore.Of(tables), cancel);
        }

        if (!IsFile || File.Exists(Path))
        {
            var beside = OpenBeside();
            try
            {
                if (await Migrator.IsCurrentAsync(beside, cancel))
                {
                    return CommandStore.Of(beside);
                }
            }
            catch
            {
                await beside.DisposeAsync();
                throw;
            }

            await beside.DisposeAsync();
        }

        return await PreparedAsync(CommandStore.Of(Open()), cancel);
    }

    /// <summary>Opens it to read; null if there is none of this version yet, or it cannot be opened now.</summary>
    public async Task<CommandStore?> FindAsync(CancellationToken cancel)
    {
        if (Dynamo is { } tables)
        {
            try
            {
                return await PreparedAsync(CommandStore.Of(tables with { CreateTables = false }), cancel);
            }
            catch (StoreUnavailableException)
            {
                return null;
            }
        }

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
                return CommandStore.Of(opened);
            }
        }
        catch (StoreUnavailableException)
        {
            // As if there were none.
        }

        await (opened?.DisposeAsync() ?? ValueTask.CompletedTask);
        return null;
    }

    /// <summary>Opens it to be exported.</summary>
    /// <exception cref="TransferException">There is none.</exception>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public ITransferStore OpenForExport(TimeProvider clock) =>
        Dynamo is { } tables ? CommandStore.TransferOf(tables with { CreateTables = false }, clock)
        : IsFile && !File.Exists(Path)
            ? throw new TransferException($"There is no store at {Path}: set Store__Path, or Store__Kind and Store__ConnectionString.")
        : new SqlTransferStore(OpenBeside(), clock);

    /// <summary>Opens it to be filled, and makes it if there is none.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened.</exception>
    public ITransferStore OpenForImport(TimeProvider clock) =>
        Dynamo is { } tables ? CommandStore.TransferOf(tables, clock) : new SqlTransferStore(Open(), clock);

    private PostgresDatabase OpenServer() => Dynamo is null
        ? PostgresDatabase.Open(_connectionString!)
        : throw new StartRefusedException($"This works with Store:Kind={Sqlite} and {Postgres}, not with {DynamoDb}.");

    private static async Task<CommandStore> PreparedAsync(CommandStore store, CancellationToken cancel)
    {
        try
        {
            await store.Get<IInstallation>().PrepareAsync(cancel);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }
}

/// <summary>The tables of a store in DynamoDB.</summary>
/// <param name="Endpoint">Of an emulator; null for AWS.</param>
/// <param name="CreateTables">Whether missing tables are made.</param>
internal sealed record DynamoStoreSettings(string Region, string? Endpoint, bool CreateTables, DynamoSettings Store)
{
    public static DynamoStoreSettings Read(IConfiguration configuration)
    {
        var prefix = configuration["Store:TablePrefix"] is { Length: > 0 } given ? given : new DynamoSettings().TablePrefix;
        if (prefix.Length > 200 || !prefix.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            throw new StartRefusedException($"Store:TablePrefix is '{prefix}'; it must have letters, digits, '_', '-' and '.' only.");
        }

        return new DynamoStoreSettings(
            First(configuration, "Store:Region", "Aws:Region", "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1",
            First(configuration, "Store:Endpoint", "Aws:Endpoint", "AWS_ENDPOINT_URL"),
            Flag(configuration, "Store:CreateTables", true),
            new DynamoSettings { TablePrefix = prefix, CounterShards = Number(configuration, "Store:CounterShards", 1, 100) });
    }

    /// <summary>The client finds its credentials as all tools of AWS do: environment, profile, task or instance role.</summary>
    public AmazonDynamoDBClient NewClient()
    {
        var config = new AmazonDynamoDBConfig().ConfigureClient();
        if (Endpoint is { } emulator)
        {
            config.ServiceURL = emulator;
            config.AuthenticationRegion = Region;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(Region);
        }

        return new AmazonDynamoDBClient(config);
    }

    /// <summary>Registers the stores.</summary>
    public IServiceCollection AddTo(IServiceCollection services) => services.AddDynamoStores(Store with { CreateTables = CreateTables }, _ => NewClient());

    private static string? First(IConfiguration configuration, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (configuration[name] is { Length: > 0 } value)
            {
                return value;
            }
        }

        return null;
    }

    private static bool Flag(IConfiguration configuration, string name, bool otherwise) => configuration[name] switch
    {
        null or "" => otherwise,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new StartRefusedException($"{name} is '{text}'; it must be true or false."),
    };

    private static int Number(IConfiguration configuration, string name, int least, int most) => configuration[name] switch
    {
        null or "" => least,
        var text when int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var n) && n >= least && n <= most => n,
        var text => throw new StartRefusedException($"{name} is '{text}'; it must be a number from {least} to {most}."),
    };
}
