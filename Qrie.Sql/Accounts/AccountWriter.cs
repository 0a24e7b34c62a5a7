using System.Data.Common;
using Qrie.Domain.Accounts;
using Qrie.Sql.Compliance;
using Qrie.Sql.Database;

namespace Qrie.Sql.Accounts;

/// <summary>Changes accounts inside a transaction that the caller owns.</summary>
internal static class AccountWriter
{
    public static async Task<IReadOnlyList<AccountChangeResult>> ChangeAsync(
        DbTransaction transaction, SqlDatabase database, string organization, IReadOnlyList<AccountChange> changes, bool allOrNothing)
    {
        var connection = transaction.Connection!;
        var ids = database.List(changes.Select(c => c.AccountId));
        var stored = (await connection.QueryAsync<AccountRow>(
            $"SELECT * FROM accounts WHERE organization = @organization AND {database.Among("account_id", "@ids")}",
            new { organization, ids }, transaction))
            .ToDictionary(row => row.AccountId, row => row.ToAccount());
        var elsewhere = (await connection.QueryAsync<string>(
            $"""
            SELECT account_id FROM accounts
            WHERE status IN ('active', 'pending') AND organization <> @organization AND {database.Among("account_id", "@ids")}
            """,
            new { organization, ids }, transaction)).ToHashSet();
        var purged = (await connection.QueryAsync<string>(
            $"SELECT account_id FROM account_purges WHERE organization = @organization AND finished_at IS NULL AND {database.Among("account_id", "@ids")}",
            new { organization, ids }, transaction)).ToHashSet();
        var results = changes.Select(c => Evaluate(c, stored.GetValueOrDefault(c.AccountId), elsewhere, purged)).ToList();
        if (!allOrNothing || results.TrueForAll(r => r.Outcome is not (AccountChangeOutcome.ActiveElsewhere or AccountChangeOutcome.BeingPurged)))
        {
            var changed = results.Where(r => r.Outcome is AccountChangeOutcome.Added or AccountChangeOutcome.Changed).ToList();
            await SaveAsync(transaction, [.. changed.Select(r => r.After!)]);
            foreach (var result in changed)
            {
                await OuTotals.MoveAsync(transaction, organization, result.After!.AccountId, result.Before?.Ou, result.After.Ou);
            }
        }

        return results;
    }

    private static AccountChangeResult Evaluate(AccountChange change, Account? before, HashSet<string> elsewhere, HashSet<string> purged)
    {
        if (change.Change(before) is not { } after)
        {
            return new AccountChangeResult(AccountChangeOutcome.Unchanged, before, before);
        }

        // One that is active here and was found by the discovery of another organization since stays here.
        var becomesActive = after.Status == AccountStatus.Active && before is not { Status: AccountStatus.Active };
        var outcome = purged.Contains(change.AccountId) ? AccountChangeOutcome.BeingPurged
            : becomesActive && elsewhere.Contains(change.AccountId) ? AccountChangeOutcome.ActiveElsewhere
            : before is null ? AccountChangeOutcome.Added
            : AccountChangeOutcome.Changed;
        return new AccountChangeResult(outcome, before, after with { CreatedAt = before?.CreatedAt ?? after.CreatedAt });
    }

    private static async Task SaveAsync(DbTransaction transaction, IReadOnlyList<Account> accounts)
    {
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO accounts (organization, account_id, name, ou, tags, role_arn, external_id, regions, services, status,
                                  created_at, updated_at, member_of, removed_at, removed_because)
            VALUES (@Organization, @AccountId, @Name, @Ou, @Tags, @RoleArn, @ExternalId, @Regions, @Services, @Status,
                    @CreatedAt, @UpdatedAt, @MemberOf, @RemovedAt, @RemovedBecause)
            ON CONFLICT (organization, account_id) DO UPDATE SET
                name = excluded.name, ou = excluded.ou, tags = excluded.tags, role_arn = excluded.role_arn, external_id = excluded.external_id,
                regions = excluded.regions, services = excluded.services, status = excluded.status,
                updated_at = excluded.updated_at, member_of = excluded.member_of,
                removed_at = excluded.removed_at, removed_because = excluded.removed_because
            """,
            accounts.Select(AccountRow.Of).ToList());

        // A completed purge must not purge the account again.
        await transaction.ExecuteRowsAsync(
            "DELETE FROM account_purges WHERE organization = @Organization AND account_id = @AccountId",
            accounts.Select(a => new { a.Organization, a.AccountId }).ToList());
    }
}
