using System.Collections.Concurrent;

namespace Qrie.Aws.Api.Recording;

/// <summary>
/// Replays recordings made at several times: a layer contains only the responses that differ from the previous one. A call that is in no layer up to the
/// current one results in the error <see cref="ReplayAwsApi.NotRecorded"/>.
/// </summary>
/// <param name="layers">Oldest first, at least one.</param>
public sealed class LayeredReplay(IReadOnlyList<ReplayAwsApi> layers) : IAwsApi
{
    private readonly ConcurrentQueue<AwsCall> _missing = new();
    private volatile int _current = layers.Count - 1;

    /// <summary>The newest layer in use; initially the newest of all.</summary>
    public int Current
    {
        get => _current;
        set => _current = value >= 0 && value < layers.Count
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"There are {layers.Count} layers.");
    }

    /// <summary>The calls that were not in any layer, in order; strict tests expect none.</summary>
    public IReadOnlyCollection<AwsCall> Missing => _missing;

    /// <inheritdoc/>
    public async Task<AwsResult> CallAsync(AwsCall call, CancellationToken cancel)
    {
        var layer = _current;
        while (true)
        {
            var response = await layers[layer].CallAsync(call, cancel);
            if (response.Error?.Code != ReplayAwsApi.NotRecorded)
            {
                return response;
            }

            if (layer == 0)
            {
                if (_missing.Count < ReplayAwsApi.MaxMissing)
                {
                    _missing.Enqueue(call);
                }

                return response;
            }

            layer--;
        }
    }
}
