using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Qrie.JmesPath;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Qrie.Tests.Catalog.CloudTrail;

/// <summary>A CloudTrail record of the YAML files in this folder, with the affected resources.</summary>
/// <param name="File">The file name without extension.</param>
/// <param name="Name">The described change.</param>
/// <param name="Record">The record in CloudTrail's format.</param>
/// <param name="Expected">Ids by type, <c>*</c> for every stored one.</param>
/// <param name="Gone">The types whose resource is expected not to exist any more.</param>
internal sealed record CloudTrailCase(
    string File, string Name, JsonObject Record, IReadOnlyDictionary<string, IReadOnlyList<string>> Expected, IReadOnlyList<string> Gone)
{
    private static readonly string[] _own = ["name", "expect", "gone"];

    public static IReadOnlyList<CloudTrailCase> All { get; } =
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Catalog", "CloudTrail"), "*.yaml").Order(StringComparer.Ordinal).SelectMany(Read)];

    public JmesValue Value => JmesValue.FromElement(JsonSerializer.SerializeToElement(Record));

    public string EventName => Record["eventName"]!.GetValue<string>();

    public string EventSource => Record["eventSource"]!.GetValue<string>();

    private static IEnumerable<CloudTrailCase> Read(string path)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(System.IO.File.ReadAllText(path)));
        var root = (JsonObject)ToJson(yaml.Documents[0].RootNode)!;
        foreach (var one in root["cases"]!.AsArray().Select(node => node!.AsObject()))
        {
            var record = (JsonObject)root["record"]!.DeepClone();
            foreach (var (name, value) in one.Where(member => !_own.Contains(member.Key)))
            {
                record[name] = value?.DeepClone();
            }

            yield return new CloudTrailCase(
                Path.GetFileNameWithoutExtension(path), one["name"]!.GetValue<string>(), record,
                one["expect"]!.AsObject().ToDictionary(member => member.Key, member => Texts(member.Value)), Texts(one["gone"]));
        }
    }

    private static IReadOnlyList<string> Texts(JsonNode? node) => node switch
    {
        null => [],
        JsonArray list => [.. list.Select(item => item!.GetValue<string>())],
        _ => [node.GetValue<string>()],
    };

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, ToJson(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain } plain when long.TryParse(plain.Value, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new InvalidOperationException($"{node.NodeType} is no part of a record."),
    };
}
