using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Qrie.Aws.Api;
using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>Makes the call of a step: parameters, region, errors, response.</summary>
internal sealed class StepCaller(UnitContext unit, ExpressionEvaluator evaluator)
{
    /// <summary>The parameters as JSON, or why they cannot be computed.</summary>
    public (JsonElement Parameters, CollectionError? Error) Parameters(SourceStep step, JmesValue row, Scope scope)
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
                    if (outcome.Error is { } problem)
                    {
                        return (default, problem);
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

    /// <summary>The region of the call. Neither value nor error if <c>at</c> is null, in which case there is nothing to call.</summary>
    public (string? Region, CollectionError? Error) Region(SourceStep step, StepInput input)
    {
        if (step.At is null)
        {
            return (input.Region, null);
        }

        var outcome = evaluator.Evaluate(step.At, input.Row, input.Scope());
        return (outcome.Value.Kind is JmesKind.String ? outcome.Value.GetString() : null, outcome.Error);
    }

    /// <summary>The response after <c>select</c>, in pages: one without a value after an error, and if it is absent.</summary>
    /// <param name="step">The step.</param>
    /// <param name="input">Its row, with the region of the call.</param>
    /// <param name="paged">True for the pages as they arrive, unless the step needs all of them or is asked for twice; false for a merged response.</param>
    /// <param name="cancel">Ends the enumeration.</param>
    public async IAsyncEnumerable<StepPage> PagesAsync(
        SourceStep step, StepInput input, bool paged, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        if (step.Call is null)
        {
            var (value, failed) = step.Select is null
                ? new Outcome(input.Row)
                : evaluator.Evaluate(step.Select, input.Row, input.Scope() with { Outer = input.Row });
            yield return new StepPage(value, failed, Region: input.Region);
            yield break;
        }

        var (parameters, error) = Parameters(step, input.Row, input.Scope());
        if (error is not null)
        {
            yield return new StepPage(JmesValue.Null, error, Region: input.Region);
            yield break;
        }

        if (!paged || step.Until is not null || unit.IsRepeated(step))
        {
            var result = await SendAsync(step, input, parameters);
            yield return Page(step, input, result.Content, result.Error, result.SentAt);
            yield break;
        }

        await foreach (var page in unit.Calls.PagesAsync(step.Call, input.Region, parameters, cancel))
        {
            yield return Page(step, input, page.Content, page.Error, page.SentAt);
        }
    }

    /// <summary>A call that does not depend on a row, shared by the unit.</summary>
    public Task<CallResult> SharedAsync(SourceStep step, string region, JsonElement parameters) => unit.Calls.SharedAsync(step.Call!, region, parameters);

    public static bool IsAbsent(SourceStep step, AwsError error) => step.Absent.Any(absent => absent.Matches(error.Code, error.Message));

    private StepPage Page(SourceStep step, StepInput input, JmesValue content, AwsError? error, DateTimeOffset sentAt)
    {
        input.Owner.Touch(sentAt);
        if (!step.ReadsNoRow)
        {
            input.Owner.NoteRead(error is { Kind: AwsErrorKind.NotFound } gone && !IsAbsent(step, gone) ? gone.Code : null);
        }

        if (error is not null)
        {
            return new StepPage(JmesValue.Null, IsAbsent(step, error) ? null : CollectionError.Of(error, sentAt), sentAt, input.Region);
        }

        if (input.IsWhole && unit.Calls.IsWithoutSelected(step, content))
        {
            return new StepPage(JmesValue.Null, CollectionError.Unreadable(step.Call!, sentAt), sentAt, input.Region);
        }

        var (value, failed) = step.Select is null ? new Outcome(content) : evaluator.Evaluate(step.Select, content, input.ResponseScope());
        return new StepPage(value, failed, sentAt, input.Region);
    }

    /// <summary>Sends it as the step defines: polled, shared or individually.</summary>
    private Task<CallResult> SendAsync(SourceStep step, StepInput input, JsonElement parameters)
    {
        if (step.Until is { } until)
        {
            Task<CallResult> Poll() => unit.Calls.UntilAsync(step.Call!, input.Region, parameters,
                content => evaluator.Evaluate(until, content, input.ResponseScope()).Value.IsTruthy);
            return step.ReadsNoRow ? unit.Calls.SharedAsync(step.Call!, input.Region, parameters, Poll) : Poll();
        }

        return step.ReadsNoRow || unit.IsRepeated(step)
            ? unit.Calls.SharedAsync(step.Call!, input.Region, parameters)
            : unit.Calls.AllAsync(step.Call!, input.Region, parameters);
    }
}

/// <summary>A page of what a step returned, or all of it.</summary>
/// <param name="Value">After <c>select</c>; null after an error, or if it is absent.</param>
/// <param name="Error">Why the value is missing or incomplete; null if it is neither.</param>
/// <param name="SentAt">When its call was sent; null if there was none.</param>
/// <param name="Region">The region of the call; null if there was nothing to call.</param>
internal readonly record struct StepPage(JmesValue Value, CollectionError? Error = null, DateTimeOffset? SentAt = null, string? Region = null);
