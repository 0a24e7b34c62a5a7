using Qrie.Dynamo.Tables;
using YamlDotNet.RepresentationModel;

namespace Qrie.Tests.Stores.Dynamo;

/// <summary>The template in deploy/ makes the tables that the store makes itself.</summary>
public sealed class TableTemplateTests
{
    private static readonly YamlMappingNode s_resources = (YamlMappingNode)Template()["Resources"];

    public static TheoryData<string> Tables => [.. StoreTables.All.Select(table => table.Name)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table_of_the_template_is_that_of_the_store(string name)
    {
        var table = StoreTables.All.Single(t => t.Name == name);
        var request = TableMaker.RequestOf(table, name);
        var made = s_resources.Children.Values.Select(r => r["Properties"]).Single(p => Text(p, "TableName") == $"${{TablePrefix}}{name}");

        Text(made, "BillingMode").ShouldBe(request.BillingMode.Value);
        Text(made, "DeletionProtectionEnabled").ShouldBe("true");
        Text(made["PointInTimeRecoverySpecification"], "PointInTimeRecoveryEnabled").ShouldBe("true");
        ((YamlMappingNode)made).Children.ContainsKey("TimeToLiveSpecification").ShouldBe(table.Expires);
        Pairs(made, "AttributeDefinitions", "AttributeName", "AttributeType")
            .ShouldBe(request.AttributeDefinitions.Select(a => $"{a.AttributeName} {a.AttributeType.Value}"), ignoreOrder: true);
        Pairs(made, "KeySchema", "AttributeName", "KeyType").ShouldBe(request.KeySchema.Select(k => $"{k.AttributeName} {k.KeyType.Value}"));
        Indexes(made, "LocalSecondaryIndexes").ShouldBe((request.LocalSecondaryIndexes ?? []).Select(i =>
            $"{i.IndexName} {string.Join(' ', i.KeySchema.Select(k => k.AttributeName))} {i.Projection.ProjectionType.Value}"));
        Indexes(made, "GlobalSecondaryIndexes").ShouldBe((request.GlobalSecondaryIndexes ?? []).Select(i =>
            $"{i.IndexName} {string.Join(' ', i.KeySchema.Select(k => k.AttributeName))} {i.Projection.ProjectionType.Value}"));
    }

    [Fact]
    public void The_policy_permits_no_scan() =>
        ((YamlSequenceNode)s_resources["UseTables"]["Properties"]["PolicyDocument"]["Statement"][0]["Action"]).Select(a => a.ToString())
            .ShouldAllBe(action => action.StartsWith("dynamodb:", StringComparison.Ordinal) && !action.Contains("Scan") && !action.Contains('*'));

    private static YamlNode Template()
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Path.Combine(AppContext.BaseDirectory, "deploy", "qrie-dynamodb.yaml"));
        yaml.Load(text);
        return yaml.Documents[0].RootNode;
    }

    private static string? Text(YamlNode node, string name) =>
        ((YamlMappingNode)node).Children.TryGetValue(name, out var value) ? value.ToString() : null;

    private static IEnumerable<string> Pairs(YamlNode node, string list, string first, string second) =>
        ((YamlSequenceNode)node[list]).Select(one => $"{Text(one, first)} {Text(one, second)}");

    private static IEnumerable<string> Indexes(YamlNode table, string list) => !((YamlMappingNode)table).Children.TryGetValue(list, out var indexes)
        ? []
        : ((YamlSequenceNode)indexes).Select(index =>
            $"{Text(index, "IndexName")} {string.Join(' ', ((YamlSequenceNode)index["KeySchema"]).Select(k => Text(k, "AttributeName")))} "
            + Text(index["Projection"], "ProjectionType"));
}
