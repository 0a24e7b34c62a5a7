using System.Text.Json;
using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads the step grammar shared by <c>list</c>, <c>one</c> and <c>describe</c> (catalog-format.md section 2).</summary>
internal sealed class StepReader(ExpressionReader expressions, CatalogErrors errors)
{
    private const int MaxChain = 5;
    private const int MaxNesting = 4;

    /// <summary>A step, a chain or an expression; null after an error.</summary>
    public CatalogSource? ReadSource(SourceNode? node, string what, int nesting = 0)
    {
        switch (node)
        {
            case null:
                return null;
            case SourceScalar text:
                return expressions.Read(text, what, Variables.Collection) is { } expression
                    ? new ExpressionSource { Expression = expression, Place = Place(text) }
                    : null;
            case SourceList list:
                return ReadChain(list, what, nesting);
            case SourceMap map:
                return ReadStep(new MapReader(map, $"the step of {what}", errors), what, nesting, null);
            default:
                throw new InvalidOperationException($"{node.GetType().Name} is not a source.");
        }
    }

    /// <summary>How to read one resource: a source, or a step without a call that modifies the last step of the list.</summary>
    public OneDefinition? ReadOne(SourceNode? node, CatalogSource? list)
    {
        if (node is not SourceMap map || map.Find("call") is not null)
        {
            return ReadSource(node, "one") is { } source ? new OneDefinition(source) : null;
        }

        var last = list is SourceChain chain ? chain.Links[^1] : list;
        if (last is not SourceStep listStep)
        {
            errors.Add(map, "A 'one' without a call changes the last step of 'list', and there is none.", "Give 'one' a call of its own.");
            return null;
        }

        var reader = new MapReader(map, "one", errors);
        var from = expressions.Read(reader.Node("from"), "from", Variables.Collection);
        return ReadStep(reader, "one", 0, listStep) is { } changed ? new OneDefinition(changed, from) : null;
    }

    public IReadOnlyList<AttributeDefinition> ReadDescribe(MapReader reader, int nesting)
    {
        var entries = reader.Entries("describe");
        if (entries.Count > 0 && nesting > MaxNesting)
        {
            errors.Add(entries[0].Key, $"'describe' is nested more than {MaxNesting} deep.", "Collect the inner part as a type of its own.");
            return [];
        }

        var attributes = new List<AttributeDefinition>();
        foreach (var (key, value) in entries)
        {
            if (key.Value == "_unknown")
            {
                errors.Add(key, "'_unknown' is where Qrie writes what could not be read.", "Give the attribute another name.");
            }
            else if (ReadSource(value, $"'{key.Value}'", nesting) is { } source)
            {
                attributes.Add(new AttributeDefinition(key.Value, source));
            }
        }

        return attributes;
    }

    private SourceChain? ReadChain(SourceList list, string what, int nesting)
    {
        if (list.Items.Count is 0 or > MaxChain)
        {
            errors.Add(list, $"The chain of {what} has {list.Items.Count} steps.", $"A chain has 1 to {MaxChain} steps.");
            return null;
        }

        var links = new List<CatalogSource>();
        foreach (var item in list.Items)
        {
            if (item is SourceList)
            {
                errors.Add(item, "A chain cannot hold a chain.", "Write its steps into the outer list.");
            }
            else if (ReadSource(item, what, nesting) is { } link)
            {
                links.Add(link);
            }
        }

        return links.Count == list.Items.Count ? new SourceChain { Links = links, Place = Place(list) } : null;
    }

    /// <summary>A step; with <paramref name="changed"/>, that step with the modifications given here.</summary>
    private SourceStep? ReadStep(MapReader reader, string what, int nesting, SourceStep? changed)
    {
        var before = errors.Count;
        var map = reader.Map;
        var call = ReadCall(reader);
        var parameters = ReadParameters(reader);
        var describe = ReadDescribe(reader, nesting + 1);
        var with = changed is null ? parameters : Merge(changed.With, parameters);
        var step = new SourceStep
        {
            Place = Place(map),
            Call = call ?? changed?.Call,
            With = with,
            ReadsNoRow = with.All(ReadsNoRow),
            Select = Expression(reader, "select", Variables.Collection) ?? changed?.Select,
            Absent = reader.Map.Find("absent") is null && changed is not null ? changed.Absent : ReadAbsent(reader),
            When = Expression(reader, "when", Variables.Collection),
            Unless = Expression(reader, "unless", Variables.Collection),
            Match = ReadMatch(reader),
            Batch = reader.Number("batch", 1, 1000) ?? changed?.Batch,
            At = Expression(reader, "at", Variables.Collection) ?? changed?.At,
            Until = Expression(reader, "until", Variables.Collection),
            Repeat = reader.Flag("repeat"),
            Limit = reader.Number("limit", 1, 1_000_000),
            Describe = describe.Count == 0 && changed is not null ? changed.Describe : describe,
            DescribePlan = describe.Count == 0 ? changed?.DescribePlan : DescribePlan.Build(describe, map, errors),
        };
        reader.RefuseOthers();
        RefuseNonsense(step, map, what);
        return errors.Count == before ? step : null;
    }

    private void RefuseNonsense(SourceStep step, SourceMap map, string what)
    {
        if (step.Call is not null)
        {
            return;
        }

        foreach (var key in new[] { "with", "absent", "match", "batch", "at", "until", "repeat", "unless" })
        {
            if (map.Find(key) is { } entry)
            {
                errors.Add(entry.Key, $"'{key}' needs a call, and the step of {what} has none.", "Add 'call: service:Operation'.");
            }
        }
    }

    private ServiceOperation? ReadCall(MapReader reader)
    {
        if (reader.Text("call") is not { } text)
        {
            return null;
        }

        var parts = text.Split(':');
        if (parts is [{ Length: > 0 } service, { Length: > 0 } operation] && char.IsAsciiLetterUpper(operation[0]))
        {
            return new ServiceOperation(service, operation);
        }

        errors.Add(reader.Node("call")!, $"'{text}' is not a call.", "Write 'service:Operation', for example 's3:ListBuckets'.");
        return null;
    }

    private List<StepParameter> ReadParameters(MapReader reader)
    {
        var parameters = new List<StepParameter>();
        foreach (var (key, value) in reader.Entries("with"))
        {
            // Numbers, booleans, null, lists and maps are literals, including their contents; any other string is an expression.
            var literal = value is not SourceScalar { } scalar
                || (scalar.Form is ScalarForm.Plain
                    && (scalar.Value is "true" or "false" || PlainText.IsNull(scalar.Value) || PlainText.IsNumber(scalar.Value)));
            if (literal)
            {
                parameters.Add(new StepParameter(key.Value, null, SourceJson.Convert(value, errors)));
            }
            else if (expressions.Read(value, key.Value, Variables.Collection) is { } expression)
            {
                parameters.Add(new StepParameter(key.Value, expression, default));
            }
        }

        return parameters;
    }

    private static bool ReadsNoRow(StepParameter parameter)
    {
        var reads = parameter.Expression?.Reads();
        return reads is null || (!reads.Whole && reads.Members.Count == 0 && Variables.Unit.Names.IsSupersetOf(reads.Variables));
    }

    private static List<StepParameter> Merge(IReadOnlyList<StepParameter> list, IReadOnlyList<StepParameter> changes)
    {
        var merged = list.Where(parameter => !changes.Any(change => change.Name == parameter.Name)).ToList();
        merged.AddRange(changes.Where(change => change.Expression is not null || change.Literal.ValueKind is not JsonValueKind.Null));
        return merged;
    }

    private List<AbsentError> ReadAbsent(MapReader reader)
    {
        var absent = new List<AbsentError>();
        switch (reader.Node("absent"))
        {
            case null:
                break;
            case SourceMap map:
                Add(map);
                break;
            case SourceList list:
                list.Items.ForEach(Add);
                break;
            case var single:
                Add(single);
                break;
        }

        return absent;

        void Add(SourceNode node)
        {
            switch (node)
            {
                case SourceScalar { Value.Length: > 0 } code:
                    absent.Add(new AbsentError(code.Value, null));
                    break;
                case SourceMap map when map.Entries.TrueForAll(entry => entry.Value is SourceScalar):
                    absent.AddRange(map.Entries.Select(entry => new AbsentError(entry.Key.Value, ((SourceScalar)entry.Value).Value)));
                    break;
                default:
                    errors.Add(node, "'absent' holds error codes.", "Write a code, or 'Code: text*' to match the message too.");
                    break;
            }
        }
    }

    private MatchKeys? ReadMatch(MapReader reader)
    {
        switch (reader.Node("match"))
        {
            case null:
                return null;
            case SourceList { Items: [SourceScalar mine, SourceScalar theirs] }:
                return expressions.Read(mine, "match", Variables.Collection) is { } left && expressions.Read(theirs, "match", Variables.Answer) is { } right
                    ? new MatchKeys(left, right)
                    : null;
            case var other:
                errors.Add(other, "'match' must be two expressions.", "Write 'match: [key of the resource, key of the response's row]'.");
                return null;
        }
    }

    private JmesPathExpression? Expression(MapReader reader, string key, VariableSet variables) => expressions.Read(reader.Node(key), key, variables);

    private static string Place(SourceNode node) => $"{node.File}({node.Line})";
}
