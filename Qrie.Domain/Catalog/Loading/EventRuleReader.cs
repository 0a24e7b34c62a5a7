using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>An event name or pattern in a service file.</summary>
/// <param name="Source">Null for the service's own.</param>
/// <param name="Name">Without an API date.</param>
/// <param name="At">Where it is written.</param>
/// <param name="Reason">Why the event is irrelevant; null if it is claimed.</param>
internal sealed record DeclaredEvent(string? Source, string Name, SourceNode At, string? Reason);

/// <summary>Reads the <c>events:</c> of types and the <c>irrelevant:</c> of services with their positions.</summary>
internal sealed class EventRuleReader(ExpressionReader expressions, CatalogErrors errors)
{
    /// <summary>The events of the current service file, since <see cref="Begin"/>.</summary>
    public List<DeclaredEvent> Stated { get; private set; } = [];

    /// <summary>The types that rules of all files name under <c>also</c>.</summary>
    public List<SourceScalar> Also { get; } = [];

    /// <summary>Starts a new file.</summary>
    public void Begin() => Stated = [];

    public List<EventRule> ReadRules(MapReader reader)
    {
        var rules = new List<EventRule>();
        switch (reader.Node("events"))
        {
            case null:
                break;
            case SourceList list:
                foreach (var item in list.Items)
                {
                    if (MapReader.From(item, "an event rule", errors) is { } rule && ReadRule(rule) is { } read)
                    {
                        rules.Add(read);
                    }
                }

                break;
            case var other:
                errors.Add(other, "'events' must be a list of rules.", "Write '- names: [CreateThing]' and 'id:' below it.");
                break;
        }

        return rules;
    }

    /// <summary>By name or pattern, prefixed with the source and a slash if it is not the service's own.</summary>
    public IReadOnlyList<DeclaredEvent> ReadIrrelevant(MapReader reader)
    {
        var texts = MapReader.From(reader.Node("irrelevant"), "'irrelevant'", errors);
        foreach (var (key, _) in texts?.Map.Entries ?? [])
        {
            var parts = key.Value.Split('/', 2);
            if (texts!.Text(key.Value) is { } reason)
            {
                Stated.Add(new DeclaredEvent(parts.Length == 2 ? parts[0] : null, EventKey.WithoutDate(parts[^1]), key, reason));
            }
        }

        return [.. Stated.Where(stated => stated.Reason is not null)];
    }

    private EventRule? ReadRule(MapReader reader)
    {
        var source = reader.Text("source");
        var names = reader.Texts("names").Select(EventKey.WithoutDate).ToList();
        switch (reader.Required("names"))
        {
            case SourceList list:
                Stated.AddRange(list.Items.OfType<SourceScalar>().Select(item => new DeclaredEvent(source, EventKey.WithoutDate(item.Value), item, null)));
                break;
            case SourceScalar single:
                Stated.Add(new DeclaredEvent(source, EventKey.WithoutDate(single.Value), single, null));
                break;
            default:
                break;
        }

        var id = expressions.Read(reader.Required("id"), "id", Variables.Event);
        var also = new Dictionary<string, JmesPathExpression>();
        foreach (var (type, value) in reader.Entries("also"))
        {
            Also.Add(type);
            if (expressions.Read(value, "also", Variables.Also) is { } expression)
            {
                also[type.Value] = expression;
            }
        }

        var gone = reader.Flag("gone");
        reader.RefuseOthers();
        return id is null ? null : new EventRule { Names = names, Id = id, EventSource = source, Gone = gone, Also = also };
    }
}
