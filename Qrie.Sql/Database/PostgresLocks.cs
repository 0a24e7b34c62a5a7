using System.Globalization;
using Dapper;
using Npgsql;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>The advisory locks of a store: one that the service holds, and one that every transaction holds that writes. They are of the schema.</summary>
/// <param name="beside">Not the service: only the lock of transactions is taken.</param>
/// <param name="wait">How long the service waits for its lock: a process that was killed may leave its session for a moment.</param>
internal sealed class PostgresLocks(bool beside, TimeSpan wait)
{
    private const int Service = 0x51726965;
    private const int Writer = Service + 1;

    /// <summary>
    /// How long a transaction waits for others; how long one may do nothing before the server ends it, so that a stopped process stops no others.
    /// </summary>
    private const string Limits = "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '2min'";

    /// <exception cref="StoreUnavailableException">Another service has it.</exception>
    public async Task TakeForConnectionAsync(NpgsqlConnection connection)
    {
        if (!beside)
        {
            try
            {
                await connection.ExecuteAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"SET lock_timeout = {Math.Max(1, (long)wait.TotalMilliseconds)}; SELECT pg_advisory_lock({Service}, hashtext(current_schema()))"));
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                throw new StoreUnavailableException(
                    $"Another Qrie uses the database {connection.Database} at {connection.Host}: stop it, or give this one another Store:ConnectionString.", e);
            }
        }

        await connection.ExecuteAsync(Limits);
    }

    public static Task TakeForTransactionAsync(NpgsqlConnection connection) =>
        connection.ExecuteAsync($"SELECT pg_advisory_xact_lock({Writer}, hashtext(current_schema()))");
}
