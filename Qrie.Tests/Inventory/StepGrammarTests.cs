using Qrie.Aws.Api;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

/// <summary>Every key of the step grammar (catalog-format.md section 2), on a service that does not exist.</summary>
public class StepGrammarTests
{
    private const string Region = "eu-west-1";

    [Fact]
    public async Task Match_is_called_once_and_each_resource_gets_its_rows()
    {
        var harness = Harness("Volumes: { call: 'demo:ListVolumes', select: Volumes, match: [Name, 'Attached[].To'] }");
        harness.Aws.On("demo:ListThings", Things("a", "b", "c"))
            .On("demo:ListVolumes", """{"Volumes": [{"Id": 1, "Attached": [{"To": "a"}, {"To": "b"}]}, {"Id": 2, "Attached": [{"To": "a"}]}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:ListVolumes").ShouldBe(1);
        collected["a"].Configuration.GetProperty("Volumes").GetArrayLength().ShouldBe(2);
        collected["b"].Attribute("Volumes").ShouldBe("""[{"Id":1,"Attached":[{"To":"a"},{"To":"b"}]}]""");
        collected["c"].Attribute("Volumes").ShouldBe("[]");
    }

    [Fact]
    public async Task Match_takes_lists_on_either_side_and_merges_the_first_under_a_star()
    {
        var harness = Harness("'*': { call: 'demo:ListDetails', select: Details, match: ['[Name, Other]', Key] }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "Other": "x"}]}""")
            .On("demo:ListDetails", """{"Details": [{"Key": "x", "Size": 7}, {"Key": "y", "Size": 8}]}""");

        (await harness.CollectAsync("demo", Region))["a"].Attribute("Size").ShouldBe("7");
    }

    [Fact]
    public async Task A_match_that_fails_makes_the_attribute_of_every_resource_unknown()
    {
        var harness = Harness("Volumes: { call: 'demo:ListVolumes', select: Volumes, match: [Name, To] }");
        harness.Aws.On("demo:ListThings", Things("a", "b")).Fails("demo:ListVolumes", AwsErrorKind.Denied, "UnauthorizedOperation");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldAllBe(resource => resource.Unknown["Volumes"] == "UnauthorizedOperation");
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Fact]
    public async Task Batch_with_match_asks_for_so_many_at_once()
    {
        var harness = Harness(
            "_Tags: { batch: 20, call: 'demo:DescribeTags', with: { Names: '[].Name' }, select: Tags, match: [Name, Of] }", "tags: '_Tags[0].Tags'");
        harness.Aws.On("demo:ListThings", Things([.. Enumerable.Range(0, 45).Select(i => $"t{i}")]))
            .On(
                "demo:DescribeTags",
                call => $$"""{"Tags": [{"Of": "t44", "Tags": [{"Key": "n", "Value": "{{call.Parameters.GetProperty("Names").GetArrayLength()}}"}]}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:DescribeTags").ShouldBe(3);
        collected["t44"].Tags.ShouldBe(new Dictionary<string, string> { ["n"] = "5" });
        collected["t0"].Tags.ShouldNotBeNull().ShouldBeEmpty();
        collected["t44"].Attribute("_Tags").ShouldBeNull();
    }

    [Fact]
    public async Task A_batch_with_one_bad_row_is_sent_again_one_by_one()
    {
        var harness = Harness("Info: { batch: 10, call: 'demo:DescribeInfo', with: { Names: '[].Name' }, select: Infos, match: [Name, Name] }");
        harness.Aws.On("demo:ListThings", Things("a", "bad", "c")).On("demo:DescribeInfo", call => call.Text("Names")!.Contains("bad", StringComparison.Ordinal)
            ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied")
            : $$"""{"Infos": [{"Name": {{call.Parameters.GetProperty("Names")[0].GetRawText()}}}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:DescribeInfo").ShouldBe(4);
        collected["a"].Attribute("Info").ShouldBe("""[{"Name":"a"}]""");
        collected["bad"].Unknown["Info"].ShouldBe("AccessDenied");
        collected["c"].Unknown.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_chain_of_lists_carries_its_parents_along()
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
    public async Task A_parent_that_fails_leaves_the_rows_of_the_others_and_the_list_incomplete()
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
    public async Task A_batch_in_a_chain_holds_rows_of_one_parent()
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
        (await harness.CollectOneAsync("demo", "AWS::Demo::Task", "t2", Region)).ShouldBeOfType<CollectedOne.Found>().Resource.Id.ShouldBe("c1-t2");
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
    public async Task What_is_never_ready_is_unknown_after_a_minute()
    {
        var harness = Harness("Report: { call: 'demo:Generate', until: Done }");
        harness.Aws.On("demo:ListThings", Things("a"));

        (await harness.CollectAsync("demo", Region))["a"].Unknown["Report"].ShouldBe("NotReady");

        harness.Aws.CountOf("demo:Generate").ShouldBe(31);
    }

    [Fact]
    public async Task Repeat_walks_a_tree_to_its_leaves()
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
    public async Task A_tree_without_end_is_cut_and_incomplete()
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

    [Fact]
    public async Task A_limit_keeps_the_first_rows_and_says_that_there_are_more()
    {
        var harness = Harness("Records: { call: 'demo:ListRecords', select: Records, limit: 2 }");
        harness.Aws.On("demo:ListThings", Things("a")).On("demo:ListRecords", """{"Records": [1, 2, 3]}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Attribute("Records").ShouldBe("[1,2]");
        resource.Unknown["Records"].ShouldBe("Truncated");
    }

    [Fact]
    public async Task A_limit_in_a_list_makes_it_incomplete()
    {
        var harness = new CollectorHarness(Service("- { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things, limit: 2 }, id: Name }"));
        harness.Aws.On("demo:ListThings", Things("a", "b", "c"));

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.Count.ShouldBe(2);
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Incomplete);
    }

    [Fact]
    public async Task Rows_inside_an_attribute_are_described_too_and_see_the_resource()
    {
        var harness = Harness("""
            Listeners: { call: 'demo:ListListeners', select: Listeners, describe: {
                  Rules: { when: $self.Type == 'web', call: 'demo:ListRules', with: { Listener: Id }, select: Rules }, Count: length(Rules) } }
            """);
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "Type": "web"}, {"Name": "b", "Type": "net"}]}""")
            .On("demo:ListListeners", """{"Listeners": [{"Id": "l1"}, {"Id": "l2"}]}""")
            .On("demo:ListRules", call => $$"""{"Rules": ["{{call.Text("Listener")}}-r"]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected["a"].Attribute("Listeners").ShouldBe("""[{"Id":"l1","Rules":["l1-r"],"Count":1},{"Id":"l2","Rules":["l2-r"],"Count":1}]""");
        harness.Aws.CountOf("demo:ListRules").ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_deeper_down_makes_the_attribute_unknown_and_keeps_what_is_known()
    {
        var harness = Harness(
            "Listeners: { call: 'demo:ListListeners', select: Listeners, "
            + "describe: { Rules: { call: 'demo:ListRules', with: { Listener: Id }, select: Rules } } }");
        harness.Aws.On("demo:ListThings", Things("a")).On("demo:ListListeners", """{"Listeners": [{"Id": "l1"}, {"Id": "l2"}]}""")
            .On("demo:ListRules", call => call.Text("Listener") == "l1" ? FakeAws.Error(AwsErrorKind.Denied, "AccessDenied") : """{"Rules": ["r"]}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Unknown.ShouldBe(new Dictionary<string, string> { ["Listeners"] = "AccessDenied" });
        resource.Attribute("Listeners").ShouldBe("""[{"Id":"l1"},{"Id":"l2","Rules":["r"]}]""");
    }

    [Fact]
    public async Task Steps_inside_go_where_the_step_around_them_went()
    {
        var harness = Harness(
            "Trails: { call: 'demo:ListTrails', at: Home, select: Trails, "
            + "describe: { Status: { call: 'demo:GetStatus', with: { Name: Name } }, Far: { at: Elsewhere, call: 'demo:GetFar' } } }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "Home": "us-west-2"}]}""")
            .On("demo:ListTrails", """{"Trails": [{"Name": "t", "Elsewhere": "ap-south-1"}]}""");

        await harness.CollectAsync("demo", Region);

        harness.Aws.Calls.Select(call => (call.Operation, call.Region)).ShouldBe(
            [("ListThings", Region), ("ListTrails", "us-west-2"), ("GetStatus", "us-west-2"), ("GetFar", "ap-south-1")], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_computed_from_the_unknown_is_unknown_with_its_code_and_not_called()
    {
        var harness = Harness("""
            Key: { call: 'demo:GetKey', with: { Name: Name }, select: Key }
                Policy: { when: Key.Custom, call: 'demo:GetPolicy', with: { Key: Name } }
                Alias: { call: 'demo:GetAlias', with: { Key: Key.Id } }
                Upper: upper(Key.Id)
                Plain: upper(Name)
            """);
        harness.Aws.On("demo:ListThings", Things("a")).Fails("demo:GetKey", AwsErrorKind.Denied, "AccessDenied");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Unknown.ShouldBe(new[] { "Alias", "Key", "Policy", "Upper" }.ToDictionary(name => name, _ => "AccessDenied"), ignoreOrder: true);
        resource.Attribute("Plain").ShouldBe("\"A\"");
        harness.Aws.Calls.Select(call => call.Operation).ShouldBe(["ListThings", "GetKey"]);
    }

    [Fact]
    public async Task When_the_merged_answer_fails_every_attribute_that_is_not_there_is_unknown()
    {
        var harness = Harness("""
            '*': { call: 'demo:DescribeThing', with: { Name: Name } }
                Rotation: { when: Manager == 'CUSTOMER', call: 'demo:GetRotation', with: { Name: Name } }
                Tags: { call: 'demo:ListTags', with: { Name: Name }, select: Tags }
            """);
        harness.Aws.On("demo:ListThings", Things("a")).Fails("demo:DescribeThing", AwsErrorKind.Denied, "AccessDenied")
            .On("demo:ListTags", """{"Tags": {"x": "y"}}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Unknown.ShouldBe(new Dictionary<string, string> { ["*"] = "AccessDenied", ["Rotation"] = "AccessDenied" });
        resource.Attribute("_unknown").ShouldBe("""{"*":"AccessDenied","Rotation":"AccessDenied"}""");
        resource.Tags.ShouldBe(new Dictionary<string, string> { ["x"] = "y" });
    }

    [Fact]
    public async Task An_attribute_waits_for_the_merged_answer_that_it_reads()
    {
        var harness = Harness("""
            Rotation: { when: Manager == 'CUSTOMER', call: 'demo:GetRotation', with: { Name: Name } }
                '*': { call: 'demo:DescribeThing', with: { Name: Name } }
            """);
        harness.Aws.On("demo:ListThings", Things("a", "b"))
            .On("demo:DescribeThing", call => call.Text("Name") == "a" ? """{"Manager": "CUSTOMER"}""" : """{"Manager": "AWS"}""")
            .On("demo:GetRotation", """{"On": true}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected["a"].Attribute("Rotation").ShouldBe("""{"On":true}""");
        collected["b"].Attribute("Rotation").ShouldBeNull();
        collected["b"].Unknown.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_attribute_that_reads_its_own_name_changes_what_the_merged_answer_gave()
    {
        var harness = Harness("""
            Manager: lower(Manager || 'nobody')
                Listed: upper(Name)
                '*': { call: 'demo:DescribeThing', with: { Name: Name } }
            """);
        harness.Aws.On("demo:ListThings", Things("a", "b")).On("demo:DescribeThing", call => call.Text("Name") == "a" ? """{"Manager": "CUSTOMER"}""" : "{}");

        var collected = await harness.CollectAsync("demo", Region);

        collected["a"].Attribute("Manager").ShouldBe("\"customer\"");
        collected["b"].Attribute("Manager").ShouldBe("\"nobody\"");
        collected["a"].Attribute("Listed").ShouldBe("\"A\"");
    }

    [Fact]
    public async Task Absent_may_ask_for_the_message_too()
    {
        var harness = new CollectorHarness(Service(
            "- { type: 'AWS::Demo::Region', describe: { Session: { call: 'demo:GetSession', absent: [{ AccessDeniedException: '*not enabled*' }] } } }"));
        harness.Aws.Fails("demo:GetSession", AwsErrorKind.Denied, "AccessDeniedException", "Macie is not enabled.");
        (await harness.CollectAsync("demo", Region))[Region].Unknown.ShouldBeEmpty();

        harness.Aws.Fails("demo:GetSession", AwsErrorKind.Denied, "AccessDeniedException", "You may not.");
        (await harness.CollectAsync("demo", Region))[Region].Unknown["Session"].ShouldBe("AccessDeniedException");
    }

    [Fact]
    public async Task A_singleton_exists_even_when_nothing_is_enabled()
    {
        var harness = new CollectorHarness(Service("- { type: 'AWS::Demo::Region', describe: { Detectors: { call: 'demo:ListDetectors', select: Ids } } }"));

        var resource = (await harness.CollectAsync("demo", Region)).Resources.ShouldHaveSingleItem();

        (resource.Id, resource.Arn, resource.Region).ShouldBe((Region, $"arn:aws:demo:{Region}:123456789012:settings", Region));
        (await harness.CollectOneAsync("demo", "AWS::Demo::Region", Region, Region)).ShouldBeOfType<CollectedOne.Found>().Resource.Hash.ShouldBe(resource.Hash);
    }

    [Fact]
    public async Task A_singleton_of_a_service_that_is_not_offered_here_does_not_exist()
    {
        var harness = new CollectorHarness(Service("- { type: 'AWS::Demo::Region', describe: { Detectors: { call: 'demo:ListDetectors', select: Ids } } }"));
        harness.Aws.Fails("demo:ListDetectors", AwsErrorKind.RegionUnavailable, "EndpointNotFound");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldBeEmpty();
        (collected.End("AWS::Demo::Region").Outcome, collected.End("AWS::Demo::Region").ErrorCode).ShouldBe((ListOutcome.NotAvailable, "EndpointNotFound"));
    }

    [Fact]
    public async Task Rows_that_where_refuses_do_not_exist_and_are_not_described()
    {
        var harness = Harness("Data: { call: 'demo:GetData', with: { Name: Name } }", "where: State != 'terminated'");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "State": "running"}, {"Name": "b", "State": "terminated"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        harness.Aws.CountOf("demo:GetData").ShouldBe(1);
        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<CollectedOne.Gone>();
    }

    [Fact]
    public async Task Where_may_read_what_is_described()
    {
        var harness = Harness("Data: { call: 'demo:GetData', with: { Name: Name } }", "where: Data.Mine");
        harness.Aws.On("demo:ListThings", Things("a", "b")).On("demo:GetData", call => call.Text("Name") == "a" ? """{"Mine": true}""" : "{}");

        (await harness.CollectAsync("demo", Region)).Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
    }

    [Fact]
    public async Task A_row_without_an_id_is_left_out_and_the_list_incomplete()
    {
        var harness = Harness("Data: { call: 'demo:GetData' }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a"}, {"Title": "b"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Incomplete);
    }

    [Fact]
    public async Task Without_one_the_whole_list_is_read_and_the_resource_picked_by_id_or_ARN()
    {
        var harness = new CollectorHarness(Service(
            "- { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, id: Name, arn: 'arn:x:{Name}', "
            + "describe: { Data: { call: 'demo:GetData', with: { Name: Name } } } }"));
        harness.Aws.On("demo:ListThings", Things("a", "b"));

        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<CollectedOne.Found>().Resource.Id.ShouldBe("b");
        (await harness.CollectOneAsync("demo", Thing, "arn:x:a", Region)).ShouldBeOfType<CollectedOne.Found>().Resource.Id.ShouldBe("a");
        (await harness.CollectOneAsync("demo", Thing, "c", Region)).ShouldBeOfType<CollectedOne.Gone>();
        harness.Aws.CountOf("demo:GetData").ShouldBe(2);
    }

    [Fact]
    public async Task One_changes_the_last_step_of_the_list()
    {
        var harness = new CollectorHarness(Service("""
            - type: AWS::Demo::Thing
              list: { call: 'demo:ListThings', with: { Owner: [self], MaxResults: 1000 }, select: Things }
              one: { with: { Names: '[$id]', MaxResults: null } }
              id: Name
            """));
        harness.Aws.On("demo:ListThings", Things("a"));

        await harness.CollectOneAsync("demo", Thing, "a", Region);

        harness.Aws.Calls.ShouldHaveSingleItem().Parameters.GetRawText().ShouldBe("""{"Owner":["self"],"Names":["a"]}""");
    }

    [Fact]
    public async Task One_without_a_call_leaves_it_to_the_merged_answer_whether_it_exists()
    {
        var harness = new CollectorHarness(Service("""
            - { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, one: '{Name: $id}', id: Name,
                describe: { '*': { call: 'demo:DescribeThing', with: { Name: Name } } } }
            """));
        harness.Aws.On("demo:DescribeThing", call => call.Text("Name") == "a" ? """{"Size": 1}""" : FakeAws.Error(AwsErrorKind.NotFound, "NoSuchThing"));

        (await harness.CollectOneAsync("demo", Thing, "a", Region)).ShouldBeOfType<CollectedOne.Found>().Resource.Attribute("Size").ShouldBe("1");
        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<CollectedOne.Gone>();
        harness.Aws.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Calls_that_read_no_row_are_sent_once_for_all_types_of_a_unit()
    {
        var harness = new CollectorHarness(Service("""
            - { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, id: Name,
                describe: { Default: { call: 'demo:GetDefault', with: { Account: $account } } } }
            - { type: 'AWS::Demo::Region', describe: { Default: { call: 'demo:GetDefault', with: { Account: $account } } } }
            """));
        harness.Aws.On("demo:ListThings", Things("a", "b"));

        await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:GetDefault").ShouldBe(1);
    }

    [Fact]
    public async Task A_shared_answer_that_was_read_earlier_makes_the_describe_time_earlier()
    {
        var harness = Harness("Volumes: { call: 'demo:ListVolumes', select: Volumes, match: [Name, To] }");
        harness.Aws.On("demo:ListThings", call => call.Text("NextToken") is null ? Things("a") : Things("b"));

        var collected = await harness.CollectAsync("demo", Region);

        collected["a"].DescribeTime.ShouldBe(FakeAws.Start);
        collected.End(Thing).Began.ShouldBe(FakeAws.Start);
    }

    [Fact]
    public async Task A_configuration_over_1_MB_loses_its_largest_attribute()
    {
        var harness = Harness("Huge: { call: 'demo:GetHuge' }");
        harness.Aws.On("demo:ListThings", Things("a")).On("demo:GetHuge", $$"""{"Text": "{{new string('x', 1_100_000)}}"}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Unknown["Huge"].ShouldBe("TooLarge");
        resource.Attribute("Name").ShouldBe("\"a\"");
        resource.Configuration.GetRawText().Length.ShouldBeLessThan(200);
    }

    [Fact]
    public async Task A_call_that_the_catalog_should_not_make_fails_its_type_only()
    {
        var harness = new CollectorHarness(Service("""
            - { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, id: Name }
            - { type: 'AWS::Demo::Other', list: { call: 'demo:ListOthers', select: Others }, id: Name }
            """));
        harness.Aws.On("demo:ListThings", Things("a")).On("demo:ListOthers", _ => new AwsCallException("There is no such operation."));

        var collected = await harness.CollectAsync("demo", Region);

        collected.End("AWS::Demo::Other").ErrorCode.ShouldBe("InvalidCall");
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Complete);
    }

    [Theory]
    [InlineData("""[{"Key": "a", "Value": "1"}]""")]
    [InlineData("""[{"key": "a", "value": "1"}]""")]
    [InlineData("""[{"TagKey": "a", "TagValue": "1"}]""")]
    [InlineData("""{"a": "1"}""")]
    public async Task Tags_are_read_in_every_spelling_of_AWS(string tags)
    {
        var harness = Harness("Data: { call: 'demo:GetData' }");
        harness.Aws.On("demo:ListThings", $$"""{"Things": [{"Name": "a", "tags": {{tags}}}]}""");

        (await harness.CollectAsync("demo", Region))["a"].Tags.ShouldBe(new Dictionary<string, string> { ["a"] = "1" });
    }

    private const string Thing = "AWS::Demo::Thing";

    private static CollectorHarness Harness(string describe, string more = "") => new(Service($$"""
        - type: AWS::Demo::Thing
          list: { call: 'demo:ListThings', select: Things }
          id: Name
          {{more}}
          describe:
            {{describe}}
        """));

    private static string Service(string types) =>
        "service: demo\nname: Demo\nscope: regional\nresources:\n" + string.Join('\n', types.Split('\n').Select(line => "  " + line));

    private static string Things(params string[] names) => $$"""{"Things": [{{string.Join(',', names.Select(name => $$"""{"Name": "{{name}}"}"""))}}]}""";
}
