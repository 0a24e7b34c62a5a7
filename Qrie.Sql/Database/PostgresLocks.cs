using Dapper;
using Npgsql;

namespace Qrie.Sql.Database;

/// <summary>The advisory lock of a store, which every transaction holds that writes. It is of the schema.</summary>
internal static class PostgresLocks
{
    private const int Writer = 0x51726966;

    /// <summary>
    /// How long a transaction waits for others; how long one may do nothing before the server ends it, so that a process that was stopped, or was cut off from
    /// the server, does not stop the others. It is repeated.
    /// </summary>
    private const string Limits = "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '10s'; SET tcp_user_timeout = '15s'";

    public static Task LimitAsync(NpgsqlConnection connection) => connection.ExecuteAsync(Limits);

    /// <summary>Also holds the transaction to an organization (<see cref="OrganizationFence"/>): one round trip for both.</summary>
    public static Task TakeForTransactionAsync(NpgsqlConnection connection, string organization) => connection.ExecuteAsync(
        $"SELECT pg_advisory_xact_lock({Writer}, hashtext(current_schema())), {OrganizationFence.Enter}", new { organization });
}
