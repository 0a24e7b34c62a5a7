using System.Data.Common;
using Dapper;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>Finds resources by their keys, and determines whether an empty result is reliable.</summary>
internal static class LookupReader
{
    public static async Task<LookupResult> AnswerAsync(DbConnection connection, DbTransaction? transaction, string organization, Lookup lookup)
    {
        var rows = await connection.QueryAsync<(string AccountService, string Arn, string Hash, long Size, byte[] Configuration)>(
            $"""
            SELECT r.account_service, r.arn, r.hash, r.size, c.configuration FROM {Found}
            JOIN configurations c ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
            WHERE {Matches} ORDER BY r.account_service, r.arn
            """,
            Parameters(organization, lookup), transaction);
        return new LookupResult(
            [.. rows.Select(row => new FoundResource(row.AccountService, row.Arn, row.Hash, CompressedJson.Read(row.Configuration, (int)row.Size)))],
            await IsCoveredAsync(connection, transaction, organization, lookup));
    }

    internal const string Hashes = $"SELECT r.account_service, r.arn, r.hash FROM {Found} WHERE {Matches} ORDER BY r.account_service, r.arn";

    /// <summary>Whether all lookups would still return the same.</summary>
    public static async Task<bool> StillHoldAsync(DbTransaction transaction, string organization, IReadOnlyList<LookupDependency> dependencies)
    {
        foreach (var (lookup, fingerprint) in dependencies)
        {
            var rows = await transaction.Connection!.QueryAsync<(string AccountService, string Arn, string Hash)>(
                Hashes, Parameters(organization, lookup), transaction);
            var covered = await IsCoveredAsync(transaction.Connection!, transaction, organization, lookup);
            if (LookupResult.FingerprintOf(rows, covered) != fingerprint)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The joins are conditions of <see cref="Matches"/>: CROSS JOIN makes SQLite begin with the keys, instead of reading all resources in order.
    /// </summary>
    private const string Found = "lookup_keys k CROSS JOIN resources r CROSS JOIN accounts a";

    private const string Matches =
        """
        k.organization = @organization AND k.type = @Type AND k.key = @Key AND k.value = @Value
          AND r.organization = k.organization AND r.account_service = k.account_service AND r.arn = k.arn AND r.deleted_at IS NULL
          AND (@AccountId IS NULL OR r.account_id = @AccountId)
          AND a.organization = r.organization AND a.account_id = r.account_id AND a.status = 'active'
          AND (a.services IS NULL OR a.services LIKE '%"' || substr(r.account_service, 14) || '"%')
        """;

    /// <summary>
    /// Every account has at least one list of the type if it is watched, all lists are complete or of a region that does not offer it, and no key is
    /// unreadable.
    /// </summary>
    private static async Task<bool> IsCoveredAsync(DbConnection connection, DbTransaction? transaction, string organization, Lookup lookup) =>
        await connection.ExecuteScalarAsync<long>(
            """
            SELECT count(*) FROM accounts a
            WHERE a.organization = @organization AND a.status = 'active' AND (@AccountId IS NULL OR a.account_id = @AccountId) AND (
                NOT EXISTS (SELECT 1 FROM coverage c WHERE c.organization = a.organization AND c.account_id = a.account_id AND c.type = @Type
                              AND (a.services IS NULL OR a.services LIKE '%"' || c.service || '"%'))
                OR EXISTS (SELECT 1 FROM coverage c WHERE c.organization = a.organization AND c.account_id = a.account_id AND c.type = @Type
                                                      AND c.outcome NOT IN ('complete', 'not_available'))
                OR EXISTS (SELECT 1 FROM lookup_keys k WHERE k.organization = a.organization AND k.type = @Type AND k.key = @Key AND k.value = ''
                                                         AND substr(k.account_service, 1, 12) = a.account_id))
            """,
            Parameters(organization, lookup), transaction) == 0;

    private static object Parameters(string organization, Lookup lookup) => new { organization, lookup.Type, lookup.Key, lookup.Value, lookup.AccountId };
}
