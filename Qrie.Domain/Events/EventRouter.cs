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

    /// <summary>Of an ARN: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (ResourceNameType).</summary>
    private const int LongestId = 2048;

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
        var resources = Follow(catalog, record, entry.Claims, problems);
        return new RoutedEvent(resources.Count > 0 ? EventOutcome.Affects : EventOutcome.ConcernsNone, record, resources, "", problems);
    }

    private static EventOutcome? Ignored(CloudTrailRecord record) => record switch
    {
        { IsNoCall: true } => EventOutcome.NoCall,
        { IsReadOnly: true } => EventOutcome.ReadOnly,
        { ErrorCode: not null } => EventOutcome.Failed,
        _ => null,
    };

    private static List<AffectedResource> Follow(ResourceCatalog catalog, CloudTrailRecord record, IReadOnlyList<EventClaim> claims, List<string> problems)
    {
        var variables = Variables(record);
        var found = new Dictionary<(string Type, string? Id), int>();
        var resources = new List<AffectedResource>();
        var hidden = new List<ResourceTypeDefinition>();
        foreach (var (type, rule) in claims)
        {
            var trace = record.Omitted.Count > 0 ? new EvaluationTrace(record.Omitted) : null;
            var ids = Ids(record, type, rule, new EvaluationContext { Variables = variables, Trace = trace }, problems);
            if (trace?.TouchedUnknown is true)
            {
                hidden.AddRange(rule.Also.Select(also => catalog.FindType(also.Key)).OfType<ResourceTypeDefinition>().Prepend(type));
            }

            foreach (var id in ids)
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

        AddUnits(record, hidden, resources);
        return resources;
    }

    /// <summary>
    /// Omitted members may refer to any resource of these types, so their units are read again, each once, because a unit reads all of its types.
    /// </summary>
    private static void AddUnits(CloudTrailRecord record, List<ResourceTypeDefinition> hidden, List<AffectedResource> resources)
    {
        foreach (var unit in hidden.GroupBy(type => (type.Service, ListedIn: ListedIn(record, type))))
        {
            if (!resources.Exists(r => r.Id is null && (r.Type.Service, r.ListedIn) == unit.Key))
            {
                resources.Add(new AffectedResource(unit.First(), null, unit.Key.ListedIn, Gone: false, []));
            }
        }
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
                        if (id.Length > LongestId)
                        {
                            problems.Add($"{type.Type}: '{rule.Id.Text}' returned {id.Length} characters, which is too long for an id.");
                        }
                        else if (id.Length > 0)
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
        ['e', 'u', 's', 'c', '-', ..] => "aws-eusc",
        ['u', 's', '-', 'i', 's', 'o', '-', ..] => "aws-iso",
        ['u', 's', '-', 'i', 's', 'o', 'b', '-', ..] => "aws-iso-b",
        _ => "aws",
    };
}
