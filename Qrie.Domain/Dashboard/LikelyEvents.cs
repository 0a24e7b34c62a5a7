using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;

namespace Qrie.Domain.Dashboard;

/// <summary>
/// Which events could have reported a change that only a scan found, according to the catalog's rules of the type, narrowed down by nouns that CloudTrail's
/// event names share with the operations that read the attributes (GetBucketVersioning, PutBucketVersioning). A hint that a rule may be missing, not proof.
/// </summary>
public static class LikelyEvents
{
    private static readonly string[] _creating =
        ["Create", "Run", "Allocate", "Import", "Copy", "Register", "Restore", "Request", "Upload"];

    private static readonly string[] _verbs =
    [
        .. _creating, "Put", "Update", "Modify", "Delete", "Set", "Add", "Remove", "Attach",
        "Detach", "Associate", "Disassociate", "Enable", "Disable", "Deactivate", "Authorize",
        "Revoke", "Reset", "Change", "Replace", "Tag", "Untag", "Describe", "Get", "List", "BatchGet",
    ];

    /// <summary>In catalog order, with patterns as written there.</summary>
    /// <param name="eventSource">The source of the type's service.</param>
    /// <param name="attributes">The changed attributes; empty if unknown.</param>
    public static IReadOnlyList<EventKey> Of(ResourceTypeDefinition type, string eventSource, DriftChange change, IReadOnlyList<string> attributes) =>
        change switch
        {
            DriftChange.Created => Creating(type, eventSource),
            DriftChange.Deleted => Deleting(type, eventSource),
            _ => Changing(type, eventSource, attributes),
        };

    /// <summary>
    /// Prefers events that name the type: a policy is created by CreatePolicy, not by CreateUser. If none does (AllocateAddress), all creating events are
    /// returned.
    /// </summary>
    private static List<EventKey> Creating(ResourceTypeDefinition type, string eventSource)
    {
        var kept = Names(type, eventSource, rule => !rule.Gone).Where(e => e.Name != "CreateTags").ToList();
        var all = kept.FindAll(e => _creating.Any(verb => e.Name.StartsWith(verb, StringComparison.Ordinal)));
        if (all.Count == 0)
        {
            return kept; // PutMetricAlarm creates and changes
        }

        var noun = NounOf(type);
        var own = all.FindAll(e => NounOf(e.Name) is var told && (Ends(told, noun) || Ends(noun, told)));
        return own.Count > 0 ? own : all;
    }

    /// <summary>Without a rule that expects the resource to be gone (DeregisterTaskDefinition may leave older revisions): the events named like one.</summary>
    private static List<EventKey> Deleting(ResourceTypeDefinition type, string eventSource)
    {
        var gone = Names(type, eventSource, rule => rule.Gone).ToList();
        return gone.Count > 0 ? gone : [.. Names(type, eventSource, _ => true).Where(e => e.Name.StartsWith("De", StringComparison.Ordinal))];
    }

    private static List<EventKey> Changing(ResourceTypeDefinition type, string eventSource, IReadOnlyList<string> attributes)
    {
        var all = Names(type, eventSource, rule => !rule.Gone).ToList();
        var told = new HashSet<EventKey>();
        foreach (var attribute in attributes)
        {
            var read = type.Describe.Where(d => d.Name == attribute).SelectMany(d => Operations(d.Source)).Select(NounOf).ToList();
            var fitting = all.Where(e => Tells(NounOf(e.Name), NounOf(attribute), read, NounOf(type))).ToList();
            if (fitting.Count == 0)
            {
                return all; // the rules do not say which
            }

            told.UnionWith(fitting);
        }

        return told.Count == 0 ? all : all.FindAll(told.Contains);
    }

    private static IEnumerable<EventKey> Names(ResourceTypeDefinition type, string eventSource, Func<EventRule, bool> which) =>
        type.Events.Where(which).SelectMany(rule => rule.Names.Select(name => new EventKey(rule.EventSource ?? eventSource, name))).Distinct();

    /// <summary>
    /// PutBucketPublicAccessBlock reports the public access block, PutBucketLifecycle what GetBucketLifecycleConfiguration reads; CreateBucket, which names
    /// only the type, reports no specific attribute.
    /// </summary>
    private static bool Tells(string told, string attribute, List<string> read, string type) =>
        told.Length > 0 && told != type && (Ends(told, attribute) || read.Exists(noun => Ends(told, noun) || noun.StartsWith(told, StringComparison.Ordinal)));

    private static bool Ends(string text, string end) => text == end || (end.Length > 2 && text.EndsWith(end, StringComparison.Ordinal));

    private static IEnumerable<string> Operations(CatalogSource source) => source switch
    {
        SourceStep { Call: { } call } => [call.Operation],
        SourceChain chain => chain.Links.SelectMany(Operations),
        _ => [],
    };

    private static string NounOf(ResourceTypeDefinition type) => NounOf(type.Type.Split("::")[^1]);

    /// <summary>Without the verb, in lower case and singular.</summary>
    private static string NounOf(string name)
    {
        var verb = _verbs.Where(v => name.Length > v.Length && name.StartsWith(v, StringComparison.Ordinal) && char.IsUpper(name[v.Length]))
            .MaxBy(v => v.Length) ?? "";
        var noun = name[verb.Length..].Replace("*", "", StringComparison.Ordinal);
        var end = noun.IndexOf("From", StringComparison.Ordinal);
        noun = (end > 0 ? noun[..end] : noun).ToLowerInvariant();
        return noun.EndsWith("ies", StringComparison.Ordinal) ? noun[..^3] + "y"
            : noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal) ? noun[..^1]
            : noun;
    }
}
