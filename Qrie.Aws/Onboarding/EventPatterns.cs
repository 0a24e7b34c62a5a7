using System.Text.Json;
using Qrie.Domain.Catalog;

namespace Qrie.Aws.Onboarding;

/// <summary>
/// The EventBridge patterns for exactly the events that a catalog claims: one source each, split where a pattern would exceed EventBridge's limit
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html).
/// </summary>
public static class EventPatterns
{
    /// <summary>EventBridge's limit is 2,048 characters of JSON.</summary>
    private const int Longest = 1_900;

    /// <summary>Services that append an API date to their event names.</summary>
    private static readonly string[] _dated = ["lambda.amazonaws.com", "cloudfront.amazonaws.com"];

    public static IReadOnlyList<EventPattern> Of(ResourceCatalog catalog)
    {
        var bySource = catalog.Services
            .SelectMany(service => service.Resources.SelectMany(type => type.Events)
                .SelectMany(rule => rule.Names.Select(name => (Source: rule.EventSource ?? service.EventSource, Name: name))))
            .Distinct()
            .GroupBy(e => e.Source)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        return [.. bySource.SelectMany(source => Split(source.Key, [.. WithoutCovered(source.Select(e => e.Name)).Order(StringComparer.Ordinal)]))];
    }

    /// <summary>Omits names that a pattern of the same source already matches.</summary>
    private static IEnumerable<string> WithoutCovered(IEnumerable<string> names)
    {
        var all = names.Distinct().ToList();
        var prefixes = all.Where(name => name.EndsWith('*') && name.IndexOf('*', StringComparison.Ordinal) == name.Length - 1)
            .Select(name => name[..^1]).ToList();
        return all.Where(name => !prefixes.Exists(prefix => name != prefix + "*" && name.StartsWith(prefix, StringComparison.Ordinal)));
    }

    private static IEnumerable<EventPattern> Split(string source, IReadOnlyList<string> names)
    {
        var matched = new List<string>();
        var number = 1;
        foreach (var name in names)
        {
            if (matched.Count > 0 && new EventPattern(source, number, [.. matched, name]).Json.Length > Longest)
            {
                yield return new EventPattern(source, number++, [.. matched]);
                matched.Clear();
            }

            matched.Add(name);
        }

        yield return new EventPattern(source, number, matched);
    }

    internal static object MatcherOf(string source, string name) => name.IndexOf('*', StringComparison.Ordinal) switch
    {
        < 0 when _dated.Contains(source) => new { prefix = name },
        < 0 => name,
        var star when star == name.Length - 1 => new { prefix = name[..^1] },
        _ => new { wildcard = name },
    };
}

/// <summary>One pattern.</summary>
/// <param name="Source">The event source, such as <c>s3.amazonaws.com</c>.</param>
/// <param name="Number">From 1, within the source.</param>
/// <param name="Names">Event names, with <c>*</c> as a wildcard.</param>
public sealed record EventPattern(string Source, int Number, IReadOnlyList<string> Names)
{
    /// <summary>Calls, and what AWS does by itself: it takes back spot instances, and deletes recovery points whose time is over.</summary>
    public static IReadOnlyList<string> DetailTypes { get; } = ["AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"];

    /// <summary>Excludes failed calls, which changed nothing.</summary>
    public string Json => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["source"] = new[] { $"aws.{Source.Split('.')[0]}" },
        ["detail-type"] = DetailTypes,
        ["detail"] = new Dictionary<string, object>
        {
            ["eventSource"] = new[] { Source },
            ["eventName"] = Names.Select(name => EventPatterns.MatcherOf(Source, name)).ToArray(),
            ["errorCode"] = new[] { new { exists = false } },
        },
    });
}
