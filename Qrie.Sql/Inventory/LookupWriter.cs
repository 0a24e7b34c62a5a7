using System.Data.Common;
using Dapper;
using Qrie.Domain.Inventory;
using Qrie.Domain.Policies;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>A resource with its lookup keys.</summary>
internal sealed record KeyedResource(string AccountService, string Arn, string Type, IReadOnlyList<LookupKey> Keys);

/// <summary>Maintains lookup keys, and makes dependent verdicts due, in the caller's transaction.</summary>
internal static class LookupWriter
{
    /// <summary>After a resource changed: verdicts that found it before, or would find it now, become due.</summary>
    public static async Task ReplaceAsync(DbTransaction transaction, string organization, IReadOnlyList<KeyedResource> resources)
    {
        // Most types are never looked up: they have no keys and never had any. A resource of another type may have lost its key.
        var dependencies = new HashSet<string>(resources.Where(r => r.Keys.Count > 0).Select(r => r.Type));
        foreach (var type in resources.Select(r => r.Type).Distinct().Where(type => !dependencies.Contains(type)).ToList())
        {
            var hasKeys = await transaction.Connection!.ExecuteScalarAsync<long?>(
                "SELECT 1 FROM lookup_keys WHERE organization = @organization AND type = @type LIMIT 1", new { organization, type }, transaction);
            if (hasKeys is not null)
            {
                dependencies.Add(type);
            }
        }

        var keyed = resources.Where(r => dependencies.Contains(r.Type)).ToList();
        if (keyed.Count == 0)
        {
            return;
        }

        await DeleteAsync(transaction, organization, [.. keyed.Select(r => (r.AccountService, r.Arn))]);
        var rows = keyed.SelectMany(r => r.Keys.Select(k => new { organization, r.Type, k.Key, Value = k.Value ?? "", r.AccountService, r.Arn }))
            .Distinct().ToList();
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO lookup_keys (organization, type, key, value, account_service, arn) VALUES (@organization, @Type, @Key, @Value, @AccountService, @Arn)
            ON CONFLICT DO NOTHING
            """,
            rows);
        await DueAsync(transaction, organization, [.. keyed.Select(r => (r.AccountService, r.Arn))]);
    }

    /// <summary>Before a resource changes, or after its deletion: verdicts that found it become due, and its keys are removed.</summary>
    public static async Task DeleteAsync(DbTransaction transaction, string organization, IReadOnlyList<(string AccountService, string Arn)> resources)
    {
        await DueAsync(transaction, organization, resources);
        await transaction.ExecuteRowsAsync(
            "DELETE FROM lookup_keys WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn",
            resources.Select(r => new { organization, r.AccountService, r.Arn }).ToList());
    }

    /// <summary>Replaces the lookup dependencies of verdicts.</summary>
    public static async Task RecordAsync(DbTransaction transaction, string organization, IReadOnlyList<EvaluatedResource> evaluated)
    {
        var resting = evaluated.Where(r => r.Dependencies.Count > 0).ToList();
        await transaction.ExecuteRowsAsync(
            "DELETE FROM lookups WHERE organization = @organization AND account_service = @AccountService AND arn = @Arn",
            resting.Select(r => new { organization, r.AccountService, r.Arn }).ToList());
        await transaction.ExecuteRowsAsync(
            """
            INSERT INTO lookups (organization, type, key, value, account_service, arn) VALUES (@organization, @Type, @Key, @Value, @AccountService, @Arn)
            ON CONFLICT DO NOTHING
            """,
            resting.SelectMany(r => r.Dependencies.Select(l => new { organization, l.Lookup.Type, l.Lookup.Key, l.Lookup.Value, r.AccountService, r.Arn }))
                .Distinct().ToList());
    }

    /// <summary>Zero is before any time: the next scan evaluates them. Verdicts that depend on an unreadable key are evaluated daily anyway.</summary>
    private static Task<int> DueAsync(DbTransaction transaction, string organization, IReadOnlyList<(string AccountService, string Arn)> resources) =>
        transaction.ExecuteRowsAsync(
            """
            UPDATE evaluations SET next_due = 0
            WHERE organization = @organization AND (account_service, arn) IN (
                SELECT l.account_service, l.arn FROM lookup_keys k
                JOIN lookups l ON l.organization = k.organization AND l.type = k.type AND l.key = k.key AND l.value = k.value
                WHERE k.organization = @organization AND k.account_service = @AccountService AND k.arn = @Arn)
            """,
            resources.Select(r => new { organization, r.AccountService, r.Arn }).ToList());
}
