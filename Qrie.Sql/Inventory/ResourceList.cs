using System.Data.Common;
using Dapper;
using Qrie.Domain;
using Qrie.Domain.Inventory;
using Qrie.Sql.Database;
using Qrie.Sql.Findings.Lists;

namespace Qrie.Sql.Inventory;

/// <summary>
/// Lists resources: first determines the account_services that can contain matches, by index seeks, then reads one after the other. A page reads at most the
/// account_services in which every filter value occurs.
/// </summary>
internal sealed class ResourceList(SqlDatabase database, DbConnection connection, string organization, ResourceFilter filter)
{
    private const int ServicesAtOnce = 100;

    /// <summary>No index finds a text: so many resources are looked at for one page.</summary>
    private const int LookedAtForText = 8000;

    private int _left = LookedAtForText;

    private readonly IReadOnlyList<ResourceTag> _tags = filter.Tags ?? [];

    public async Task<Page<StoredResource>> ReadAsync(PageRequest page, CancellationToken cancel)
    {
        var wanted = page.Size + 1;
        var rows = new List<ResourceRow>(wanted);
        var (from, afterArn) = page.After is { } key ? (key[0], key[1]) : ("", "");
        var inclusive = true;
        IReadOnlyList<string> services;
        do
        {
            services = await ServicesAsync(from, inclusive);
            foreach (var service in services)
            {
                cancel.ThrowIfCancellationRequested();
                var after = service == from ? afterArn : "";
                var (found, stoppedAt) = filter.Text is null
                    ? (await OfServiceAsync(service, after, wanted - rows.Count), null)
                    : await WithTextAsync(service, after, wanted - rows.Count);
                rows.AddRange(found);
                if (rows.Count == wanted)
                {
                    return Paged.Of(rows, page.Size, row => row.ToResource(), row => [row.AccountService, row.Arn]);
                }

                if (stoppedAt is not null)
                {
                    return new Page<StoredResource>([.. rows.Select(row => row.ToResource())], [service, stoppedAt]);
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
    private Task<IEnumerable<ResourceRow>> OfServiceAsync(string accountService, string afterArn, int limit) => connection.QueryAsync<ResourceRow>(
        Rows($"(SELECT {Ordered}.arn FROM {Matching} LIMIT @limit)"),
        Parameters(("accountService", accountService), ("afterArn", afterArn), ("limit", limit)));

    /// <summary>The same, of those with the text. StoppedAt is the last one that was looked at; null: all were, or there are enough.</summary>
    private async Task<(IEnumerable<ResourceRow> Found, string? StoppedAt)> WithTextAsync(string accountService, string afterArn, int limit)
    {
        var looked = (await connection.QueryAsync<(string Arn, long Has)>(
            $"""
            SELECT {Ordered}.arn, CAST({database.Position("lower(r.arn)", "@Text")} + {database.Position("lower(r.resource_id)", "@Text")}
                   + {database.Position("lower(coalesce(r.tags, ''))", "@Text")} AS BIGINT)
            FROM {Matching} LIMIT @limit
            """,
            Parameters(("accountService", accountService), ("afterArn", afterArn), ("limit", _left), ("Text", FindingText.Lower(filter.Text!))))).AsList();
        _left -= looked.Count;
        var arns = looked.Where(one => one.Has > 0).Take(limit).Select(one => one.Arn).ToList();
        var rows = arns.Count == 0
            ? []
            : await connection.QueryAsync<ResourceRow>(
                Rows($"(SELECT c0 AS arn FROM {database.Rows("@arns", 1)} given)"),
                Parameters(("accountService", accountService), ("arns", database.Table(arns.Select(arn => new[] { arn })))));
        return (rows, _left == 0 && arns.Count < limit ? looked[^1].Arn : null);
    }

    private static string Rows(string found) =>
        $"""
        SELECT {ResourceRow.Columns}, c.configuration
        FROM {found} found
        CROSS JOIN resources r
        LEFT JOIN configurations c ON c.organization = r.organization AND c.account_service = r.account_service AND c.arn = r.arn
        WHERE r.organization = @organization AND r.account_service = @accountService AND r.arn = found.arn
        ORDER BY r.arn
        """;

    /// <summary>The resources of an account_service that match the filter but for its text, in order.</summary>
    private string Matching
    {
        get
        {
            var from = _tags.Count == 0
                ? "resources r WHERE"
                : $"resource_tags t CROSS JOIN resources r WHERE {TagIs("t", "r", 0)} AND r.arn = t.arn AND";
            var otherTags = _tags.Skip(1)
                .Select((_, i) => $"AND EXISTS (SELECT 1 FROM resource_tags x WHERE {TagIs("x", "r", i + 1)} AND x.arn = r.arn)\n");
            return $"""
                {from} r.organization = @organization AND r.account_service = @accountService AND {Ordered}.arn > @afterArn
                {Prefix.Replace("r.arn", Ordered + ".arn", StringComparison.Ordinal)}
                {Region} {(filter.Type is null ? "" : "AND r.type || '' = @Type")} {(filter.IncludeDeleted ? "" : "AND r.deleted_at IS NULL")}
                {string.Concat(otherTags)}
                ORDER BY {Ordered}.arn
                """;
        }
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
