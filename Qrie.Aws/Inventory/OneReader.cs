using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The row of one resource.</summary>
/// <param name="Row">Null: there is none, or it could not be asked.</param>
/// <param name="Trouble">Why it could not be asked; null: the answer is certain.</param>
/// <param name="At">When the question was sent.</param>
/// <param name="IsAnswer">A call answered; false: the row was made up from the id, so only describing it tells whether it exists.</param>
internal sealed record OneRow(ListedRow? Row, Trouble? Trouble, DateTimeOffset At, bool IsAnswer);

/// <summary>Asks for one resource by id, as <c>one</c> says (catalog-format.md section 4).</summary>
internal sealed class OneReader(
    UnitContext unit, StepCaller caller, SourceRunner runner, ExpressionEvaluator evaluator, TimeProvider clock, CancellationToken cancel)
{
    /// <param name="type">Its type.</param>
    /// <param name="id">Its id or ARN.</param>
    /// <param name="isAskedFor">Whether a row is the one, where there are several.</param>
    public async Task<OneRow> ReadAsync(ResourceTypeDefinition type, string id, Func<ListedRow, bool> isAskedFor)
    {
        var now = clock.GetUtcNow();
        if (type.List is null)
        {
            return new OneRow(new ListedRow(JmesValue.FromObject(), DateTimeOffset.MaxValue, []), null, now, IsAnswer: true);
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

        var trouble = found is null && end.Trouble is { Kind: not AwsErrorKind.NotFound } ? end.Trouble
            : found is null && end.Trouble is not null && type.One is null ? end.Trouble
            : null;
        return new OneRow(found, trouble, end.Trouble?.At ?? end.Began ?? now, IsAnswer: end.Began is not null);
    }
}
