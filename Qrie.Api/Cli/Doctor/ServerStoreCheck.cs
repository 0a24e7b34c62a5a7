using Qrie.Api.Hosting;
using Qrie.Domain.Validation;
using Qrie.Sql.Database;

namespace Qrie.Api.Cli.Doctor;

/// <summary>Checks that a store on a server can be reached and written, and its schema version. A running service does not prevent that.</summary>
internal static class ServerStoreCheck
{
    private const string Check = "store";

    /// <param name="open">Opens it beside a running service.</param>
    public static async Task<OpenedStore> RunAsync(Func<SqlDatabase> open, CancellationToken cancel)
    {
        SqlDatabase? database = null;
        try
        {
            database = open();
            var (schema, latest) = (await Migrator.FindSchemaAsync(database, cancel), Migrator.Latest(database));
            // Takes the write lock without writing.
            await database.WriteAsync(_ => Task.FromResult(0), cancel);
            var version = $"{database.Dialect} {await database.VersionAsync(cancel)}";
            var diagnostic = schema > latest
                ? Diagnostic.Problem(
                    Check, $"Its schema version is {schema}; this version of Qrie knows {latest}.", "Run the newer Qrie that migrated it, or restore a backup.")
                : schema == latest ? Diagnostic.Ok(Check, $"{version}, schema {schema}")
                : schema == 0 ? Diagnostic.Ok(Check, $"{version}, without tables; Qrie will create them when it starts")
                : Diagnostic.Ok(Check, $"{version}, schema {schema}, which the next start migrates to {latest}");
            if (schema == latest)
            {
                return new OpenedStore([diagnostic], CommandStore.Of(database), false);
            }

            await database.DisposeAsync();
            return new OpenedStore([diagnostic], null, false);
        }
        catch (StoreUnavailableException e)
        {
            await (database?.DisposeAsync() ?? ValueTask.CompletedTask);
            return new OpenedStore([Diagnostic.Problem(Check, e.Message, "Fix the cause given in the message.")], null, false);
        }
        catch
        {
            await (database?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }
}
