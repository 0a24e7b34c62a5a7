using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Qrie.Domain.Catalog;
using Qrie.Domain.Validation;

namespace Qrie.Domain.Alerts;

/// <summary>Checks the settings of rules.</summary>
public sealed partial class AlertRuleReader(ICatalog catalog, AlertSender sender)
{
    private const int LongestName = 100;
    private const int MostPolicies = 500;
    private const int MostAccounts = 1000;
    private const int MostTags = 20;
    private const int MostRecipients = 20;
    private const int LongestText = 256;
    private const int LongestUrl = 2048;
    private const int ShortestSecret = 16;
    private const int SecretBytes = 32;

    /// <exception cref="InvalidInputException">The settings are invalid.</exception>
    public AlertRule Read(
        string organization, string alertId, AlertRuleSettings settings, DateTimeOffset createdAt, DateTimeOffset updatedAt)
    {
        var errors = new FieldErrors();
        errors.Require(
            settings.Name is { Length: <= LongestName } name && !string.IsNullOrWhiteSpace(name), "name", $"name must have 1 to {LongestName} characters.");
        errors.RequireSafe(settings.Name, "name");
        var rule = new AlertRule
        {
            Organization = organization,
            AlertId = alertId,
            Name = settings.Name?.Trim() ?? "",
            Enabled = settings.Enabled ?? true,
            Kinds = Kinds(settings.Kinds, errors),
            Policies = Policies(settings.Policies ?? [], errors),
            MinSeverity = settings.MinSeverity ?? Severities.Min,
            Accounts = [.. (settings.Accounts ?? []).Distinct()],
            Tags = settings.Tags ?? new Dictionary<string, IReadOnlyList<string>>(),
            QuietHours = settings.QuietHours is { } quiet ? Quiet(quiet, errors) : null,
            GroupSeconds = settings.GroupSeconds ?? AlertLimits.ShortestGroup,
            Target = Target(settings.Target, errors),
            CreatedAt = createdAt,
            UpdatedAt = updatedAt,
        };
        errors.Require(rule.MinSeverity is >= Severities.Min and <= Severities.Max, "min_severity", "min_severity must be a whole number from 0 to 100.");
        errors.Require(
            rule.GroupSeconds is >= AlertLimits.ShortestGroup and <= AlertLimits.LongestGroup, "group_seconds",
            $"group_seconds must be from {AlertLimits.ShortestGroup} to {AlertLimits.LongestGroup}.");
        errors.Require(
            rule.Accounts.Count <= MostAccounts && rule.Accounts.All(a => a is not null && AccountForm().IsMatch(a)), "accounts",
            $"accounts must be at most {MostAccounts} account ids of 12 digits each.");
        CheckTags(rule.Tags, errors);
        if (!errors.Any)
        {
            sender.Check(organization, rule.Target, errors);
        }

        errors.ThrowIfAny();
        return rule;
    }

    private static List<AlertKind> Kinds(IReadOnlyList<string>? names, FieldErrors errors)
    {
        var kinds = new List<AlertKind>();
        foreach (var name in names ?? [])
        {
            if (Find<AlertKind>(name) is { } kind)
            {
                kinds.Add(kind);
            }
            else
            {
                errors.Add("kinds", $"kinds must be some of {Names<AlertKind>()}.");
                return kinds;
            }
        }

        errors.Require(kinds.Count > 0, "kinds", $"kinds must have at least one of {Names<AlertKind>()}.");
        return [.. kinds.Distinct().Order()];
    }

    private List<string> Policies(IReadOnlyList<string> ids, FieldErrors errors)
    {
        errors.Require(ids.Count <= MostPolicies, "policies", $"policies must have at most {MostPolicies} policy ids.");
        foreach (var id in ids.Take(MostPolicies).Where(id => id is null || catalog.Current.FindPolicy(id) is null))
        {
            errors.Add("policies", $"There is no policy {SafeText.Clean(id ?? "null")}; GET /policies lists them.");
            break;
        }

        return [.. ids.Take(MostPolicies).Distinct()];
    }

    private static void CheckTags(IReadOnlyDictionary<string, IReadOnlyList<string>> tags, FieldErrors errors)
    {
        var fits = tags.Count <= MostTags && tags.All(tag =>
            tag.Key.Length is > 0 and <= LongestText
            && tag.Value is { Count: > 0 and <= MostTags } values && values.All(v => v is { Length: <= LongestText } && SafeText.IsSafe(v)));
        errors.Require(
            fits && tags.Keys.All(key => SafeText.IsSafe(key)), "tags",
            $$"""tags must be an object of at most {{MostTags}} keys with 1 to {{MostTags}} values each: {"env": ["prod"]}.""");
    }

    private static QuietHours? Quiet(QuietHoursSettings settings, FieldErrors errors)
    {
        var (from, to) = (Time(settings.From, "from", errors), Time(settings.To, "to", errors));
        var zone = settings.TimeZone is { Length: > 0 } named ? named : "UTC";
        errors.Require(
            zone.Length <= LongestText && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _), "quiet_hours",
            "quiet_hours.time_zone must be the IANA name of a time zone, Europe/Berlin.");
        var days = new List<DayOfWeek>();
        foreach (var name in settings.Days ?? [])
        {
            var day = Enum.GetValues<DayOfWeek>().Where(d => QuietHoursSettings.NameOf(d) == name).Select(d => (DayOfWeek?)d).FirstOrDefault();
            errors.Require(day is not null, "quiet_hours", "quiet_hours.days must be some of mon, tue, wed, thu, fri, sat, sun.");
            days.AddRange(day is { } known ? [known] : []);
        }

        return from is { } begin && to is { } end ? new QuietHours(begin, end, zone, [.. days.Distinct()]) : null;
    }

    private static TimeOnly? Time(string? text, string member, FieldErrors errors)
    {
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time;
        }

        errors.Add("quiet_hours", $"quiet_hours.{member} must be a time of day, 22:00.");
        return null;
    }

    private static AlertTarget Target(AlertTargetSettings? settings, FieldErrors errors)
    {
        var kind = Find<AlertTargetKind>(settings?.Kind);
        errors.Require(kind is not null, "target", $"target.kind must be one of {Names<AlertTargetKind>()}.");
        var target = new AlertTarget
        {
            Kind = kind ?? AlertTargetKind.Webhook,
            TopicArn = kind == AlertTargetKind.Sns ? settings?.TopicArn : null,
            Url = kind is AlertTargetKind.Webhook or AlertTargetKind.Slack ? settings?.Url : null,
            Secret = kind == AlertTargetKind.Webhook ? settings?.Secret ?? NewSecret() : null,
            Recipients = kind == AlertTargetKind.Email ? [.. (settings?.Recipients ?? []).Distinct()] : [],
        };
        errors.Require(kind != AlertTargetKind.Sns || (target.TopicArn is { } arn && TopicForm().IsMatch(arn)), "target",
            "target.topic_arn must be the ARN of an SNS topic, arn:aws:sns:eu-west-1:123456789012:alerts.");
        errors.Require(
            target.Secret is null || (target.Secret.Length is >= ShortestSecret and <= LongestText && target.Secret.All(c => c is > ' ' and <= '~')), "target",
            $"target.secret must have {ShortestSecret} to {LongestText} printable ASCII characters; leave it out to get a new one.");
        errors.Require(
            kind is not (AlertTargetKind.Webhook or AlertTargetKind.Slack)
            || (target.Url is { Length: > 0 and <= LongestUrl } && SafeText.IsSafe(target.Url) && Uri.TryCreate(target.Url, UriKind.Absolute, out var url)
                && url is { Scheme: "https" or "http", UserInfo: "", Fragment: "", Host.Length: > 0 }),
            "target", $"target.url must be an https address of at most {LongestUrl} characters, without a user name and a fragment.");
        errors.Require(
            kind != AlertTargetKind.Email || (target.Recipients is { Count: > 0 and <= MostRecipients } && target.Recipients.All(IsAddress)), "target",
            $"target.recipients must be 1 to {MostRecipients} e-mail addresses, security@example.com.");
        return target;
    }

    private static bool IsAddress(string? text) => text is { Length: <= LongestText } && AddressForm().IsMatch(text);

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes));

    private static T? Find<T>(string? name)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => AlertRuleSettings.NameOf(value) == name).Select(value => (T?)value).FirstOrDefault();

    private static string Names<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetValues<T>().Select(AlertRuleSettings.NameOf));

    [GeneratedRegex(@"^[0-9]{12}\z")]
    private static partial Regex AccountForm();

    [GeneratedRegex(@"^arn:aws[a-z-]*:sns:[a-z0-9-]{1,40}:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?\z")]
    private static partial Regex TopicForm();

    /// <summary>No quoted local parts and no comments: what they allow is not worth the confusion that they can cause.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\z")]
    private static partial Regex AddressForm();
}
