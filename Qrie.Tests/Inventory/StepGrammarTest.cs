namespace Qrie.Tests.Inventory;

/// <summary>A fictional service for testing every key of the step grammar (catalog-format.md section 2).</summary>
public abstract class StepGrammarTest
{
    private protected const string Region = "eu-west-1";
    private protected const string Thing = "AWS::Demo::Thing";

    private protected static CollectorHarness Harness(string describe, string more = "") => new(Service($$"""
        - type: AWS::Demo::Thing
          list: { call: 'demo:ListThings', select: Things }
          id: Name
          {{more}}
          describe:
            {{describe}}
        """));

    private protected static string Service(string types) =>
        "service: demo\nname: Demo\nscope: regional\nresources:\n" + string.Join('\n', types.Split('\n').Select(line => "  " + line));

    private protected static string Things(params string[] names) =>
        $$"""{"Things": [{{string.Join(',', names.Select(name => $$"""{"Name": "{{name}}"}"""))}}]}""";
}
