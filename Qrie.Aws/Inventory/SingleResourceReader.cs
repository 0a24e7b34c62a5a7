using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The row of one resource.</summary>
/// <param name="Row">Null if there is none or it could not be read.</param>
/// <param name="Error">Why it could not be read; null if the result is reliable.</param>
/// <param name="At">When the request was sent.</param>
/// <param name="IsResponse">True if the row came from a call; false if it was made from the id, so that only describing it shows whether it exists.</param>
internal sealed record SingleRow(ListedRow? Row, CollectionError? Error, DateTimeOffset At, bool IsResponse);

/// <summary>Reads one resource by id, as defined by <c>one</c> (catalog-format.md section 4).</summary>
internal sealed class SingleResourceReader(SourceRunner runner, TimeProvider clock)
{
    /// <param name="type">Its type.</param>
    /// <param name="id">Its id or ARN.</param>
    /// <param name="isRequested">Whether a row is the requested one, if there are several.</param>
    public async Task<SingleRow> ReadAsync(ResourceTypeDefinition type, string id, Func<ListedRow, bool> isRequested)
    {
        var now = clock.GetUtcNow();
        if (type.List is null)
        {
            return new SingleRow(new ListedRow(JmesValue.FromObject(), DateTimeOffset.MaxValue, []), null, now, IsResponse: true);
        }

        ListedRow? found = null;
        var rows = 0;
        Task Pick(IReadOnlyList<ListedRow> page)
        {
            rows += page.Count;
            found = page.FirstOrDefault(isRequested) ?? found ?? (type.One is null ? null : page[0]);
            return Task.CompletedTask;
        }

        // Without `one` the whole list is read, as in a scan, and $id stays null.
        var end = await runner.ListAsync(type.One?.Source ?? type.List, type.One?.From, type.One is null ? null : id, Pick);
        if (rows > 1 && found is not null && !isRequested(found))
        {
            // Several rows, none of them requested: the response is about something else.
            found = null;
        }

        var problem = found is null && end.Error is { Kind: not AwsErrorKind.NotFound } ? end.Error
            : found is null && end.Error is not null && type.One is null ? end.Error
            : null;
        return new SingleRow(found, problem, end.Error?.At ?? end.Began ?? now, IsResponse: end.Began is not null);
    }
}
