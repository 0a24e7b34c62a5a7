namespace Qrie.Ui.Api;

public sealed record EventHealth(
    bool Enabled, EventQueue? Queue, DateTimeOffset? LastReceivedAt, int Days, long Received, long Processed, long Ignored, long Dead,
    IReadOnlyDictionary<string, long> Outcomes, EventLag Lag, long RechecksPending, long DeadNow, IReadOnlyList<EventPlace> Places,
    IReadOnlyList<string> AccountsWithoutEvents, IReadOnlyList<string> RuleMissing, IReadOnlyList<MissingEvent> LikelyMissing);

public sealed record EventQueue(string Name, long? Waiting, long? InFlight, long? Dead, string? Problem);

/// <summary>Milliseconds; null: there were none.</summary>
public sealed record EventLag(double? ReceivedP50, double? ReceivedP99, double? EvaluatedP50, double? EvaluatedP99);

public sealed record EventPlace(
    string AccountId, string Region, DateTimeOffset? LastEventAt, DateTimeOffset LastReceivedAt, IReadOnlyDictionary<string, long> Outcomes, EventLag Lag);

public sealed record MissingEvent(string AccountId, string Region, string EventName, long Changes);

public sealed record DeadPage(IReadOnlyList<DeadMessage> Dead, string? NextToken);

public sealed record DeadMessage(
    string MessageId, string AccountId, string Region, string EventName, string Reason, int Receives, DateTimeOffset DiedAt, string HeldBy, string Body);

/// <param name="Left">Messages that the queue does not give yet.</param>
public sealed record RedriveResult(int Redriven, IReadOnlyList<string> Left);
