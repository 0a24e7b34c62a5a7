using System.Text.Json;
using Qrie.Domain.Catalog.Source;
using Qrie.JmesPath;
using Qrie.JmesPath.Typing;

namespace Qrie.Domain.Catalog.Typing;

/// <summary>Checks a policy's expressions and test cases against the collected shape of its type.</summary>
internal sealed class PolicyTyper(ExpressionChecker checker, ResourceShapes shapes, CatalogErrors errors)
{
    public void Check(PolicyDefinition policy, SourceMap file)
    {
        if (shapes.Find(policy.ResourceType) is not { } resource)
        {
            return;
        }

        var variables = Variables(policy);
        foreach (var expression in policy.Violation)
        {
            if (checker.Check(expression, resource, variables) == JmesType.Number)
            {
                checker.Report(expression, "The violation is a number, which is always true, 0 included.", "Compare it: '… > `0`'.");
            }
        }

        Check(policy.Applies, resource, variables);
        foreach (var place in policy.FixPlaces)
        {
            checker.Check(place, resource, variables);
        }

        if (policy.Evidence is not null && Shapes.IsList(checker.Check(policy.Evidence, resource, variables)))
        {
            checker.Report(policy.Evidence, "The evidence is a list.", "Evidence is an object: '{name: …}'.");
        }

        foreach (var lookup in policy.Lookups)
        {
            checker.Check(lookup.EqualTo, resource, variables);
            checker.Check(lookup.Key, shapes.Of(lookup.Type), variables);
        }

        if (file.Find("tests")?.Value is SourceList tests)
        {
            CheckTests(tests, resource, policy);
        }
    }

    /// <summary>The types of the variables bound in a policy.</summary>
    internal static Dictionary<string, JmesType> Variables(IReadOnlyDictionary<string, JsonElement> parameters)
    {
        var variables = new Dictionary<string, JmesType>
        {
            ["account"] = JmesType.String,
            ["partition"] = JmesType.String,
            ["region"] = JmesType.String,
            ["arn"] = JmesType.String,
            ["now"] = JmesType.Timestamp,
            ["tags"] = JmesType.Map(JmesType.String),
        };
        foreach (var (name, value) in parameters)
        {
            variables[name] = Shapes.Of(value);
        }

        return variables;
    }

    private Dictionary<string, JmesType> Variables(PolicyDefinition policy)
    {
        var variables = Variables(policy.Params);
        foreach (var lookup in policy.Lookups)
        {
            variables[lookup.Name] = JmesType.List(shapes.Of(lookup.Type));
        }

        return variables;
    }

    private void CheckTests(SourceList tests, JmesType resource, PolicyDefinition policy)
    {
        foreach (var test in tests.Items.OfType<SourceMap>())
        {
            if (test.Find("config")?.Value is { } config)
            {
                CheckValue(config, resource);
            }

            foreach (var (name, found) in (test.Find("related")?.Value as SourceMap)?.Entries ?? [])
            {
                if (policy.Lookups.FirstOrDefault(lookup => lookup.Name == name.Value) is { } lookup)
                {
                    CheckValue(found, JmesType.List(shapes.Of(lookup.Type)));
                }
            }
        }
    }

    /// <summary>A case with attributes that no resource has proves nothing.</summary>
    private void CheckValue(SourceNode value, JmesType type)
    {
        if (type == JmesType.Any)
        {
            return;
        }

        switch (value)
        {
            case SourceMap map:
                foreach (var (key, member) in map.Entries)
                {
                    var (memberType, reason) = Shapes.Member(type, key.Value);
                    if (memberType is null)
                    {
                        errors.Add(key, $"No such resource exists: {reason}", "Write the case in the shape of AWS's response.");
                    }
                    else
                    {
                        CheckValue(member, memberType);
                    }
                }

                break;
            case SourceList list:
                list.Items.ForEach(item => CheckValue(item, Shapes.Row(type)));
                break;
            default:
                break;
        }
    }

    private void Check(JmesPathExpression? expression, JmesType root, Dictionary<string, JmesType> variables)
    {
        if (expression is not null)
        {
            checker.Check(expression, root, variables);
        }
    }
}
