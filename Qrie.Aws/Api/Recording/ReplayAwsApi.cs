using System.Collections.Concurrent;
using System.Text.Json;

namespace Qrie.Aws.Api.Recording;

/// <summary>Answers from recordings, without a network. A call that was not recorded is the error <see cref="NotRecorded"/>, never an empty success.</summary>
/// <param name="folder">A folder that <see cref="RecordingAwsApi"/> wrote.</param>
/// <param name="clock">Whose time the answers carry.</param>
public sealed class ReplayAwsApi(string folder, TimeProvider clock) : IAwsApi
{
    /// <summary>The code of the error for a call that was not recorded.</summary>
    public const string NotRecorded = "NotRecorded";

    private readonly ConcurrentDictionary<string, Lazy<Task<Recording>>> _recordings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<RecordedCall, int> _times = new();
    private readonly ConcurrentQueue<AwsCall> _missing = new();

    /// <summary>The calls that were made and had not been recorded, in order: a strict test wants none.</summary>
    public IReadOnlyCollection<AwsCall> Missing => _missing;

    /// <inheritdoc/>
    public async Task<AwsAnswer> CallAsync(AwsCall call, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var now = clock.GetUtcNow();
        var file = Recording.FileOf(folder, call);
        var recording = await _recordings.GetOrAdd(file, f => new Lazy<Task<Recording>>(() => Recording.LoadAsync(f, CancellationToken.None))).Value.WaitAsync(cancel);
        if (recording.Find(call.Operation, call.Parameters) is not { } recorded)
        {
            _missing.Enqueue(call);
            var message = $"{call} with {(call.Parameters.ValueKind is JsonValueKind.Undefined ? "{}" : call.Parameters.GetRawText())} was not recorded in {file}.";
            return AwsAnswer.Failure(new AwsError(AwsErrorKind.Other, NotRecorded, message, call.Service, call.Operation), now);
        }

        var answer = recorded.Answer(_times.AddOrUpdate(recorded, 0, (_, times) => times + 1));
        return answer["error"] is { } error
            ? AwsAnswer.Failure(error.Deserialize<RecordedError>(RecordedError.Json)!.ToError(call), now)
            : AwsAnswer.Success(JsonSerializer.SerializeToElement(answer["content"]), now, requestId: null);
    }
}
