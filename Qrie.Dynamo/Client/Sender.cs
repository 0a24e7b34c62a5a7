using Qrie.Domain.Validation;

namespace Qrie.Dynamo.Client;

/// <summary>Sends requests, repeats those that may succeed then, and counts them.</summary>
internal sealed class Sender(DynamoSettings settings, DynamoMeter meter, TimeProvider clock)
{
    private readonly RetryBudget _budget = new();

    public Task<T> ReadAsync<T>(
        string operation, string table, Func<CancellationToken, Task<T>> send, Func<T, double?> units, CancellationToken cancel) =>
        SendAsync(operation, table, send, answer => meter.Answered(operation, table, units(answer) ?? 0, 0), cancel);

    public Task<T> WriteAsync<T>(
        string operation, string table, Func<CancellationToken, Task<T>> send, Func<T, double?> units, CancellationToken cancel) =>
        SendAsync(operation, table, send, answer => meter.Answered(operation, table, 0, units(answer) ?? 0), cancel);

    private async Task<T> SendAsync<T>(
        string operation, string table, Func<CancellationToken, Task<T>> send, Action<T> answered, CancellationToken cancel)
    {
        var pause = new Backoff(clock);
        var unknown = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await send(cancel);
                _budget.Succeeded();
                answered(answer);
                return answer;
            }
            catch (Exception e)
            {
                var kind = Failures.Of(e, cancel.IsCancellationRequested);
                meter.Failed(operation, table, kind == FailureKind.Throttled);
                // After a lost response the conflict may be with the first attempt, still in progress: only repeating the same request decides.
                if (kind == FailureKind.Refused || (kind == FailureKind.Conflict && !unknown))
                {
                    throw new WriteRefusedException(Failures.RefusedAt(e), unknown, e);
                }

                if (kind == FailureKind.Permanent)
                {
                    throw;
                }

                unknown |= kind == FailureKind.Unknown;
                if (attempt >= settings.MaxAttempts || !_budget.TryTake())
                {
                    throw Unavailable(operation, table, attempt, e);
                }
            }

            await pause.WaitAsync(settings.RetryFor, $"DynamoDB does not answer {operation}.", cancel);
        }
    }

    private static StoreUnavailableException Unavailable(string operation, string table, int attempts, Exception e) =>
        new($"DynamoDB failed {attempts} times at {operation} of {table}: {e.Message}", e);
}
