using Qrie.Aws.Api;
using Qrie.Domain.Inventory;

namespace Qrie.Tests.Inventory;

/// <summary>Finding resources: lists, <c>where</c>, singletons, and <c>one</c>.</summary>
public sealed class StepGrammarListTests : StepGrammarTest
{
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
    public async Task A_list_that_reaches_its_limit_at_the_end_of_a_page_is_incomplete_if_there_are_more_pages()
    {
        var harness = new CollectorHarness(
            "service: logs\nname: Logs\nscope: regional\nresources:\n"
            + "  - { type: 'AWS::Logs::LogGroup', list: { call: 'logs:DescribeLogGroups', select: logGroups, limit: 2 }, id: logGroupName }");
        harness.Aws.On("logs:DescribeLogGroups", call => call.Text("nextToken") is null
            ? """{"logGroups": [{"logGroupName": "a"}, {"logGroupName": "b"}], "nextToken": "2"}"""
            : """{"logGroups": [{"logGroupName": "c"}]}""");

        var collected = await harness.CollectAsync("logs", Region);

        collected.Resources.Select(resource => resource.Id).ShouldBe(["a", "b"]);
        collected.End("AWS::Logs::LogGroup").ErrorCode.ShouldBe("Truncated");
    }

    [Fact]
    public async Task A_singleton_exists_even_when_nothing_is_enabled()
    {
        var harness = new CollectorHarness(Service("- { type: 'AWS::Demo::Region', describe: { Detectors: { call: 'demo:ListDetectors', select: Ids } } }"));

        var resource = (await harness.CollectAsync("demo", Region)).Resources.ShouldHaveSingleItem();

        (resource.Id, resource.Arn, resource.Region).ShouldBe((Region, $"arn:aws:demo:{Region}:123456789012:settings", Region));
        (await harness.CollectOneAsync("demo", "AWS::Demo::Region", Region, Region)).ShouldBeOfType<SingleCollectionResult.Found>().Resource.Hash.ShouldBe(
            resource.Hash);
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
    public async Task Rows_excluded_by_where_do_not_exist_and_are_not_described()
    {
        var harness = Harness("Data: { call: 'demo:GetData', with: { Name: Name } }", "where: State != 'terminated'");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a", "State": "running"}, {"Name": "b", "State": "terminated"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        harness.Aws.CountOf("demo:GetData").ShouldBe(1);
        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<SingleCollectionResult.Gone>();
    }

    [Fact]
    public async Task Where_may_read_described_attributes()
    {
        var harness = Harness("Data: { call: 'demo:GetData', with: { Name: Name } }", "where: Data.Mine");
        harness.Aws.On("demo:ListThings", Things("a", "b")).On("demo:GetData", call => call.Text("Name") == "a" ? """{"Mine": true}""" : "{}");

        (await harness.CollectAsync("demo", Region)).Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
    }

    [Fact]
    public async Task A_row_without_an_id_is_omitted_and_the_list_is_incomplete()
    {
        var harness = Harness("Data: { call: 'demo:GetData' }");
        harness.Aws.On("demo:ListThings", """{"Things": [{"Name": "a"}, {"Title": "b"}]}""");

        var collected = await harness.CollectAsync("demo", Region);

        collected.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        collected.End(Thing).Outcome.ShouldBe(ListOutcome.Incomplete);
    }

    [Fact]
    public async Task Without_one_the_whole_list_is_read_and_the_resource_is_selected_by_id_or_ARN()
    {
        var harness = new CollectorHarness(Service(
            "- { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, id: Name, arn: 'arn:x:{Name}', "
            + "describe: { Data: { call: 'demo:GetData', with: { Name: Name } } } }"));
        harness.Aws.On("demo:ListThings", Things("a", "b"));

        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<SingleCollectionResult.Found>().Resource.Id.ShouldBe("b");
        (await harness.CollectOneAsync("demo", Thing, "arn:x:a", Region)).ShouldBeOfType<SingleCollectionResult.Found>().Resource.Id.ShouldBe("a");
        (await harness.CollectOneAsync("demo", Thing, "c", Region)).ShouldBeOfType<SingleCollectionResult.Gone>();
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
    public async Task One_without_a_call_uses_the_merged_response_to_determine_existence()
    {
        var harness = new CollectorHarness(Service("""
            - { type: 'AWS::Demo::Thing', list: { call: 'demo:ListThings', select: Things }, one: '{Name: $id}', id: Name,
                describe: { '*': { call: 'demo:DescribeThing', with: { Name: Name } } } }
            """));
        harness.Aws.On("demo:DescribeThing", call => call.Text("Name") == "a" ? """{"Size": 1}""" : FakeAws.Error(AwsErrorKind.NotFound, "NoSuchThing"));

        (await harness.CollectOneAsync("demo", Thing, "a", Region)).ShouldBeOfType<SingleCollectionResult.Found>().Resource.Attribute("Size").ShouldBe("1");
        (await harness.CollectOneAsync("demo", Thing, "b", Region)).ShouldBeOfType<SingleCollectionResult.Gone>();
        harness.Aws.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_invalid_call_of_the_catalog_affects_only_its_type()
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
}
