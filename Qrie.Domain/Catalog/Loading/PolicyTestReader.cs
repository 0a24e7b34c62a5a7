using System.Text.Json;
using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>Reads the test cases of a policy file.</summary>
internal sealed class PolicyTestReader(CatalogErrors errors)
{
    public IReadOnlyList<PolicyTest> Read(MapReader policy, IEnumerable<string> parameters)
    {
        switch (policy.Node("tests"))
        {
            case null:
                errors.Add(policy.Map, "The policy has no tests.", "Add 'tests:' with at least one case that passes and one that fails.");
                return [];
            case SourceList list:
                var before = errors.Count;
                var tests = new List<PolicyTest>();
                foreach (var item in list.Items)
                {
                    if (MapReader.From(item, "a test", errors) is { } reader && ReadTest(reader, parameters.ToHashSet()) is { } test)
                    {
                        if (tests.Exists(other => other.Name == test.Name))
                        {
                            errors.Add(item, $"Two tests are named '{test.Name}'.", "Say what distinguishes them.");
                        }

                        tests.Add(test);
                    }
                }

                if (errors.Count == before && (!tests.Exists(test => test.Expect == "pass") || !tests.Exists(test => test.Expect == "fail")))
                {
                    errors.Add(list, "The tests must hold a case that passes and one that fails.", "A policy that is never seen failing proves nothing.");
                }

                return tests;
            case var other:
                errors.Add(other, "'tests' must be a list.", "Write '- name: …' below it.");
                return [];
        }
    }

    private PolicyTest? ReadTest(MapReader reader, HashSet<string> parameters)
    {
        var before = errors.Count;
        var name = reader.RequiredText("name");
        var expect = reader.RequiredText("expect");
        RefuseVerdict(reader.Node("expect"), expect);
        var config = reader.Required("config");
        var json = config is null ? default : SourceJson.Convert(config, errors);
        if (config is not (null or SourceMap))
        {
            errors.Add(config, "'config' must be a map: the resource as it is stored.", "Write 'config: {}' for a resource without attributes.");
        }
        else if (config is not null)
        {
            RefusePlaces(config);
        }

        foreach (var (key, _) in reader.Entries("params"))
        {
            if (!parameters.Contains(key.Value))
            {
                errors.Add(key, $"The policy has no parameter '{key.Value}'.", "Name one of its 'params'.");
            }
        }

        foreach (var (_, value) in reader.Entries("absent"))
        {
            RefuseVerdict(value, (value as SourceScalar)?.Value);
        }

        var test = new PolicyTest
        {
            Name = name ?? "",
            Expect = expect ?? "",
            Config = json,
            Params = reader.JsonMap("params"),
            Tags = reader.TextMap("tags"),
            Partition = reader.Text("partition"),
            Unknown = reader.TextMap("unknown"),
            Absent = reader.TextMap("absent"),
            DecidedWithout = reader.Texts("decided_without"),
            Related = ReadRelated(reader),
        };
        reader.RefuseOthers();
        return errors.Count == before ? test : null;
    }

    private Dictionary<string, IReadOnlyList<JsonElement>> ReadRelated(MapReader reader)
    {
        var related = new Dictionary<string, IReadOnlyList<JsonElement>>();
        foreach (var (name, value) in reader.Entries("related"))
        {
            if (value is SourceList list)
            {
                related[name.Value] = [.. list.Items.Select(item => SourceJson.Convert(item, errors))];
            }
            else
            {
                errors.Add(value, "'related' names lists of configurations.", $"Write '{name.Value}: [{{…}}]'.");
            }
        }

        return related;
    }

    private void RefuseVerdict(SourceNode? node, string? verdict)
    {
        if (node is not null && verdict is not (null or "pass" or "fail" or "not_applicable" or "unknown"))
        {
            errors.Add(node, $"'{verdict}' is not a verdict.", "Write pass, fail, not_applicable or unknown.");
        }
    }

    private void RefusePlaces(SourceNode node)
    {
        switch (node)
        {
            case SourceMap map:
                map.Entries.ForEach(entry => RefusePlaces(entry.Value));
                break;
            case SourceList list:
                list.Items.ForEach(RefusePlaces);
                break;
            case SourceScalar scalar when RelativeTime.FindBroken(scalar.Value) is { } broken:
                errors.Add(scalar, $"'{broken}' is not a time.", "Write '{now}', '{now-10d}', '{now+3h}' or '{now-5m}'.");
                break;
            default:
                break;
        }
    }
}
