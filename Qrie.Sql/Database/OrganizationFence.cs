using System.Data.Common;

namespace Qrie.Sql.Database;

/// <summary>
/// Row-level security of PostgreSQL (migration 004): each table with organizations shows and accepts only rows of the organization that a setting of the
/// session names. It guards against a condition that is missing in our own SQL; a session without the setting, for example of psql, sees no rows.
/// </summary>
internal static class OrganizationFence
{
    /// <summary>The value for work that spans organizations: workers, keys of callers that are not known yet, exports.</summary>
    public const string Everything = "*";

    /// <summary>For a connection string: what transactions begin with.</summary>
    public const string Options = $"-c {Setting}={Everything}";

    private const string Setting = "qrie.organization";

    /// <summary>An expression that holds the current transaction to <c>@organization</c>.</summary>
    public const string Enter = $"set_config('{Setting}', @organization, true)";

    /// <summary>Whether the server applies it to this role.</summary>
    public static async Task<IReadOnlyList<string>> ListWarningsAsync(DbConnection connection)
    {
        var role = await connection.QueryFirstOrDefaultAsync<string?>(
            "SELECT rolname::text FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)");
        return role is null ? []
            : [$"The role {role} of Store:ConnectionString is a superuser or has BYPASSRLS, so that the server does not separate organizations: use the "
                + "role of deploy/postgres-role.sql."];
    }
}
