using Qrie.Aws.Api;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

/// <summary>Consecutive steps: chains, <c>until</c> and <c>repeat</c>.</summary>
public sealed class StepGrammarChainTests : StepGrammarTest
{
    [Fact]
    public async Task A_chain_of_lists_keeps_values_of_parents()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Stage
              list: [{ call: 'demo:ListApis', select: Apis }, { call: 'demo:ListStages', with: { Api: Id }, select: 'Stages[].merge(@, {Api: $row.Id})' }]
              id: join('/', [Api, Name])
            """));
        harness.Aws.On("demo:ListApis", """{"Apis": [{"Id": "x"}, {"Id": "y"}]}""")
            .On("demo:ListStages", """{"Stages": [{"Name": "dev"}, {"Name": "prod"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.Select(resource => resource.Id).ShouldBe(["x/dev", "x/prod", "y/dev", "y/prod"], ignoreOrder: true);
        collected.Resources.ShouldAllBe(resource => resource.DescribeTime == FakeAws.Start);
    }

    [Fact]
    public async Task A_failing_parent_makes_the_list_incomplete_and_keeps_the_rows_of_others()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Stage
              list: [{ call: 'demo:ListApis', select: Apis }, { call: 'demo:ListStages', with: { Api: Id }, select: Stages }]
              id: Name
            """));
        harness.Aws.On("demo:ListApis", """{"Apis": [{"Id": "x"}, {"Id": "y"}]}""")
            .On("demo:ListStages", call => call.Text("Api") == "x" ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied") : """{"Stages": [{"Name": "dev"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("dev");
        (collected.End("AWS::Demo::Stage").Outcome, collected.End("AWS::Demo::Stage").ErrorCode).ShouldBe((ListOutcome.Incomplete, "AccessDenied"));
    }

    [Fact]
    public async Task A_link_that_reads_an_unknown_attribute_of_its_parent_makes_the_list_incomplete()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Stage
              list:
                - { call: 'demo:ListApis', select: Apis, describe: { Kind: { call: 'demo:GetKind', with: { Api: Id }, select: Kind } } }
                - { when: "Kind == 'http'", call: 'demo:ListStages', with: { Api: Id }, select: Stages }
              id: Name
            """));
        harness.Aws.On("demo:ListApis", """{"Apis": [{"Id": "x"}, {"Id": "y"}]}""")
            .On("demo:GetKind", call => call.Text("Api") == "x" ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied") : """{"Kind": "http"}""")
            .On("demo:ListStages", """{"Stages": [{"Name": "dev"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("dev");
        (collected.End("AWS::Demo::Stage").Outcome, collected.End("AWS::Demo::Stage").ErrorCode).ShouldBe((ListOutcome.Incomplete, "AccessDenied"));
    }

    [Fact]
    public async Task Repeat_in_describe_returns_the_levels_in_order()
    {
        var harness = Harness("Units: { repeat: true, call: 'demo:ListUnits', with: { Parent: Name }, select: Units }");
        harness.Aws.On("demo:ListThings", Things("a"))
            .On(
                "demo:ListUnits",
                call => call.Text("Parent")!.Length < 3
                    ? $$"""{"Units": [{"Name": "{{call.Text("Parent")}}1"}, {"Name": "{{call.Text("Parent")}}2"}]}"""
                    : "{}");

        var units = (await harness.CollectAsync("demo", Region))["a"].Configuration.GetProperty("Units");

        units.EnumerateArray().Select(unit => unit.GetProperty("Name").GetString()).ShouldBe(["a1", "a2", "a11", "a12", "a21", "a22"]);
    }

    [Fact]
    public async Task A_batch_in_a_chain_contains_rows_of_one_parent()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Task
              list:
                - { call: 'demo:ListClusters', select: Clusters }
                - { call: 'demo:ListTasks', with: { Cluster: '@' }, select: 'Tasks[].{task: @, cluster: $row}' }
                - { batch: 2, call: 'demo:DescribeTasks', with: { Cluster: '[0].cluster', Tasks: '[].task', Include: [TAGS] }, select: Tasks }
              one: { from: '{task: $id, cluster: ''c1''}' }
              id: Id
            """));
        harness.Aws.On("demo:ListClusters", """{"Clusters": ["c1", "c2"]}""").On("demo:ListTasks", """{"Tasks": ["t1", "t2", "t3"]}""")
            .On("demo:DescribeTasks", call =>
            {
                var tasks = call.Parameters.GetProperty("Tasks").EnumerateArray();
                return $$"""{"Tasks": [{{string.Join(',', tasks.Select(task => $$"""{"Id": "{{call.Text("Cluster")}}-{{task.GetString()}}"}"""))}}]}""";
            });

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.Select(resource => resource.Id).ShouldBe(["c1-t1", "c1-t2", "c1-t3", "c2-t1", "c2-t2", "c2-t3"], ignoreOrder: true);
        harness.Aws.CountOf("demo:DescribeTasks").ShouldBe(4);
        harness.Aws.Calls.First(call => call.Operation == "DescribeTasks").Text("Include").ShouldBe("""["TAGS"]""");
        (await harness.CollectOneAsync("demo", "AWS::Demo::Task", "t2", Region)).ShouldBeOfType<SingleCollectionResult.Found>().Resource.Id.ShouldBe("c1-t2");
    }

    [Fact]
    public async Task A_chain_in_describe_maps_lists_and_passes_objects_through()
    {
        var harness = Harness("""
            Groups: [{ call: 'demo:ListGroups', with: { Thing: Name }, select: 'Groups[].{n: @, t: $row.Name}' },
                  { call: 'demo:DescribeGroup', with: { Thing: t, Group: n }, select: Group }]
                Report: [{ call: 'demo:Generate', until: Done }, { call: 'demo:GetReport', select: Rows, match: [Name, name] }]
            """);
        var polls = 0;
        harness.Aws.On("demo:ListThings", Things("a", "b")).On("demo:ListGroups", """{"Groups": ["g", "h"]}""")
            .On("demo:DescribeGroup", call => $$"""{"Group": {"Id": "{{call.Text("Thing") + call.Text("Group")}}"} }""")
            .On("demo:Generate", _ => polls++ < 2 ? "{}" : """{"Done": true}""").On("demo:GetReport", """{"Rows": [{"name": "a", "x": 1}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected["a"].Attribute("Groups").ShouldBe("""[{"Id":"ag"},{"Id":"ah"}]""");
        collected["a"].Attribute("Report").ShouldBe("""[{"name":"a","x":1}]""");
        harness.Aws.CountOf("demo:Generate").ShouldBe(3);
        harness.Aws.CountOf("demo:GetReport").ShouldBe(1);
    }

    [Fact]
    public async Task A_value_that_is_never_ready_is_unknown_after_a_minute()
    {
        var harness = Harness("Report: { call: 'demo:Generate', until: Done }");
        harness.Aws.On("demo:ListThings", Things("a"));

        (await harness.CollectAsync("demo", Region))["a"].Unknown["Report"].ShouldBe("NotReady");

        harness.Aws.CountOf("demo:Generate").ShouldBe(31);
    }

    [Fact]
    public async Task Repeat_reads_a_tree_to_its_leaves()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Unit
              list: [{ call: 'demo:ListRoots', select: Roots }, { repeat: true, call: 'demo:ListUnits', with: { Parent: Id }, select: Units }]
              id: Id
            """));
        harness.Aws.On("demo:ListRoots", """{"Roots": [{"Id": "r"}]}""")
            .On(
                "demo:ListUnits",
                call => call.Text("Parent")!.Length < 3 ? $$"""{"Units": [{"Id": "{{call.Text("Parent")}}1"}, {"Id": "{{call.Text("Parent")}}2"}]}""" : "{}");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.Select(resource => resource.Id).ShouldBe(["r1", "r2", "r11", "r12", "r21", "r22"], ignoreOrder: true);
        collected.End("AWS::Demo::Unit").Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Fact]
    public async Task An_endless_tree_is_truncated_and_incomplete()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Unit
              list: [{ call: 'demo:ListRoots', select: Roots }, { repeat: true, call: 'demo:ListUnits', with: { Parent: Id }, select: Units }]
              id: Id
            """));
        harness.Aws.On("demo:ListRoots", """{"Roots": [{"Id": "r"}]}""").On("demo:ListUnits", call => $$"""{"Units": [{"Id": "{{call.Text("Parent")}}x"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.Count.ShouldBe(10);
        (collected.End("AWS::Demo::Unit").Outcome, collected.End("AWS::Demo::Unit").ErrorCode).ShouldBe((ListOutcome.Incomplete, "Truncated"));
    }
}
