using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Qrie.Aws.Api;

namespace Qrie.Tests.Inventory;

/// <summary>Returns scripted responses, one second apart.</summary>
internal sealed class FakeAws : IAwsApi
{
    private readonly Dictionary<string, Func<AwsCall, object?>> _answers = [];
    private readonly ConcurrentDictionary<string, DateTimeOffset> _firstSent = new();
    private int _sent;

    public static DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public ConcurrentQueue<AwsCall> Calls { get; } = new();

    /// <summary>Runs before the response to a call.</summary>
    public Func<AwsCall, Task>? Before { get; set; }

    /// <summary>The response: JSON text, an <see cref="AwsError"/>, or an exception to throw.</summary>
    public FakeAws On(string call, Func<AwsCall, object?> answer)
    {
        _answers[call] = answer;
        return this;
    }

    public FakeAws On(string call, string json) => On(call, _ => json);

    public FakeAws Fails(string call, AwsErrorKind kind, string code, string message = "") => On(call, _ => Error(kind, code, message));

    public static AwsError Error(AwsErrorKind kind, string code, string message = "") => new(kind, code, message, "service", "Operation");

    /// <summary>When a call was sent first.</summary>
    public DateTimeOffset FirstSentAt(string call) => _firstSent[call];

    public int CountOf(string call) => Calls.Count(made => Name(made) == call);

    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        Calls.Enqueue(call);
        var sentAt = Start.AddSeconds(Interlocked.Increment(ref _sent) - 1);
        _firstSent.TryAdd(Name(call), sentAt);
        if (Before is { } before)
        {
            await before(call);
        }

        return (_answers.TryGetValue(Name(call), out var answer) ? answer(call) : null) switch
        {
            null => AwsResult.Success(Json("{}"), sentAt, null),
            string json => AwsResult.Success(Json(json), sentAt, null),
            AwsError error => AwsResult.Failure(error, sentAt),
            Exception exception => throw exception,
            var other => throw new InvalidOperationException($"{other} is not a response."),
        };
    }

    private static string Name(AwsCall call) => $"{call.Service}:{call.Operation}";

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}

internal static class AwsCallExtensions
{
    /// <summary>A parameter as text; null if it was not sent.</summary>
    public static string? Text(this AwsCall call, string name) =>
        call.Parameters.ValueKind is JsonValueKind.Object && call.Parameters.TryGetProperty(name, out var value)
            ? value.ValueKind is JsonValueKind.String ? value.GetString() : value.GetRawText()
            : null;

    public static int Number(this AwsCall call, string name) => int.Parse(call.Text(name) ?? "0", CultureInfo.InvariantCulture);
}
