using System.Buffers;
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

    /// <summary>The response after <c>select</c>, or an error; null if absent.</summary>
    public async Task<Outcome> CallAsync(SourceStep step, StepInput input, string region)
    {
        if (step.Call is null)
        {
            return step.Select is null ? new Outcome(input.Row) : evaluator.Evaluate(step.Select, input.Row, input.Scope(region) with { Outer = input.Row });
        }

        var (parameters, problem) = Parameters(step, input.Row, input.Scope(region));
        if (problem is not null)
        {
            return new Outcome(JmesValue.Null, problem);
        }

        var result = await SendAsync(step, region, parameters, input);
        input.Owner.Touch(result.SentAt);
        if (!step.ReadsNoRow)
        {
            input.Owner.NoteRead(result.Error is { Kind: AwsErrorKind.NotFound } gone && !IsAbsent(step, gone) ? gone.Code : null);
        }

        if (result.Error is { } error)
        {
            return IsAbsent(step, error) ? Outcome.None : new Outcome(JmesValue.Null, CollectionError.Of(error, result.SentAt));
        }

        if (input.IsWhole && unit.Calls.IsWithoutSelected(step, result.Content))
        {
            return new Outcome(JmesValue.Null, CollectionError.Unreadable(step.Call, result.SentAt));
        }

        return step.Select is null ? new Outcome(result.Content) : evaluator.Evaluate(step.Select, result.Content, input.ResponseScope(region));
    }

    /// <summary>A call that does not depend on a row, shared by the unit.</summary>
    public Task<CallResult> SharedAsync(SourceStep step, string region, JsonElement parameters) => unit.Calls.SharedAsync(step.Call!, region, parameters);

    public static bool IsAbsent(SourceStep step, AwsError error) => step.Absent.Any(absent => absent.Matches(error.Code, error.Message));

    /// <summary>Sends it as the step defines: polled, shared or individually.</summary>
    public Task<CallResult> SendAsync(SourceStep step, string region, JsonElement parameters, StepInput input)
    {
        if (step.Until is { } until)
        {
            Task<CallResult> Poll() => unit.Calls.UntilAsync(step.Call!, region, parameters,
                content => evaluator.Evaluate(until, content, input.ResponseScope(region)).Value.IsTruthy);
            return step.ReadsNoRow ? unit.Calls.SharedAsync(step.Call!, region, parameters, Poll) : Poll();
        }

        return step.ReadsNoRow ? unit.Calls.SharedAsync(step.Call!, region, parameters) : unit.Calls.AllAsync(step.Call!, region, parameters);
    }
}
