using System.Text.Json;
using Qrie.Domain.Accounts;
using Qrie.Domain.Catalog;
using Qrie.Domain.Inventory;
using Qrie.Domain.Validation;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>A parsed message: what it refers to, or why it has no effect.</summary>
/// <param name="Ended">Null if the targets and units are to be processed.</param>
/// <param name="Reason">What is wrong with a malformed message.</param>
/// <param name="Account">Null if it could not be determined.</param>
/// <param name="Targets">Single resources.</param>
/// <param name="Units">Types of which every resource is to be read again.</param>
public sealed record ReadMessage(
    EventMessage Message, MessageOutcome? Ended, string Reason, CloudTrailRecord? Record, Account? Account, IReadOnlyList<EventTarget> Targets,
    IReadOnlyList<Recheck> Units)
{
    /// <summary>The account and region that it is counted by; empty: none.</summary>
    public (string AccountId, string Region) Place { get; init; } = ("", "");

    /// <summary>The organization of the account; messages without a registered account belong to the default organization.</summary>
    public string Organization => Account?.Organization ?? Organizations.Default;
}

/// <summary>Parses messages. Makes no AWS calls and changes nothing.</summary>
public sealed class EventIntake(ICatalog catalog, IAccountStore accounts, IAwsAccess access, EventSettings settings, TimeProvider clock)
{
    private readonly EventPlaces _places = new();

    /// <summary>Parses a message; never throws because of its body.</summary>
    public async Task<ReadMessage> ReadAsync(EventMessage message, CancellationToken cancel)
    {
        RoutedEvent routed;
        try
        {
            using var document = JsonDocument.Parse(message.Body);
            if (SnsEnvelope.FindUnconfirmed(document.RootElement) is { } topic)
            {
                return Malformed(
                    message, $"It is a subscription confirmation of {topic}: open its SubscribeURL, or call sns:ConfirmSubscription with its Token.");
            }

            routed = EventRouter.Route(catalog.Current, JmesValue.FromElement(SnsEnvelope.Open(document.RootElement).Clone()));
        }
        catch (JsonException broken)
        {
            return Malformed(message, $"It is not JSON: {broken.Message}");
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            return Malformed(message, $"It contains invalid text: {broken.Message}"); // an unpaired surrogate, literal or escaped
        }

        if (routed.Record is not { } record)
        {
            return Malformed(message, $"It is not a CloudTrail record: {SafeText.Clean(routed.Detail)}.");
        }

        // Look up the account of ignored events too: they are counted per account.
        var found = await accounts.FindAnywhereAsync(record.AccountId, cancel);
        var place = _places.Of(found, record);
        return Understand(message, routed, record, found, isKnownRegion: place.Region == record.Region) with { Place = place };
    }

    private ReadMessage Understand(EventMessage message, RoutedEvent routed, CloudTrailRecord record, Account? found, bool isKnownRegion)
    {
        if (Ended(routed.Outcome) is { } ended)
        {
            return new ReadMessage(message, ended, routed.Detail, record, found, [], []);
        }

        if (found is not { Status: AccountStatus.Active } account)
        {
            return new ReadMessage(message, found is null ? MessageOutcome.UnknownAccount : MessageOutcome.InactiveAccount, "", record, found, [], []);
        }

        var watched = routed.Resources.Where(r => account.Watches(r.Type.Service)).ToList();
        if (watched.Count == 0)
        {
            return new ReadMessage(message, MessageOutcome.ServiceNotWatched, "", record, account, [], []);
        }

        var read = watched.Where(r => r.ListedIn == Regions.Global || (isKnownRegion && access.ReadsRegion(account, r.ListedIn))).ToList();
        return read.Count == 0
            ? new ReadMessage(message, MessageOutcome.RegionNotRead, "", record, account, [], [])
            : new ReadMessage(
                message, null, "", record, account,
                [.. read.Where(r => r.Id is not null).Select(r => new EventTarget(account, r.Type, r.Id!, r.ListedIn, record.Time, r.Also, r.Gone))],
                [.. read.Where(r => r.Id is null).Select(r => UnitOf(account, r, record))]);
    }

    private Recheck UnitOf(Account account, AffectedResource resource, CloudTrailRecord record)
    {
        var now = clock.GetUtcNow();
        return new Recheck(
            account.Organization, account.AccountId, resource.ListedIn, resource.Type.Service,
            resource.Type.Type, "", 0, record.Time ?? now, now + settings.Debounce);
    }

    private static ReadMessage Malformed(EventMessage message, string reason) => new(message, MessageOutcome.Malformed, reason, null, null, [], []);

    private static MessageOutcome? Ended(EventOutcome outcome) => outcome switch
    {
        EventOutcome.Affects => null,
        EventOutcome.ReadOnly => MessageOutcome.ReadOnly,
        EventOutcome.Failed => MessageOutcome.FailedCall,
        EventOutcome.Unclaimed => MessageOutcome.Unclaimed,
        EventOutcome.Unreadable => MessageOutcome.Malformed,
        _ => MessageOutcome.Irrelevant,
    };
}
