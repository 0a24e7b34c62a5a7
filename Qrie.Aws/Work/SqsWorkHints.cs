using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Qrie.Aws.Api;
using Qrie.Aws.Events;
using Qrie.Domain.Scans;

namespace Qrie.Aws.Work;

/// <summary>
/// Hints as messages of two queues: units of manual scans do not wait behind those of scheduled ones. Messages are received only for workers that wait, and
/// stay hidden from others as long as a worker works upon them; if its process ends, they appear again after <see cref="Hidden"/>.
/// </summary>
/// <param name="queues">Opens the queues.</param>
/// <param name="name">Of the queue; the other one is called <c>…-priority</c>.</param>
/// <param name="create">Whether missing queues are made.</param>
public sealed partial class SqsWorkHints(SqsQueues queues, string name, bool create, TimeProvider clock, ILogger<SqsWorkHints> logger)
    : IWorkHints, IAsyncDisposable
{
    public static readonly TimeSpan Hidden = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_hideAgainEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_lookAnywayAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_afterFailure = TimeSpan.FromSeconds(5);

    private readonly Channel<Hint> _received = Channel.CreateUnbounded<Hint>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Lock _lock = new();
    private readonly Dictionary<bool, SqsQueue> _opened = [];
    private Task? _receiving;
    private int _waiting;

    public string? Problem { get; private set; }

    public async Task SendAsync(Scan scan, IReadOnlyList<Unit> units, CancellationToken cancel)
    {
        if (units.Count == 0 || await QueueAsync(IsPriority(scan), cancel) is not { } queue)
        {
            return;
        }

        var bodies = units.Select(u => JsonSerializer.Serialize(new Body(u.Organization, u.ScanId, u.AccountId, u.Region, u.Service))).ToList();
        if ((await queue.SendAsync(bodies, cancel)).Error is { } error)
        {
            Failed(error); // workers look without hints, too
        }
    }

    public async Task<IWorkHint?> NextAsync(Task woken, CancellationToken cancel)
    {
        lock (_lock)
        {
            _receiving ??= Task.WhenAll(ReceiveAsync(isPriority: true), ReceiveAsync(isPriority: false));
        }

        if (_received.Reader.TryRead(out var ready))
        {
            return ready;
        }

        Interlocked.Increment(ref _waiting);
        _changed.Release();
        try
        {
            using var left = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var ended = Task.WhenAny(woken, Task.Delay(s_lookAnywayAfter, clock, left.Token));
            while (true)
            {
                await Task.WhenAny(_received.Reader.WaitToReadAsync(left.Token).AsTask(), ended);
                cancel.ThrowIfCancellationRequested();
                if (_received.Reader.TryRead(out var hint) || ended.IsCompleted)
                {
                    await left.CancelAsync();
                    return hint;
                }

                // Another worker has taken it.
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await (_receiving ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (_received.Reader.TryRead(out var unused))
        {
            await unused.ReturnAsync(TimeSpan.Zero);
        }

        _stopping.Dispose();
        _changed.Dispose();
    }

    private static bool IsPriority(Scan scan) => scan.ScanType == Domain.Work.ScanType.Bootstrap;

    private async Task ReceiveAsync(bool isPriority)
    {
        await Task.Yield();
        var stopping = _stopping.Token;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (Volatile.Read(ref _waiting) <= _received.Reader.Count)
                {
                    await _changed.WaitAsync(s_lookAnywayAfter, stopping);
                    continue;
                }

                if (await QueueAsync(isPriority, stopping) is { } queue && await ReceiveAsync(queue, stopping))
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Log.Unexpected(logger, e, name);
            }

            await Task.Delay(s_afterFailure, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Returns false if it failed.</summary>
    private async Task<bool> ReceiveAsync(SqsQueue queue, CancellationToken cancel)
    {
        var answer = await queue.ReceiveAsync(s_wait, Hidden, cancel, most: 1);
        if (answer.Error is { } error)
        {
            Failed(error);
            return false;
        }

        Problem = null;
        foreach (var message in answer.Succeeded)
        {
            if (Read(message.Body) is { } body)
            {
                await _received.Writer.WriteAsync(new Hint(queue, message, body, clock), cancel);
            }
            else
            {
                Log.NotOurs(logger, queue.Url, message.MessageId);
                await queue.DeleteAsync([message.ReceiptHandle], cancel);
            }
        }

        return true;
    }

    private async Task<SqsQueue?> QueueAsync(bool isPriority, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_opened.TryGetValue(isPriority, out var known))
            {
                return known;
            }
        }

        var own = isPriority ? $"{name}-priority" : name;
        var found = await queues.FindAsync(own, cancel);
        if (found.Error is { Code: "AWS.SimpleQueueService.NonExistentQueue" or "QueueDoesNotExist" } && create)
        {
            found = await queues.CreateAsync(own, Hidden, cancel);
        }

        if (found.Error is { } error)
        {
            Failed(error);
            return null;
        }

        lock (_lock)
        {
            return _opened[isPriority] = found.Succeeded[0];
        }
    }

    private void Failed(AwsError error)
    {
        Problem = $"The work queue {name} cannot be used: {error.Code} {error.Message} Scans continue more slowly. "
            + $"Check Work:Queue, and that the credentials may call sqs:{error.Operation}.";
        Log.Failed(logger, name, error.Code, error.Message);
    }

    private static Body? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<Body>(text) is { Organization.Length: > 0, ScanId.Length: > 0 } body ? body : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Names the unit for whoever looks into the queue.</summary>
    private sealed record Body(string Organization, string ScanId, string AccountId, string Region, string Service);

    private sealed class Hint : IWorkHint
    {
        private readonly SqsQueue _queue;
        private readonly SqsMessage _message;
        private readonly Body _body;
        private readonly TimeProvider _clock;
        private readonly CancellationTokenSource _answered = new();
        private readonly Task _hiding;

        public Hint(SqsQueue queue, SqsMessage message, Body body, TimeProvider clock)
        {
            (_queue, _message, _body, _clock) = (queue, message, body, clock);
            _hiding = HideAsync(_answered.Token);
        }

        public string Organization => _body.Organization;

        public string ScanId => _body.ScanId;

        public int Receives => _message.ReceiveCount;

        public async Task DeleteAsync()
        {
            await AnswerAsync();
            await _queue.DeleteAsync([_message.ReceiptHandle], CancellationToken.None);
        }

        public async Task ReturnAsync(TimeSpan after)
        {
            await AnswerAsync();
            await _queue.ReturnAsync([_message.ReceiptHandle], after, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            if (!_answered.IsCancellationRequested)
            {
                await ReturnAsync(TimeSpan.Zero);
            }

            _answered.Dispose();
        }

        private async Task AnswerAsync()
        {
            await _answered.CancelAsync();
            await _hiding;
        }

        /// <summary>An error makes the message appear again, which does no harm.</summary>
        private async Task HideAsync(CancellationToken cancel)
        {
            while (!cancel.IsCancellationRequested)
            {
                await Task.Delay(s_hideAgainEvery, _clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!cancel.IsCancellationRequested)
                {
                    await _queue.ReturnAsync([_message.ReceiptHandle], Hidden, CancellationToken.None);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The work queue {Name} cannot be used, scans continue more slowly: {Code} {Message}")]
        public static partial void Failed(ILogger logger, string name, string code, string? message);

        [LoggerMessage(2, LogLevel.Warning, "Deleted message {MessageId} of {Queue}: it is not from Qrie")]
        public static partial void NotOurs(ILogger logger, string queue, string messageId);

        [LoggerMessage(3, LogLevel.Error, "Receiving from the work queue {Name} failed; it is tried again")]
        public static partial void Unexpected(ILogger logger, Exception exception, string name);
    }
}
