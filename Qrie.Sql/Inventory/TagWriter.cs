using System.Data.Common;
using Qrie.Sql.Database;

namespace Qrie.Sql.Inventory;

/// <summary>Collects the changes of a batch to the tags by which resources are listed.</summary>
internal sealed class TagWriter(string organization)
{
    /// <summary>Whether each exists in the end: a batch may contain the same resource twice.</summary>
    private readonly Dictionary<Row, bool> _isThere = [];

    /// <param name="before">The stored row, deleted or not; null if there is none.</param>
    /// <param name="after">The new row.</param>
    public void Replace(ResourceRow? before, ResourceRow after)
    {
        if (before?.Tags != after.Tags)
        {
            foreach (var row in RowsOf(before))
            {
                _isThere[row] = false;
            }

            foreach (var row in RowsOf(after))
            {
                _isThere[row] = true;
            }
        }
    }

    public async Task SaveAsync(DbTransaction transaction, SqlDatabase database)
    {
        using var delete = database.Prepare(
            transaction,
            """
            DELETE FROM resource_tags
            WHERE organization = @organization AND account_service = @accountService AND key = @key AND value = @value AND arn = @arn
            """,
            "organization", "accountService", "key", "value", "arn");
        using var insert = database.Prepare(
            transaction,
            """
            INSERT INTO resource_tags (organization, account_service, key, value, arn)
            VALUES (@organization, @accountService, @key, @value, @arn) ON CONFLICT DO NOTHING
            """,
            "organization", "accountService", "key", "value", "arn");
        foreach (var (row, isThere) in _isThere)
        {
            await (isThere ? insert : delete).ExecuteAsync(organization, row.AccountService, row.Key, row.Value, row.Arn);
        }

        await delete.FlushAsync();
        await insert.FlushAsync();
    }

    private static IEnumerable<Row> RowsOf(ResourceRow? row) =>
        (Columns.FromJsonOrNull<Dictionary<string, string>>(row?.Tags) ?? []).Select(tag => new Row(row!.AccountService, row.Arn, tag.Key, tag.Value));

    private sealed record Row(string AccountService, string Arn, string Key, string Value);
}
