using System.Globalization;
using Qrie.Dynamo.Items;

namespace Qrie.Dynamo.Counts;

/// <summary>The names of groups and counts.</summary>
internal static class CounterGroups
{
    /// <summary>Resources of a service and type with an attribute that could not be read; each count is named by attribute and code.</summary>
    public const string Unknown = "unknown\n";

    /// <summary>What is known of a resource type: <see cref="Resources"/>, <see cref="Unread"/>, <see cref="Accounts"/>.</summary>
    public const string Type = "type\n";

    /// <summary>Of a service: <see cref="Resources"/> and <see cref="NonCompliant"/>.</summary>
    public const string Service = "service\n";

    /// <summary>Findings of a policy; each count is named by band and state.</summary>
    public const string Policy = "policy\n";

    /// <summary>Changes of findings by period and policy; each count is named by the change.</summary>
    public const string History = "history\n";

    /// <summary>Verdicts as requirements count them, by policy and revision.</summary>
    public const string Pairs = "pairs\n";

    /// <summary>Verdicts by service, policy and revision; each count is named by verdict, attribute and code.</summary>
    public const string Verdicts = "verdicts\n";

    /// <summary>Findings that an exception holds.</summary>
    public const string Exception = "exception\n";

    /// <summary>Active findings by a day; each count is named by what day it is and the band.</summary>
    public const string Open = "open\n";

    /// <summary>Resolutions by day; each count is named by the band and what is counted.</summary>
    public const string Resolved = "resolved\n";

    /// <summary>The day on which a finding opened.</summary>
    public const string Opened = "opened";

    /// <summary>The day on which it is due.</summary>
    public const string Due = "due";

    /// <summary>Existing resources.</summary>
    public const string Resources = "resources";

    /// <summary>Resources with an active finding.</summary>
    public const string NonCompliant = "non_compliant";

    /// <summary>Lists that were refused or incomplete the last time.</summary>
    public const string Unread = "unread";

    /// <summary>1 for an account in which the type was listed.</summary>
    public const string Accounts = "accounts";

    /// <summary>A number, where it needs no other name.</summary>
    public const string N = "n";

    /// <summary>How long resolutions took together.</summary>
    public const string Seconds = "seconds";

    public static string OfUnknown(string service, string type) => Unknown + KeyText.Join(service, type);

    public static string OfType(string type, string service) => Type + KeyText.Join(type, service);

    public static string OfService(string service) => Service + service;

    public static string OfPolicy(string policyId) => Policy + policyId;

    public static string OfHistory(DateOnly period, string policyId) => History + KeyText.Join(DayOf(period), policyId);

    public static string OfPairs(string policyId, long revision) => Pairs + KeyText.Join(policyId, Text(revision));

    public static string OfVerdicts(string service, string policyId, long revision) => Verdicts + KeyText.Join(service, policyId, Text(revision));

    public static string OfOpen(DateOnly day) => Open + DayOf(day);

    public static string OfResolved(DateOnly day) => Resolved + DayOf(day);

    public static string DayOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The last two parts of a group or a name.</summary>
    public static (string First, string Second) PartsOf(string name)
    {
        var parts = name.Split(KeyText.Separator);
        return (parts[^2], parts[^1]);
    }
}
