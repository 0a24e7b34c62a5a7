using System.Data.Common;
using Dapper;
using Qrie.Sql.Dashboard;

namespace Qrie.Sql.Compliance;

/// <summary>
/// The totals of compliance are also maintained for every organizational unit that has accounts, so that the cost of a unit's state does not depend on their
/// number. A unit includes those below it, and, as in <see cref="AllAccounts"/>, accounts that are not active.
/// </summary>
internal static class OuTotals
{
    /// <summary>The tables, their keys after the account id, further columns and numbers.</summary>
    public static readonly IReadOnlyList<(string Table, string Key, string[] Others, string[] Numbers)> Tables =
    [
        ("compliance_counts", "policy_id, revision", [], ["passed", "failed", "unknown", "not_applicable", "out_of_scope", "excepted"]),
        ("type_counts", "type", ["service"], ["resources", "unread", "accounts"]),
    ];

    /// <summary>Takes the place of the account id; no account has it.</summary>
    /// <param name="path">With a leading slash and without a trailing one.</param>
    public static string Id(string path) => "ou:" + path;

    /// <summary>The condition that an account is in a unit or below it; <see cref="Prefix"/> of the path is the value of <c>@ou</c>.</summary>
    public static string Condition(string column) => $"substr('/' || trim({column}, '/') || '/', 1, length(@ou)) = @ou";

    public static string? Prefix(string? path) => path is null ? null : path.TrimEnd('/') + "/";

    /// <summary>The rows that a change of an account's counts changes: its own, that of all accounts, those of its unit and the units above.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> RowsOfAsync(
        DbTransaction transaction, string organization, IEnumerable<string> accountIds)
    {
        var rows = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var accountId in accountIds.Distinct(StringComparer.Ordinal))
        {
            var ou = await transaction.Connection!.ExecuteScalarAsync<string?>(
                "SELECT ou FROM accounts WHERE organization = @organization AND account_id = @accountId", new { organization, accountId }, transaction);
            rows[accountId] = [accountId, AllAccounts.Id, .. Including(ou)];
        }

        return rows;
    }

    /// <summary>Moves an account's counts between units, in the transaction that changes its unit.</summary>
    /// <param name="from">Its previous unit; null if unknown.</param>
    /// <param name="to">Null if unknown, or if the account is deleted.</param>
    public static async Task MoveAsync(DbTransaction transaction, string organization, string accountId, string? from, string? to)
    {
        var (before, after) = (Including(from), Including(to));
        foreach (var unit in before.Except(after))
        {
            await AddAsync(transaction, organization, accountId, unit, sign: -1);
        }

        foreach (var unit in after.Except(before))
        {
            await AddAsync(transaction, organization, accountId, unit, sign: +1);
        }
    }

    /// <summary>The ids of a unit and of those above it; none if the unit of an account is unknown.</summary>
    internal static List<string> Including(string? ou)
    {
        if (ou is null)
        {
            return [];
        }

        var path = "/" + ou.Trim('/');
        var ends = Enumerable.Range(1, path.Length - 1).Where(i => path[i] == '/' && path[i - 1] != '/');
        return [Id("/"), .. path.Length == 1 ? [] : ends.Append(path.Length).Select(end => Id(path[..end]))];
    }

    private static async Task AddAsync(DbTransaction transaction, string organization, string accountId, string unit, int sign)
    {
        foreach (var (table, key, others, numbers) in Tables)
        {
            var columns = string.Join(", ", [key, .. others]);
            await transaction.Connection!.ExecuteAsync(
                $"""
                INSERT INTO {table} (organization, account_id, {columns}, {string.Join(", ", numbers)})
                SELECT organization, @unit, {columns}, {string.Join(", ", numbers.Select(n => $"@sign * {n}"))} FROM {table}
                WHERE organization = @organization AND account_id = @accountId
                ON CONFLICT (organization, account_id, {key}) DO UPDATE SET
                    {string.Join(", ", numbers.Select(n => $"{n} = {table}.{n} + excluded.{n}"))};

                DELETE FROM {table} WHERE organization = @organization AND account_id = @unit AND {string.Join(" AND ", numbers.Select(n => $"{n} = 0"))}
                """,
                new { organization, accountId, unit, sign }, transaction);
        }
    }
}
