using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>
/// Lists resources: first determines the account_services that can contain matches, by index seeks, then reads one after the other. A page reads at most the
/// account_services in which every filter value occurs.
/// </summary>
internal sealed class ResourceList(DbConnection connection, string organization, ResourceFilter filter)
{
    private const int ServicesAtOnce = 100;

    private readonly IReadOnlyList<ResourceTag> _tags = filter.Tags ?? [];

    public async Task<Page<StoredResource>> ReadAsync(PageRequest page, CancellationToken cancel)
    {
        var wanted = page.Size + 1;
        var rows = new List<ResourceRow>(wanted);
        var (from, afterArn) = page.After is { } after ? (after[0], after[1]) : ("", "");
        var inclusive = true;
        IReadOnlyList<string> services;
        do
        {
            services = await ServicesAsync(from, inclusive);
            foreach (var service in services)
            {
                cancel.ThrowIfCancellationRequested();
                rows.AddRange(await OfServiceAsync(service, service == from ? afterArn : "", wanted - rows.Count));
                if (rows.Count == wanted)
                {
                    return Paged.Of(rows, page.Size, row => row.ToResource(), row => [row.AccountService, row.Arn]);
                }
            }

            (from, inclusive) = (services.Count == 0 ? from : services[^1], false);
        }
        while (services.Count == ServicesAtOnce);

        return new Page<StoredResource>([.. rows.Select(row => row.ToResource())], null);
    }

    private async Task<IReadOnlyList<string>> ServicesAsync(string from, bool inclusive) =>
        (await connection.QueryAsync<string>(
            $"""
            SELECT DISTINCT s.account_service FROM resource_counts s
            WHERE s.organization = @organization AND s.account_service {(inclusive ? ">=" : ">")} @from {InAccount}
            {(filter.Service is null ? "" : "AND substr(s.account_service, 14) = @Service")}
            {(filter.Type is null ? "" : "AND s.type = @Type")} {(filter.IncludeDeleted ? "" : "AND s.n > 0")}
            {(filter.IncludeRemoved ? "" : """
              AND EXISTS (SELECT 1 FROM accounts a
                          WHERE a.organization = s.organization AND a.account_id = substr(s.account_service, 1, 12) AND a.status = 'active')
              """)}
            {(filter.Region is null && Prefix == "" ? "" : $"""
              AND EXISTS (SELECT 1 FROM resources r
                          WHERE r.organization = s.organization AND r.account_service = s.account_service {Region} {Prefix})
              """)}
            {string.Concat(_tags.Select((_, i) => $"AND EXISTS (SELECT 1 FROM resource_tags r WHERE {TagIs("r", "s", i)} {Prefix})\n"))}
            ORDER BY s.account_service LIMIT @limit
            """,
            Parameters(("from", from), ("limit", ServicesAtOnce)))).AsList();

    /// <summary>Ordered by ARN, with any of the indexes.</summary>
    private Task<IEnumerable<ResourceRow>> OfServiceAsync(string accountService, string afterArn, int limit)
    {
        var from = _tags.Count == 0
            ? "r.arn FROM resources r WHERE"
            : $"t.arn FROM resource_tags t CROSS JOIN resources r WHERE {TagIs("t", "r", 0)} AND r.arn = t.arn AND";
        var otherTags = _tags.Skip(1)
            .Select((_, i) => $"AND EXISTS (SELECT 1 FROM resource_tags x WHERE {TagIs("x", "r", i + 1)} AND x.arn = r.arn)\n");
        return connection.QueryAsync<ResourceRow>(
            $"""
            SELECT {ResourceRow.Columns}, c.configuration
            FROM (SELECT {from}
                      r.organization = @organization AND r.account_service = @accountService AND {Ordered}.arn > @afterArn
                      {Prefix.Replace("r.arn", Ordered + ".arn", StringComparison.Ordinal)}
                      {Region} {(filter.Type is null ? "" : "AND r.type || '' = @Type")} {(filter.IncludeDeleted ? "" : "AND r.deleted_at IS NULL")}
                      {string.Concat(otherTags)}
                  ORDER BY {Ordered}.arn LIMIT @limit) found
            CROSS JOIN resources r
            LEFT JOIN configurations c ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
            WHERE r.organization = @organization AND r.account_service = @accountService AND r.arn = found.arn
            ORDER BY r.arn
            """,
            Parameters(("accountService", accountService), ("afterArn", afterArn), ("limit", limit)));
    }

    /// <summary>The table whose index determines the order.</summary>
    private string Ordered => _tags.Count == 0 ? "r" : "t";

    private string InAccount => filter.AccountId is null ? "" : TextPrefix.Condition("s.account_service", AccountPrefix, "@AccountPrefix");

    private string? AccountPrefix => filter.AccountId is null ? null : AccountService.Of(filter.AccountId, "");

    private string Region => filter.Region is null ? "" : "AND r.region = @Region";

    private string Prefix => TextPrefix.Condition("r.arn", filter.ArnPrefix, "@Prefix");

    private static string TagIs(string table, string of, int tag) =>
        $"{table}.organization = {of}.organization AND {table}.account_service = {of}.account_service "
        + $"AND {table}.key = @Key{tag} AND {table}.value = @Value{tag}";

    private DynamicParameters Parameters(params ReadOnlySpan<(string Name, object Value)> more)
    {
        var parameters = new DynamicParameters(new
        {
            organization,
            filter.Service,
            filter.Type,
            filter.Region,
            AccountPrefix,
            AccountPrefixEnd = AccountPrefix is { } prefix ? TextPrefix.End(prefix) : null,
            Prefix = filter.ArnPrefix,
            PrefixEnd = string.IsNullOrEmpty(filter.ArnPrefix) ? null : TextPrefix.End(filter.ArnPrefix),
        });
        foreach (var (name, value) in more)
        {
            parameters.Add(name, value);
        }

        for (var i = 0; i < _tags.Count; i++)
        {
            parameters.Add($"Key{i}", _tags[i].Key);
            parameters.Add($"Value{i}", _tags[i].Value);
        }

        return parameters;
    }
}
