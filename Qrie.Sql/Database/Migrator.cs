using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Dapper;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>Migrates a database to the schema of this version: runs the scripts in <c>Migrations/{dialect}</c> that have not run yet, in order.</summary>
public static class Migrator
{
    /// <summary>The row of <c>installation</c> with the number of scripts that have run.</summary>
    internal const string SchemaVersion = "schema_version";

    /// <exception cref="StoreUnavailableException">The schema was migrated by a newer Qrie.</exception>
    public static async Task MigrateAsync(SqlDatabase database, CancellationToken cancel)
    {
        var scripts = Scripts(database.Dialect);
        await database.WriteAsync(
            async transaction =>
            {
                var connection = transaction.Connection!;
                await connection.ExecuteAsync(
                    "CREATE TABLE IF NOT EXISTS installation (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL)", null, transaction);
                var current = await SchemaAsync(connection);
                if (current > scripts.Count)
                {
                    throw new StoreUnavailableException(
                        $"The store has schema {current}, this version knows {scripts.Count}: start the newer Qrie that migrated it, or restore a backup.");
                }

                foreach (var script in scripts.Skip(current))
                {
                    await connection.ExecuteAsync(script, null, transaction);
                }

                await connection.ExecuteAsync(
                    """
                    INSERT INTO installation (name, value) VALUES (@name, @value)
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value
                    """,
                    new { name = SchemaVersion, value = scripts.Count.ToString(CultureInfo.InvariantCulture) }, transaction);
            },
            cancel);
    }

    /// <summary>Whether the database has the schema of this version, so that it can be shared with the process that has it open.</summary>
    public static async Task<bool> IsCurrentAsync(SqlDatabase database, CancellationToken cancel) =>
        await FindSchemaAsync(database, cancel) == Latest(database);

    /// <summary>The schema of this version.</summary>
    public static int Latest(SqlDatabase database) => Latest(database.Dialect);

    /// <param name="dialect">sqlite or postgres.</param>
    public static int Latest(string dialect) => Scripts(dialect).Count;

    /// <summary>The schema of a database; 0 if it is still empty.</summary>
    public static Task<int> FindSchemaAsync(SqlDatabase database, CancellationToken cancel) => database.ReadAsync(
        async connection =>
        {
            try
            {
                return await SchemaAsync(connection);
            }
            catch (DbException)
            {
                return 0;
            }
        },
        cancel);

    /// <summary>The number of scripts that have run.</summary>
    public static async Task<int> SchemaAsync(DbConnection connection) => int.Parse(
        await connection.ExecuteScalarAsync<string?>("SELECT value FROM installation WHERE name = @name", new { name = SchemaVersion }) ?? "0",
        CultureInfo.InvariantCulture);

    private static List<string> Scripts(string dialect)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"Qrie.Sql.Migrations.{dialect}.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            })];
    }
}
