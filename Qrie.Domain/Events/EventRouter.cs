using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Domain.Events;

/// <summary>Determines which resources a CloudTrail record affects, from the catalog's <c>events:</c>. Makes no AWS calls and changes nothing.</summary>
public static class EventRouter
{
    /// <summary>Any stored resource of the type, for records that do not identify one.</summary>
    private const string EveryStoredOne = "*";

    /// <param name="catalog">The catalog in use.</param>
    /// <param name="value">A CloudTrail record, or the EventBridge event that contains one.</param>
    public static RoutedEvent Route(ResourceCatalog catalog, JmesValue value)
    {
        if (CloudTrailRecord.Read(value, out var reason) is not { } record)
        {
            return new RoutedEvent(EventOutcome.Unreadable, null, [], reason, []);
        }

        if (Ignored(record) is { } outcome)
        {
            return new RoutedEvent(outcome, record, [], record.ErrorCode ?? "", []);
        }

        var entry = catalog.Events.Find(record.Key);
        if (entry.Claims.Count == 0)
        {
            return new RoutedEvent(entry.Reason is null ? EventOutcome.Unclaimed : EventOutcome.Irrelevant, record, [], entry.Reason ?? "", []);
        }

        var problems = new List<string>();
        var resources = Follow(record, entry.Claims, problems);
        return new RoutedEvent(resources.Count > 0 ? EventOutcome.Affects : EventOutcome.ConcernsNone, record, resources, "", problems);
    }

    private static EventOutcome? Ignored(CloudTrailRecord record) => record switch
    {
        { IsNoCall: true } => EventOutcome.NoCall,
        { IsReadOnly: true } => EventOutcome.ReadOnly,
        { ErrorCode: not null } => EventOutcome.Failed,
        _ => null,
    };

    private static List<AffectedResource> Follow(CloudTrailRecord record, IReadOnlyList<EventClaim> claims, List<string> problems)
    {
        var context = new EvaluationContext { Variables = Variables(record) };
        var found = new Dictionary<(string Type, string? Id), int>();
        var resources = new List<AffectedResource>();
        foreach (var (type, rule) in claims)
        {
            foreach (var id in Ids(record, type, rule, context, problems))
            {
                if (found.TryGetValue((type.Type, id), out var index))
                {
                    var former = resources[index];
                    resources[index] = former with { Gone = former.Gone || rule.Gone, Also = [.. former.Also, .. rule.Also] };
                    continue;
                }

                found[(type.Type, id)] = resources.Count;
                resources.Add(new AffectedResource(type, id, ListedIn(record, type), rule.Gone, [.. rule.Also]));
            }
        }

        return resources;
    }

    private static List<string?> Ids(CloudTrailRecord record, ResourceTypeDefinition type, EventRule rule, EvaluationContext context, List<string> problems)
    {
        try
        {
            var answer = rule.Id.Evaluate(record.Content, context);
            var ids = new List<string?>();
            foreach (var value in answer.Kind is JmesKind.Array ? [.. answer.EnumerateArray()] : new[] { answer })
            {
                switch (value.Kind)
                {
                    case JmesKind.Null:
                        break;
                    case JmesKind.String:
                        var id = value.GetString();
                        if (id.Length > 0)
                        {
                            ids.Add(id == EveryStoredOne ? null : id);
                        }

                        break;
                    default:
                        problems.Add($"{type.Type}: '{rule.Id.Text}' returned {value}, which is not an id.");
                        break;
                }
            }

            return ids;
        }
        catch (JmesPathException failure)
        {
            problems.Add($"{type.Type}: '{rule.Id.Text}' failed: {failure.Reason}.");
            return [];
        }
    }

    private static string ListedIn(CloudTrailRecord record, ResourceTypeDefinition type) => type.Scope is ResourceScope.Global ? Regions.Global : record.Region;

    private static Dictionary<string, JmesValue> Variables(CloudTrailRecord record) => new()
    {
        ["account"] = JmesValue.FromString(record.AccountId),
        ["region"] = JmesValue.FromString(record.Region),
        ["partition"] = JmesValue.FromString(PartitionOf(record.Region)),
    };

    /// <summary>Determined from the first part of the region name, which needs no endpoint table.</summary>
    private static string PartitionOf(string region) => region switch
    {
        ['c', 'n', '-', ..] => "aws-cn",
        ['u', 's', '-', 'g', 'o', 'v', '-', ..] => "aws-us-gov",
        ['u', 's', '-', 'i', 's', 'o', '-', ..] => "aws-iso",
        ['u', 's', '-', 'i', 's', 'o', 'b', '-', ..] => "aws-iso-b",
        _ => "aws",
    };
}
