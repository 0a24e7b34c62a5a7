using System.Buffers;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Makes the call of a step: its parameters, its region, its errors, its answer.</summary>
internal sealed class StepCaller(UnitContext unit, ExpressionEvaluator evaluator)
{
    /// <summary>The parameters as JSON, or why they cannot be computed.</summary>
    public (JsonElement Parameters, Trouble? Trouble) Parameters(SourceStep step, JmesValue row, Scope scope)
    {
        if (step.With.Count == 0)
        {
            return default;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var parameter in step.With)
            {
                var value = JmesValue.FromElement(parameter.Literal);
                if (parameter.Expression is not null)
                {
                    var outcome = evaluator.Evaluate(parameter.Expression, row, scope);
                    if (outcome.Trouble is { } trouble)
                    {
                        return (default, trouble);
                    }

                    value = outcome.Value;
                }

                if (!value.IsNull)
                {
                    writer.WritePropertyName(parameter.Name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return (document.RootElement.Clone(), null);
    }

    /// <summary>The region of the call. No value and no trouble: <c>at</c> gave null, so there is nothing to ask.</summary>
    public (string? Region, Trouble? Trouble) Region(SourceStep step, Cell cell)
    {
        if (step.At is null)
        {
            return (cell.Region, null);
        }

        var outcome = evaluator.Evaluate(step.At, cell.Row, cell.Scope());
        return (outcome.Value.Kind is JmesKind.String ? outcome.Value.GetString() : null, outcome.Trouble);
    }

    /// <summary>The answer after <c>select</c>, or what went wrong; absent gives null.</summary>
    public async Task<Outcome> CallAsync(SourceStep step, Cell cell, string region)
    {
        if (step.Call is null)
        {
            return step.Select is null ? new Outcome(cell.Row) : evaluator.Evaluate(step.Select, cell.Row, cell.Scope(region) with { Outer = cell.Row });
        }

        var (parameters, trouble) = Parameters(step, cell.Row, cell.Scope(region));
        if (trouble is not null)
        {
            return new Outcome(JmesValue.Null, trouble);
        }

        var result = await SendAsync(step, region, parameters, cell);
        cell.Owner.Touch(result.SentAt);
        if (!step.ReadsNoRow)
        {
            cell.Owner.NoteRead(result.Error is { Kind: AwsErrorKind.NotFound } gone && !IsAbsent(step, gone) ? gone.Code : null);
        }

        if (result.Error is { } error)
        {
            return IsAbsent(step, error) ? Outcome.None : new Outcome(JmesValue.Null, Trouble.Of(error, result.SentAt));
        }

        if (cell.IsWhole && unit.Calls.IsWithoutSelected(step, result.Content))
        {
            return new Outcome(JmesValue.Null, Trouble.Unreadable(step.Call, result.SentAt));
        }

        return step.Select is null ? new Outcome(result.Content) : evaluator.Evaluate(step.Select, result.Content, cell.AnswerScope(region));
    }

    /// <summary>A call for no row in particular, shared by the unit.</summary>
    public Task<CallResult> SharedAsync(SourceStep step, string region, JsonElement parameters) => unit.Calls.SharedAsync(step.Call!, region, parameters);

    public static bool IsAbsent(SourceStep step, AwsError error) => step.Absent.Any(absent => absent.Matches(error.Code, error.Message));

    /// <summary>Sends it as the step says: polled, shared or by itself.</summary>
    public Task<CallResult> SendAsync(SourceStep step, string region, JsonElement parameters, Cell cell)
    {
        if (step.Until is { } until)
        {
            Task<CallResult> Poll() => unit.Calls.UntilAsync(step.Call!, region, parameters,
                content => evaluator.Evaluate(until, content, cell.AnswerScope(region)).Value.IsTruthy);
            return step.ReadsNoRow ? unit.Calls.SharedAsync(step.Call!, region, parameters, Poll) : Poll();
        }

        return step.ReadsNoRow ? unit.Calls.SharedAsync(step.Call!, region, parameters) : unit.Calls.AllAsync(step.Call!, region, parameters);
    }
}
