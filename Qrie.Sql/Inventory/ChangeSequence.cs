using System.Data.Common;
using Dapper;

namespace Qrie.Sql.Inventory;

/// <summary>A number that increases with every change in an account_service.</summary>
internal static class ChangeSequence
{
    public static Task<long> NextAsync(DbTransaction transaction, string organization, string accountService) =>
        transaction.Connection!.ExecuteScalarAsync<long>(
            """
            INSERT INTO change_sequences (organization, account_service, seq) VALUES (@organization, @accountService, 1)
            ON CONFLICT (organization, account_service) DO UPDATE SET seq = change_sequences.seq + 1
            RETURNING seq
            """,
            new { organization, accountService }, transaction);
}
