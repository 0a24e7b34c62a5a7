using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The row of one resource.</summary>
/// <param name="Row">Null: there is none, or it could not be asked.</param>
/// <param name="Error">Why it could not be asked; null: the answer is certain.</param>
/// <param name="At">When the question was sent.</param>
/// <param name="IsResponse">A call answered; false: the row was made up from the id, so only describing it tells whether it exists.</param>
internal sealed record SingleRow(ListedRow? Row, CollectionError? Error, DateTimeOffset At, bool IsResponse);

/// <summary>Asks for one resource by id, as <c>one</c> says (catalog-format.md section 4).</summary>
internal sealed class SingleResourceReader(
    UnitContext unit, StepCaller caller, SourceRunner runner, ExpressionEvaluator evaluator, TimeProvider clock, CancellationToken cancel)
{
    /// <param name="type">Its type.</param>
    /// <param name="id">Its id or ARN.</param>
    /// <param name="isAskedFor">Whether a row is the one, where there are several.</param>
    public async Task<SingleRow> ReadAsync(ResourceTypeDefinition type, string id, Func<ListedRow, bool> isAskedFor)
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
            found = page.FirstOrDefault(isAskedFor) ?? found ?? (type.One is null ? null : page[0]);
            return Task.CompletedTask;
        }

        // Without `one` the whole list is read, as in a scan, and $id stays null.
        using var list = new ListRunner(unit, caller, runner, evaluator, type.One is null ? null : id, cancel);
        var end = await list.RunAsync(type.One?.Source ?? type.List, type.One?.From, Pick);
        if (rows > 1 && found is not null && !isAskedFor(found))
        {
            // Several rows and none of them asked for: the answer is about something else.
            found = null;
        }

        var problem = found is null && end.Error is { Kind: not AwsErrorKind.NotFound } ? end.Error
            : found is null && end.Error is not null && type.One is null ? end.Error
            : null;
        return new SingleRow(found, problem, end.Error?.At ?? end.Began ?? now, IsResponse: end.Began is not null);
    }
}
