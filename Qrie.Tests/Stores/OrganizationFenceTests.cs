using Dapper;
using Npgsql;
using Qrie.Sql.Database;

namespace Qrie.Tests.Stores;

/// <summary>Row-level security: what PostgreSQL itself refuses, whatever the SQL asks for.</summary>
public sealed class OrganizationFenceTests : IAsyncLifetime
{
    private const string Names = "SELECT name FROM alert_rules ORDER BY name";

    private const string Insert =
        """
        INSERT INTO alert_rules (organization, alert_id, name, enabled, kinds, min_severity, selection, group_seconds, target, created_at, updated_at)
        VALUES (@organization, @organization, @organization, 1, '[]', 0, '{}', 0, '{}', 0, 0)
        """;

    private string _connection = "";
    private PostgresDatabase _database = null!;

    public async ValueTask InitializeAsync()
    {
        _connection = await PostgresServer.CreateDatabaseAsync();
        _database = PostgresDatabase.Open(_connection);
        foreach (var organization in (string[])["acme", "globex"])
        {
            await _database.WriteAsync(organization, t => t.Connection!.ExecuteAsync(Insert, new { organization }, t), default);
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Reads_of_an_organization_see_its_rows_only()
    {
        (await _database.ReadAsync("acme", c => c.QueryAsync<string>(Names), default)).ShouldBe(["acme"]);
        (await _database.ReadAsync("initech", c => c.QueryAsync<string>(Names), default)).ShouldBeEmpty();
        (await _database.ReadAsync(c => c.QueryAsync<string>(Names), default)).ShouldBe(["acme", "globex"]);
    }

    [Fact]
    public async Task Writes_of_an_organization_change_its_rows_only()
    {
        (await Should.ThrowAsync<PostgresException>(() => _database.WriteAsync(
            "acme", t => t.Connection!.ExecuteAsync(Insert, new { organization = "initech" }, t), default)))
            .SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await _database.WriteAsync("acme", t => t.Connection!.ExecuteAsync("DELETE FROM alert_rules", null, t), default)).ShouldBe(1);
        (await _database.ReadAsync(c => c.QueryAsync<string>(Names), default)).ShouldBe(["globex"]);
    }

    [Fact]
    public async Task Sessions_without_the_setting_see_nothing()
    {
        await using var psql = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connection) { Options = null, Pooling = false }.ToString());

        (await psql.QueryAsync<string>(Names)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Every_table_with_organizations_has_the_policy()
    {
        const string Without =
            """
            SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization'
            WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
              AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
            """;

        (await _database.ReadAsync(c => c.QueryAsync<string>(Without), default)).ShouldBeEmpty("the migration that makes a table adds its policy");
    }

    [Fact]
    public async Task A_role_that_the_server_does_not_restrict_is_named()
    {
        await using var administrator = PostgresDatabase.Open(new NpgsqlConnectionStringBuilder(_connection) { Username = "qrie" }.ToString());

        (await _database.ListWarningsAsync(default)).ShouldBeEmpty();
        (await administrator.ListWarningsAsync(default)).ShouldHaveSingleItem().ShouldContain("The role qrie of Store:ConnectionString is a superuser");
    }
}
