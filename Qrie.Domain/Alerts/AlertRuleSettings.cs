using System.Globalization;
using System.Text.Json;

namespace Qrie.Domain.Alerts;

/// <summary>The settings of a rule as a caller gives them, not yet checked; null if missing.</summary>
/// <param name="Kinds">Names of <see cref="AlertKind"/> in snake_case.</param>
public sealed record AlertRuleSettings(
    string? Name, bool? Enabled, IReadOnlyList<string>? Kinds, IReadOnlyList<string>? Policies, int? MinSeverity, IReadOnlyList<string>? Accounts,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Tags, QuietHoursSettings? QuietHours, int? GroupSeconds, AlertTargetSettings? Target)
{
    public static AlertRuleSettings Of(AlertRule rule) => new(
        rule.Name, rule.Enabled, [.. rule.Kinds.Select(NameOf)], rule.Policies, rule.MinSeverity, rule.Accounts, rule.Tags,
        rule.QuietHours is { } quiet ? QuietHoursSettings.Of(quiet) : null, rule.GroupSeconds,
        new AlertTargetSettings(NameOf(rule.Target.Kind), rule.Target.TopicArn, rule.Target.Url, rule.Target.Secret, rule.Target.Recipients));

    /// <summary>The name of a value in the API.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}

/// <param name="From"><c>22:00</c>.</param>
/// <param name="To"><c>07:00</c>.</param>
/// <param name="TimeZone">An IANA name; UTC if missing.</param>
/// <param name="Days"><c>mon</c> to <c>sun</c>; every day if missing.</param>
public sealed record QuietHoursSettings(string? From, string? To, string? TimeZone, IReadOnlyList<string>? Days)
{
    public static QuietHoursSettings Of(QuietHours quiet) => new(
        quiet.From.ToString("HH:mm", CultureInfo.InvariantCulture), quiet.To.ToString("HH:mm", CultureInfo.InvariantCulture), quiet.Zone,
        [.. quiet.Days.Select(NameOf)]);

    public static string NameOf(DayOfWeek day) => day.ToString()[..3].ToLowerInvariant();
}

/// <param name="Kind"><c>sns</c>, <c>webhook</c>, <c>slack</c> or <c>email</c>.</param>
public sealed record AlertTargetSettings(string? Kind, string? TopicArn, string? Url, string? Secret, IReadOnlyList<string>? Recipients)
{
    /// <summary>Without the secrets, in case it is printed by mistake.</summary>
    public override string ToString() => $"{Kind} {TopicArn}";
}
