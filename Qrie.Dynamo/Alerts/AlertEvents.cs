using Qrie.Domain;
using Qrie.Domain.Alerts;
using Qrie.Domain.Events;
using Qrie.Domain.Findings;
using Qrie.Domain.Validation;
using Qrie.Dynamo.Items;
using Qrie.Dynamo.Writes;

namespace Qrie.Dynamo.Alerts;

/// <summary>
/// The events that rules may match. They are queued in their own order and numbered when the outbox row that contains them is applied.
/// </summary>
internal static class AlertEvents
{
    public const string Partition = "alert-events";
    private const string Next = "Next";

    private static readonly ItemKey s_numbers = Documents.Key("alert-numbers", "numbers");

    public static ItemKey KeyOf(long number) => Documents.Key(Partition, KeyText.Of(number));

    /// <summary>Stores events in a transaction, after all that are stored already.</summary>
    public static async Task AddAsync(WriteSession session, IReadOnlyList<AlertEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var next = (await session.GetAsync(s_numbers))?.Number(Next) ?? 1;
        foreach (var one in events)
        {
            session.Expect(KeyOf(next), null);
            await session.PutAsync(KeyOf(next), one with { Seq = next });
            next++;
        }

        session.Put(s_numbers, new Item().Set(Next, next));
    }

    /// <summary>Stores the numbers that are next, of an import.</summary>
    public static void Continue(WriteSession session, long next) => session.Add(s_numbers, new Item().Set(Next, next));

    /// <summary>A state change of a finding; null if the state did not change.</summary>
    public static AlertEvent? Of(string organization, Finding? before, Finding after, DateTimeOffset at) => (before?.State, after.State) switch
    {
        (null, FindingState.Active) => Of(organization, AlertKind.Opened, after, at, null),
        (FindingState.Resolved, FindingState.Active) => Of(organization, AlertKind.Reopened, after, at, null),
        (FindingState.Suppressed, FindingState.Active) => Of(organization, AlertKind.Reopened, after, at, "its exception ended"),
        (not null and not FindingState.Resolved, FindingState.Resolved) =>
            Of(organization, AlertKind.Resolved, after, at, after.ResolvedReason is { } reason ? Json.Name(reason) : null),
        (not FindingState.Suppressed, FindingState.Suppressed) => Of(organization, AlertKind.Suppressed, after, at, $"exception {after.ExceptionId}"),
        _ => null,
    };

    /// <summary>A message that could not be processed.</summary>
    public static AlertEvent Of(DeadEvent dead) => new()
    {
        Seq = 0,
        Organization = dead.Organization,
        At = dead.At,
        Kind = AlertKind.DeadLetter,
        AccountId = dead.AccountId.Length > 0 ? dead.AccountId : null,
        Region = dead.Region.Length > 0 ? dead.Region : null,
        Detail = SafeText.Clean($"{dead.EventName}: {dead.Reason}"),
    };

    private static AlertEvent Of(string organization, AlertKind kind, Finding finding, DateTimeOffset at, string? detail) => new()
    {
        Seq = 0,
        Organization = organization,
        At = at,
        Kind = kind,
        AccountId = AccountService.Split(finding.AccountService).AccountId,
        AccountService = finding.AccountService,
        Arn = finding.Arn,
        PolicyId = finding.PolicyId,
        Severity = finding.Severity,
        Region = finding.Region,
        ScanId = finding.ScanId,
        Detail = detail,
    };
}
