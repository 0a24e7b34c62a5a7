using Microsoft.Extensions.Options;
using Qrie.Api.Hosting;
using Qrie.Aws.Api.Recording;
using Qrie.Domain.Events;

namespace Qrie.Api.Demo;

/// <summary>
/// <c>--demo-events</c>: when the demo is ready, the recorded organization changes every few seconds, and each change is sent to the event queue as EventBridge
/// would. From there it is processed like a real event. After the last change the initial state is restored and the sequence repeats.
/// </summary>
internal sealed partial class EventFeeder(
    RecordedEvents events, SampleOrganization organization, LayeredReplay replay,
    EventChannel channel, Readiness readiness, IOptions<DemoOptions> options, TimeProvider clock,
    ILogger<EventFeeder> logger) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // The replay must not be disturbed, and its clock is behind.
            while (readiness.NotReadyBecause is not null)
            {
                await Task.Delay(LookEvery, clock, stoppingToken);
            }

            await FeedAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped: the queue ends with the process.
        }
    }

    private async Task FeedAsync(CancellationToken cancel)
    {
        var before = organization.Layers.Count;
        replay.Current = before;
        Log.Begins(logger, events.Events.Count, options.Value.EventsEvery);
        for (var number = 1L; ; number++)
        {
            await Task.Delay(options.Value.EventsEvery, clock, cancel);
            var step = (int)((number - 1) % events.Events.Count);
            replay.Current = before + step + 1; // the change comes before its event
            await channel.Queue!.SendAsync([events.Message(step, number, clock.GetUtcNow())], cancel);
            Log.EventSent(logger, events.Events[step]["detail"]!["eventName"]!.GetValue<string>(), events.Events[step]["account"]!.GetValue<string>());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Demo: {Count} events, one every {Every}, repeated; see /events/health and /findings")]
        public static partial void Begins(ILogger logger, int count, TimeSpan every);

        [LoggerMessage(2, LogLevel.Information, "Demo: {EventName} in {Account}")]
        public static partial void EventSent(ILogger logger, string eventName, string account);
    }
}
