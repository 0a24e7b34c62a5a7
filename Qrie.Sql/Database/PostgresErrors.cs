using System.Net.Sockets;
using Npgsql;
using Qrie.Domain.Validation;

namespace Qrie.Sql.Database;

/// <summary>Converts errors of the server or the network; errors in our own SQL are left as they are.</summary>
/// <param name="store">The database, without secrets.</param>
internal sealed class PostgresErrors(string store)
{
    /// <summary>The server ended a transaction in which nothing was done for too long.</summary>
    private const string IdleInTransaction = "25P03";

    /// <summary>Whether a transaction that was certainly not committed may succeed if it is repeated at once.</summary>
    public static bool IsWorthRetrying(NpgsqlException e) =>
        e is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected }
        || (IsLostConnection(e) && e.InnerException is not TimeoutException);

    /// <summary>Whether nothing is known of what the server does or did.</summary>
    public static bool IsLostConnection(NpgsqlException e) => e is PostgresException server
        ? server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or IdleInTransaction || server.SqlState.StartsWith("08", StringComparison.Ordinal)
        : e.InnerException is IOException or SocketException or TimeoutException;

    /// <summary>Null for an error in our own SQL.</summary>
    public Exception? Describe(NpgsqlException e) => e switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            InvalidInputException.Of("text", "It contains a null character, which the store cannot hold. Remove it."),
        // The fence between organizations: a fault of ours, not of the server's.
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege, Routine: "ExecWithCheckOptions" } => null,
        PostgresException server => Remedy(server.SqlState) is { } remedy ? Unavailable($"{Sentence(server.MessageText)} {remedy}", e) : null,
        _ => Unavailable($"{Sentence(e.InnerException?.Message ?? e.Message)} Check Store:ConnectionString, the server and the network.", e),
    };

    public StoreUnavailableException UnknownOutcome(NpgsqlException e) => new(
        $"The store {store} is unavailable: the connection was lost during a commit, so that it is not known whether the last write was stored. "
        + "Check the server and the network.", e);

    private static string Sentence(string message) => message.EndsWith('.') ? message : $"{message}.";

    private StoreUnavailableException Unavailable(string message, NpgsqlException e) => new($"The store {store} is unavailable: {message}", e);

    /// <summary>https://www.postgresql.org/docs/current/errcodes-appendix.html</summary>
    private static string? Remedy(string state) => state switch
    {
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected =>
            "Other replicas or programs write the same rows; the request may be repeated.",
        PostgresErrorCodes.LockNotAvailable => "Other replicas or programs write for too long; the request may be repeated.",
        IdleInTransaction => "This process was stopped in a transaction; the request may be repeated.",
        PostgresErrorCodes.DiskFull => "The disk of the server is full; free some space.",
        PostgresErrorCodes.TooManyConnections => "The server has no connection left; raise its max_connections or end other programs.",
        PostgresErrorCodes.ReadOnlySqlTransaction => "The server is a standby or set to read only; connect to the primary (Target Session Attributes=primary).",
        PostgresErrorCodes.CannotConnectNow => "The server is starting or stopping; wait.",
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown => "The server was stopped; start it.",
        PostgresErrorCodes.InvalidCatalogName => "Create the database, or correct the name in Store:ConnectionString.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Correct the user and the password in Store:ConnectionString.",
        PostgresErrorCodes.InsufficientPrivilege => "The user must be able to create tables in the schema: GRANT CREATE, USAGE ON SCHEMA public TO <user>.",
        PostgresErrorCodes.QueryCanceled => "The server ended a statement; try again.",
        _ when state.StartsWith("08", StringComparison.Ordinal) => "Check the server and the network.",
        _ => null,
    };
}
