using System.Text.Json;
using Qrie.Api.Endpoints.Http;
using Qrie.Domain.Alerts;
using Qrie.Domain.Validation;

namespace Qrie.Api.Endpoints.Alerts;

/// <param name="Enabled">true if missing.</param>
/// <param name="Kinds">opened, reopened, resolved, suppressed, drift_detected, scan_failed, account_unreadable, dead_letter.</param>
/// <param name="Policies">Policy ids; all if missing.</param>
/// <param name="MinSeverity">0-100; 0 if missing.</param>
/// <param name="Accounts">Account ids; all if missing.</param>
/// <param name="Tags">Tags of the resource: at least one key must have one of its values.</param>
/// <param name="QuietHours">When messages are held; never if missing.</param>
/// <param name="GroupSeconds">60-3600: how long events are collected for one message; 60 if missing.</param>
internal sealed record AlertBody(
    string? Name, bool? Enabled, IReadOnlyList<string>? Kinds, IReadOnlyList<string>? Policies, int? MinSeverity, IReadOnlyList<string>? Accounts,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Tags, QuietHoursView? QuietHours, int? GroupSeconds, TargetBody? Target)
{
    /// <summary>Reads an object in which null differs from a missing key.</summary>
    public static AlertBody Of(IReadOnlyDictionary<string, JsonElement> named)
    {
        try
        {
            return JsonSerializer.SerializeToElement(named).Deserialize<AlertBody>(ApiJson.Options)!;
        }
        catch (JsonException e)
        {
            var field = e.Path is { Length: > 2 } path ? path[2..].Split('.', '[')[0] : "body";
            throw InvalidInputException.Of(field, $"{field} has the wrong type.");
        }
    }

    public AlertRuleSettings ToSettings() => new(
        Name, Enabled, Kinds, Policies, MinSeverity, Accounts, Tags, QuietHours?.ToSettings(), GroupSeconds, Target?.ToSettings());

    /// <summary>Given keys, including null, replace the previous values. What clients cannot read stays if they omit it.</summary>
    public AlertRuleSettings Patch(AlertRuleSettings before, Func<string, bool> isNamed) => new(
        isNamed("name") ? Name : before.Name,
        isNamed("enabled") ? Enabled : before.Enabled,
        isNamed("kinds") ? Kinds : before.Kinds,
        isNamed("policies") ? Policies : before.Policies,
        isNamed("min_severity") ? MinSeverity : before.MinSeverity,
        isNamed("accounts") ? Accounts : before.Accounts,
        isNamed("tags") ? Tags : before.Tags,
        isNamed("quiet_hours") ? QuietHours?.ToSettings() : before.QuietHours,
        isNamed("group_seconds") ? GroupSeconds : before.GroupSeconds,
        isNamed("target") ? Target?.Over(before.Target) : before.Target);
}

/// <param name="From">22:00.</param>
/// <param name="To">07:00, on the next day if it is before from.</param>
/// <param name="TimeZone">The IANA name; UTC if missing.</param>
/// <param name="Days">mon to sun, on which it begins; every day if missing.</param>
internal sealed record QuietHoursView(string? From, string? To, string? TimeZone, IReadOnlyList<string>? Days)
{
    public static QuietHoursView Of(QuietHoursSettings quiet) => new(quiet.From, quiet.To, quiet.TimeZone, quiet.Days);

    public QuietHoursSettings ToSettings() => new(From, To, TimeZone, Days);
}

/// <param name="Kind">sns, webhook, slack or email.</param>
/// <param name="TopicArn">Of sns.</param>
/// <param name="Url">Of webhook and slack; never returned.</param>
/// <param name="Secret">Of webhook: the key of the signature, never returned. Generated if missing.</param>
/// <param name="Recipients">Of email.</param>
internal sealed record TargetBody(string? Kind, string? TopicArn, string? Url, string? Secret, IReadOnlyList<string>? Recipients)
{
    public AlertTargetSettings ToSettings() => new(Kind, TopicArn, Url, Secret, Recipients);

    /// <summary>The address and the secret stay if they are omitted and the kind is the same. A new address without a secret keeps the secret.</summary>
    public AlertTargetSettings Over(AlertTargetSettings? before) => before is null || (Kind is not null && Kind != before.Kind)
        ? ToSettings()
        : new AlertTargetSettings(
            before.Kind, TopicArn ?? before.TopicArn, Url ?? before.Url, Secret ?? before.Secret, Recipients ?? before.Recipients);

    public override string ToString() => $"{Kind} {TopicArn}";
}
