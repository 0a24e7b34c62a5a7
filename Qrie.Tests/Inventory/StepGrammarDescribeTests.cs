using Qrie.Aws.Api;

namespace Qrie.Tests.Inventory;

/// <summary>Describing resources: attributes, the merged response, unknown values, tags.</summary>
public sealed class StepGrammarDescribeTests : StepGrammarTest
{
    [Theory]
    [InlineData("_Tags")]
    [InlineData("_Tags[?Key != 'x']")]
    public async Task Tags_that_are_not_part_of_the_configuration_change_the_hash(string expression)
    {
        var hashes = new List<string>();
        string[] answers =
        [
            """[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]""", """[{"Key":"b","Value":"2"},{"Key":"a","Value":"1"}]""",
            """[{"Key":"a","Value":"2"}]""", "[]",
        ];
        foreach (var tags in answers)
        {
            var harness = Harness("_Tags: { call: 'demo:ListTags', with: { Name: Name }, select: Tags }", $"tags: \"{expression}\"");
            harness.Aws.On("demo:ListThings", Things("a")).On("demo:ListTags", $$"""{"Tags": {{tags}}}""");
            hashes.Add((await harness.CollectAsync("demo", Region))["a"].Hash);
        }

        hashes[1].ShouldBe(hashes[0], "only the order differs");
        hashes.Skip(1).ShouldBeUnique();
    }

    [Fact]
    public async Task What_is_known_to_be_absent_is_not_asked_for()
    {
        var harness = Harness("Lock: { unless: '!Versioned', call: 'demo:GetLock', with: { Name: Name }, select: Lock }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "Versioned": true}, {"Name": "b"}]}""").On("demo:GetLock", """{"Lock": "on"}""");

        var collected = await harness.CollectAsync("demo", Region);

        harness.Aws.CountOf("demo:GetLock").ShouldBe(1);
        collected["a"].Attribute("Lock").ShouldBe("\"on\"");
        collected["b"].Attribute("Lock").ShouldBeNull();
        collected["b"].Unknown.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_would_tell_that_it_is_absent_may_be_unknown()
    {
        var harness = Harness("""
            Versioned: { call: 'demo:GetVersioning', select: Status }
                Lock: { unless: '!Versioned', call: 'demo:GetLock', with: { Name: Name }, select: Lock }
            """);
        harness.Aws.On("demo:ListThings", Things("a"))
            .Fails("demo:GetVersioning", AwsErrorKind.Denied, "AccessDenied").On("demo:GetLock", """{"Lock": "on"}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Attribute("Lock").ShouldBe("\"on\"");
        resource.Unknown.ShouldBe(new Dictionary<string, string> { ["Versioned"] = "AccessDenied" });
    }

    [Fact]
    public async Task A_limit_keeps_the_first_rows_and_reports_the_truncation()
    {
        var harness = Harness("Records: { call: 'demo:ListRecords', select: Records, limit: 2 }");
        harness.Aws.On("demo:ListThings", Things("a")).On("demo:ListRecords", """{"Records": [1, 2, 3]}""");

        var resource = (await harness.CollectAsync("demo", Region))["a"];

        resource.Attribute("Records").ShouldBe("[1,2]");
        resource.Unknown["Records"].ShouldBe("Truncated");
    }

    [Fact]
    public async Task Rows_of_an_attribute_are_described_too_and_can_read_the_resource()
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
    public async Task A_nested_failure_makes_the_attribute_unknown_and_keeps_its_known_part()
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
    public async Task Nested_steps_are_sent_to_the_region_of_the_outer_step()
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
    public async Task An_attribute_computed_from_an_unknown_one_is_unknown_with_its_code_and_not_read()
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
    public async Task If_the_merged_response_fails_every_missing_attribute_is_unknown()
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
    public async Task An_attribute_waits_for_the_merged_response_that_it_reads()
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
    public async Task An_attribute_that_reads_its_own_name_replaces_that_of_the_merged_response()
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
    public async Task Absent_may_match_the_message_too()
    {
        var harness = new CollectorHarness(Service(
            "- { type: 'AWS::Demo::Region', describe: { Session: { call: 'demo:GetSession', absent: [{ AccessDeniedException: '*not enabled*' }] } } }"));
        harness.Aws.Fails("demo:GetSession", AwsErrorKind.Denied, "AccessDeniedException", "Macie is not enabled.");
        (await harness.CollectAsync("demo", Region))[Region].Unknown.ShouldBeEmpty();

        harness.Aws.Fails("demo:GetSession", AwsErrorKind.Denied, "AccessDeniedException", "You may not.");
        (await harness.CollectAsync("demo", Region))[Region].Unknown["Session"].ShouldBe("AccessDeniedException");
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
    public async Task A_shared_response_that_was_read_earlier_makes_the_describe_time_earlier()
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

    [Theory]
    [InlineData("""[{"Key": "a", "Value": "1"}]""")]
    [InlineData("""[{"key": "a", "value": "1"}]""")]
    [InlineData("""[{"TagKey": "a", "TagValue": "1"}]""")]
    [InlineData("""{"a": "1"}""")]
    public async Task Tags_are_read_in_every_format_of_AWS(string tags)
    {
        var harness = Harness("Data: { call: 'demo:GetData' }");
        harness.Aws.On("demo:ListThings", $$"""{"Things": [{"Name": "a", "tags": {{tags}}}]}""");

        (await harness.CollectAsync("demo", Region))["a"].Tags.ShouldBe(new Dictionary<string, string> { ["a"] = "1" });
    }
}
