using System.Data.Common;
using Dapper;
using Qrie.Domain.Accounts;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

/// <summary>Maintains the inventory state of each account and service incrementally, so that listing accounts need not read their lists.</summary>
internal static class AccountServices
{
    /// <summary>Records the end of a list; called in the transaction that stores its coverage.</summary>
    /// <param name="before">The previous coverage; null if this is the first.</param>
    public static async Task CountAsync(DbTransaction transaction, string organization, Coverage list, ListOutcome? before)
    {
        int Delta(Func<ListOutcome, bool> counts) => (counts(list.Outcome) ? 1 : 0) - (before is { } was && counts(was) ? 1 : 0);
        await transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO account_services (organization, account_id, service, complete, not_available, broken)
            VALUES (@organization, @AccountId, @Service, @complete, @notAvailable, @broken)
            ON CONFLICT (organization, account_id, service) DO UPDATE SET
                complete = account_services.complete + excluded.complete, not_available = account_services.not_available + excluded.not_available,
                broken = account_services.broken + excluded.broken,
                error_code = CASE WHEN account_services.broken + excluded.broken > 0 THEN account_services.error_code END
            """,
            new
            {
                organization,
                list.AccountId,
                list.Service,
                complete = Delta(o => o == ListOutcome.Complete),
                notAvailable = Delta(o => o == ListOutcome.NotAvailable),
                broken = Delta(IsBroken),
            },
            transaction);
        if (IsBroken(list.Outcome))
        {
            await NoteErrorAsync(
                transaction, organization, list.AccountId, list.Service,
                new AccountError(list.Region, list.Type, list.ErrorCode ?? list.Outcome.ToString(), list.Message ?? "", list.CheckedAt));
        }
    }

    public static Task<int> NoteErrorAsync(DbTransaction transaction, string organization, string accountId, string service, AccountError error) =>
        transaction.Connection!.ExecuteAsync(
            """
            INSERT INTO account_services (organization, account_id, service, complete, not_available, broken,
                                          error_region, error_type, error_code, error_message, error_at)
            VALUES (@organization, @accountId, @service, 0, 0, 0, @Region, @Type, @Code, @Message, @at)
            ON CONFLICT (organization, account_id, service) DO UPDATE SET
                error_region = excluded.error_region, error_type = excluded.error_type, error_code = excluded.error_code,
                error_message = excluded.error_message, error_at = excluded.error_at
            """,
            new { organization, accountId, service, error.Region, error.Type, error.Code, error.Message, at = Columns.Ms(error.At) }, transaction);

    private static bool IsBroken(ListOutcome outcome) => outcome is not (ListOutcome.Complete or ListOutcome.NotAvailable);
}
