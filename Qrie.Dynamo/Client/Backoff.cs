using System.Security.Cryptography;
using Qrie.Domain.Validation;

namespace Qrie.Dynamo.Client;

/// <summary>Pauses of growing length between the attempts of one request, with jitter.</summary>
internal sealed class Backoff(TimeProvider clock)
{
    private const int FirstMs = 25;
    private const int LongestMs = 2000;

    private readonly long _began = clock.GetTimestamp();
    private int _longestMs = FirstMs;

    /// <exception cref="StoreUnavailableException">It has taken longer than <paramref name="atMost"/>.</exception>
    public async Task WaitAsync(TimeSpan atMost, string reason, CancellationToken cancel)
    {
        if (clock.GetElapsedTime(_began) > atMost)
        {
            throw new StoreUnavailableException($"{reason} It was tried for {atMost.TotalSeconds:0} seconds.");
        }

        // Jitter between 0 and the longest pause spreads clients best; it is no secret, but the analyzers know only this generator.
        await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, _longestMs + 1)), clock, cancel);
        _longestMs = Math.Min(LongestMs, _longestMs * 2);
    }
}
