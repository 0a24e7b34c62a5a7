using Qrie.Domain.Validation;

namespace Qrie.Domain.Alerts;

/// <summary>Creates, changes, deletes and tries alert rules.</summary>
public sealed class AlertRules(IAlertStore store, AlertRuleReader reader, AlertSender sender, TimeProvider clock)
{
    /// <exception cref="InvalidInputException">The settings are invalid.</exception>
    /// <exception cref="ConflictException">The organization has too many rules.</exception>
    public async Task<AlertRule> CreateAsync(string organization, AlertRuleSettings settings, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var rule = reader.Read(organization, Guid.CreateVersion7(now).ToString(), settings, now, now);
        return await store.AddAsync(rule, cancel)
            ? rule
            : throw new ConflictException($"The organization has {AlertLimits.Rules} alerts already; delete one that is not needed any more.");
    }

    /// <param name="change">Changes the present settings.</param>
    /// <exception cref="InvalidInputException">The settings are invalid.</exception>
    /// <exception cref="NotFoundException">There is no such rule.</exception>
    public async Task<AlertRule> ChangeAsync(
        string organization, string alertId, Func<AlertRuleSettings, AlertRuleSettings> change, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        return await store.ChangeAsync(
            organization, alertId,
            before => reader.Read(organization, alertId, change(AlertRuleSettings.Of(before)), before.CreatedAt, now) with
            {
                FailingSince = before.FailingSince,
            },
            now, cancel) ?? throw NotFound(alertId);
    }

    /// <exception cref="NotFoundException">There is no such rule.</exception>
    public async Task DeleteAsync(string organization, string alertId, CancellationToken cancel)
    {
        if (!await store.DeleteAsync(organization, alertId, cancel))
        {
            throw NotFound(alertId);
        }
    }

    /// <exception cref="NotFoundException">There is no such rule.</exception>
    public async Task<AlertRule> GetAsync(string organization, string alertId, CancellationToken cancel) =>
        await store.FindAsync(organization, alertId, cancel) ?? throw NotFound(alertId);

    /// <summary>Sends a message at once, also during quiet hours and if the rule is not enabled, and logs it. There is one attempt.</summary>
    /// <exception cref="NotFoundException">There is no such rule.</exception>
    public async Task<AlertDelivery> TestAsync(string organization, string alertId, CancellationToken cancel)
    {
        var rule = await GetAsync(organization, alertId, cancel);
        var now = clock.GetUtcNow();
        var message = new AlertDelivery
        {
            Organization = organization,
            AlertId = alertId,
            DeliveryId = Guid.CreateVersion7(now).ToString(),
            CreatedAt = now,
            Status = DeliveryStatus.Sending,
            DueAt = now,
            Attempts = 1,
            IsTest = true,
            Content = new AlertContent { FirstAt = now, LastAt = now },
        };
        var result = await sender.SendAsync(rule, message, cancel);
        var ended = message with
        {
            Status = result.Outcome == SendOutcome.Delivered ? DeliveryStatus.Delivered : DeliveryStatus.Failed,
            FinishedAt = clock.GetUtcNow(),
            Last = result,
        };
        await store.AddTestAsync(ended, CancellationToken.None);
        return ended;
    }

    private static NotFoundException NotFound(string alertId) => new($"There is no alert {alertId}. GET /alerts lists them.");
}
