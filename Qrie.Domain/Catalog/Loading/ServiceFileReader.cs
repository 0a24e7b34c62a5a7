using System.Text.RegularExpressions;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Catalog.Source;
using Qrie.Domain.Catalog.Typing;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads a file of <c>catalog/services</c>.</summary>
/// <param name="expressions">Parses its expressions.</param>
/// <param name="names">CloudTrail's event names.</param>
/// <param name="shapes">The types of AWS operations; null if unknown.</param>
/// <param name="errors">Receives the errors.</param>
internal sealed partial class ServiceFileReader(ExpressionReader expressions, CloudTrailNames names, IOperationShapes? shapes, CatalogErrors errors)
{
    private readonly StepReader _steps = new(expressions, errors);
    private readonly EventRuleReader _events = new(expressions, errors);
    private readonly EventChecker? _eventChecker = shapes is null ? null : new EventChecker(shapes, names, errors);
    private readonly Dictionary<ResourceTypeDefinition, SourceNode> _places = [];

    /// <summary>The position of a type.</summary>
    public SourceNode PlaceOf(ResourceTypeDefinition type) => _places[type];

    /// <summary>The types that event rules of all files name under <c>also</c>.</summary>
    public IReadOnlyList<SourceScalar> AlsoTypes => _events.Also;

    /// <summary>Null if the file is too broken to continue.</summary>
    /// <param name="root">The document.</param>
    /// <param name="isChecked">Its events were compared with the models before.</param>
    public ServiceDefinition? Read(SourceNode root, bool isChecked)
    {
        if (MapReader.From(root, "a service file", errors) is not { } reader)
        {
            return null;
        }

        var key = reader.RequiredText("service");
        var name = reader.RequiredText("name");
        var scope = ReadScope(reader) ?? ResourceScope.Regional;
        if (reader.Node("scope") is null)
        {
            errors.Add(reader.Map, "A service file has no 'scope'.", "Add 'scope: regional' or 'scope: global'.");
        }

        var home = reader.Text("home");
        var secret = ReadPaths(reader, "secret");
        var plain = ReadPaths(reader, "plain");
        var apis = reader.Texts("apis");
        _events.Begin();
        var types = ReadTypes(reader, key ?? "", scope);
        var irrelevant = _events.ReadIrrelevant(reader);
        reader.RefuseOthers();
        RefuseKey(reader, key);
        if (key is null)
        {
            return null;
        }

        // Kept even without a name, so that its policies are not reported for a missing type.
        apis = apis is [] ? [key] : apis;
        var source = names.SourceOf(apis[0], shapes?.SigningNameOf(apis[0]));
        var service = new ServiceDefinition
        {
            Key = key,
            Name = name ?? "",
            Scope = scope,
            Home = home,
            Apis = apis,
            EventSource = source,
            Resources = types,
            Irrelevant = irrelevant.DistinctBy(KeyOf).ToDictionary(KeyOf, stated => stated.Reason!),
            SecretPaths = secret,
            PlainPaths = plain,
        };
        if (!isChecked)
        {
            _eventChecker?.Check(service, _events.Stated, reader.Node("apis") ?? reader.Map);
        }

        return service;

        EventKey KeyOf(DeclaredEvent stated) => new(stated.Source ?? source, stated.Name);
    }

    private void RefuseKey(MapReader reader, string? key)
    {
        if (key is not null && !Key().IsMatch(key))
        {
            errors.Add(
                reader.Node("service")!, $"'{key}' cannot be a service key.", "Use small letters, digits and hyphens; it becomes part of account_service.");
        }
    }

    private List<ResourceTypeDefinition> ReadTypes(MapReader reader, string service, ResourceScope scope)
    {
        var types = new List<ResourceTypeDefinition>();
        switch (reader.Required("resources"))
        {
            case null:
                break;
            case SourceList list:
                foreach (var item in list.Items)
                {
                    if (MapReader.From(item, "a resource type", errors) is { } map && ReadType(map, service, scope) is { } type)
                    {
                        types.Add(type);
                    }
                }

                break;
            case var other:
                errors.Add(other, "'resources' must be a list of types.", "Write '- type: AWS::Service::Noun' below it.");
                break;
        }

        return types;
    }

    private ResourceTypeDefinition? ReadType(MapReader reader, string service, ResourceScope defaultScope)
    {
        var name = reader.RequiredText("type");
        var scope = ReadScope(reader) ?? defaultScope;
        var list = _steps.ReadSource(reader.Node("list"), "list");
        var singleton = reader.Map.Find("list") is null;
        var region = Expression(reader, "region", Variables.Collection);
        var arn = expressions.ReadTemplate(reader.Node("arn"), "arn", Variables.Collection);
        var where = Expression(reader, "where", Variables.Collection);
        var id = Expression(reader, "id", Variables.Collection);
        var describe = _steps.ReadDescribe(reader, 0);
        var type = new ResourceTypeDefinition
        {
            Type = name ?? "",
            Service = service,
            Scope = scope,
            Aliases = reader.Texts("aliases"),
            List = list,
            One = _steps.ReadOne(reader.Node("one"), list),
            Where = where,
            Id = id,
            Arn = arn,
            Region = region,
            Describe = describe,
            Plan = DescribePlan.Build(describe, reader.Map, errors, region, arn),
            Tags = Expression(reader, "tags", Variables.Collection),
            Volatile = reader.Texts("volatile"),
            Settled = Expression(reader, "settled", Variables.Resource),
            Summary = ReadSummary(reader),
            Console = expressions.ReadTemplate(reader.Node("console"), "console", Variables.Resource),
            Events = _events.ReadRules(reader),
        };
        reader.RefuseOthers();
        CheckType(type, reader, singleton);
        _places[type] = reader.Node("type") ?? reader.Map;
        return name is null ? null : type;
    }

    private void CheckType(ResourceTypeDefinition type, MapReader reader, bool singleton)
    {
        var node = reader.Node("type") ?? reader.Map;
        foreach (var name in type.Aliases.Prepend(type.Type).Where(name => name.Length > 0 && !TypeName().IsMatch(name)))
        {
            errors.Add(node, $"'{name}' is not the name of a resource type.", "Write 'AWS::Service::Noun' as CloudFormation does.");
        }

        if (singleton)
        {
            foreach (var key in new[] { "one", "where", "id", "region" })
            {
                if (reader.Map.Find(key) is { } entry)
                {
                    errors.Add(entry.Key, $"A type without 'list' is a singleton, which has no '{key}'.", $"Add 'list:' or leave out '{key}'.");
                }
            }

            var noun = type.Scope is ResourceScope.Global ? "Account" : "Region";
            if (type.Type.Length > 0 && !type.Type.EndsWith("::" + noun, StringComparison.Ordinal))
            {
                errors.Add(node, $"A {type.Scope.ToString().ToLowerInvariant()} type without 'list' is named '…::{noun}'.", $"Rename it, or add 'list:'.");
            }
        }
        else if (reader.Map.Find("id") is null)
        {
            errors.Add(node, $"{type.Type} has no 'id'.", "Add 'id:', an expression over the list's rows.");
        }

        if (type.Id is not null)
        {
            var late = type.Id.Reads().Members.Where(member => type.Describe.Any(attribute => attribute.Name == member)).ToList();
            if (late.Count > 0)
            {
                errors.Add(reader.Node("id")!, $"'id' reads '{late[0]}', which is described only later.", "Use what the list's rows hold.");
            }
        }
    }

    private ResourceSummary ReadSummary(MapReader reader)
    {
        if (MapReader.From(reader.Node("summary"), "summary", errors) is not { } summary)
        {
            return new ResourceSummary();
        }

        var result = new ResourceSummary(
            Expression(summary, "name", Variables.Resource), Expression(summary, "state", Variables.Resource),
            Expression(summary, "created", Variables.Resource));
        summary.RefuseOthers();
        return result;
    }

    private ResourceScope? ReadScope(MapReader reader)
    {
        switch (reader.Text("scope"))
        {
            case null:
                return null;
            case "regional":
                return ResourceScope.Regional;
            case "global":
                return ResourceScope.Global;
            case var other:
                errors.Add(reader.Node("scope")!, $"'{other}' is not a scope.", "Write 'regional' or 'global'.");
                return null;
        }
    }

    private Dictionary<string, IReadOnlyList<string>> ReadPaths(MapReader reader, string key)
    {
        var paths = new Dictionary<string, IReadOnlyList<string>>();
        if (MapReader.From(reader.Node(key), key, errors) is { } map)
        {
            foreach (var (operation, _) in map.Map.Entries)
            {
                paths[operation.Value] = map.Texts(operation.Value);
            }
        }

        return paths;
    }

    private JmesPathExpression? Expression(MapReader reader, string key, VariableSet variables) => expressions.Read(reader.Node(key), key, variables);

    [GeneratedRegex("^[a-z][a-z0-9-]*$")]
    private static partial Regex Key();

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*::[A-Z][A-Za-z0-9]*::[A-Z][A-Za-z0-9]*$")]
    private static partial Regex TypeName();
}
