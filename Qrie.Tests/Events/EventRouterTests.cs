using System.Text.Json.Nodes;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.Loading;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Tests.Events;

/// <summary>The routing of records, independent of the shipped catalog.</summary>
public class EventRouterTests
{
    private const string Demo = """
        service: demo
        name: Demo
        scope: regional
        resources:
          - type: AWS::Demo::Thing
            list: { call: 'demo:ListThings', select: Things }
            id: Name
            events:
              - names: [CreateThing, 'Update*', DeleteThing]
                id: requestParameters.name
              - names: [DeleteThing]
                id: requestParameters.name
                gone: true
                also: { AWS::Demo::Part: '$stored.Parts' }
              - names: [DeleteThing]
                id: "requestParameters.force && '*' || `null`"
              - names: [UpdateLabel]
                id: split(requestParameters.label, '/')[-1]
              - names: [UpdateCount]
                id: requestParameters.count
              - names: [KeyRotated]
                source: kms.amazonaws.com
                id: "join('/', [$partition, $region, $account])"
          - type: AWS::Demo::Part
            scope: global
            list: { call: 'demo:ListParts', select: Parts }
            id: Name
            events:
              - names: [UpdateParts]
                id: requestParameters.parts
        irrelevant:
          'Tag*': labels are not shown
          'Up*s': several things at once are not shown
          UpdateColor: colours are not shown
          other.amazonaws.com/Ping: it changes nothing
        """;

    [Fact]
    public void A_record_is_routed_to_resources_with_account_region_and_time()
    {
        var routed = Route("CreateThing", """{"name":"a"}""");

        routed.Outcome.ShouldBe(EventOutcome.Affects);
        routed.Resources.Select(r => (r.Type.Type, r.Id, r.ListedIn, r.Gone)).ShouldBe([("AWS::Demo::Thing", "a", "eu-west-1", false)]);
        var record = routed.Record.ShouldNotBeNull();
        (record.AccountId, record.Region, record.EventId).ShouldBe(("111122223333", "eu-west-1", "event-1"));
        record.Time.ShouldBe(new DateTimeOffset(2026, 3, 2, 9, 30, 15, TimeSpan.Zero));
    }

    [Fact]
    public void A_resource_found_by_several_rules_is_routed_once()
    {
        var routed = Route("DeleteThing", """{"name":"a"}""");

        var one = routed.Resources.ShouldHaveSingleItem();
        (one.Id, one.Gone).ShouldBe(("a", true));
        one.Also.ShouldHaveSingleItem().Key.ShouldBe("AWS::Demo::Part");
    }

    [Fact]
    public void A_star_means_every_stored_resource_in_addition_to_named_ones() =>
        Route("DeleteThing", """{"name":"a","force":true}""").Resources.Select(r => (r.Id, r.Gone)).ShouldBe([("a", true), (null, false)]);

    [Theory]
    [InlineData("""{"parts":["x","y","x",null,""]}""", "x y")]
    [InlineData("""{"parts":"x"}""", "x")]
    public void Ids_may_be_single_or_lists_and_are_distinct(string parameters, string ids)
    {
        var routed = Route("UpdateParts", parameters);

        routed.Resources.Where(r => r.Type.Type == "AWS::Demo::Part").Select(r => r.Id).ShouldBe(ids.Split(' '));
        routed.Resources.ShouldAllBe(r => r.ListedIn == Regions.Global);
    }

    [Fact]
    public void A_rule_without_ids_affects_no_resource() => Route("CreateThing", "{}").Outcome.ShouldBe(EventOutcome.ConcernsNone);

    [Fact]
    public void A_rule_that_fails_does_not_hide_the_others()
    {
        var routed = Route("UpdateLabel", """{"name":"a"}""");

        routed.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        routed.Problems.ShouldHaveSingleItem().ShouldContain("split");
    }

    [Fact]
    public void An_invalid_id_is_a_problem()
    {
        var routed = Route("UpdateCount", """{"count":7}""");

        routed.Outcome.ShouldBe(EventOutcome.ConcernsNone);
        routed.Problems.ShouldHaveSingleItem().ShouldContain("returned 7");
    }

    [Fact]
    public void A_rule_may_refer_to_another_service_and_read_region_and_account()
    {
        var routed = Route("KeyRotated", "{}", ("eventSource", "kms.amazonaws.com"), ("awsRegion", "cn-north-1"));

        routed.Resources.ShouldHaveSingleItem().Id.ShouldBe("aws-cn/cn-north-1/111122223333");
        Route("KeyRotated", "{}").Outcome.ShouldBe(EventOutcome.Unclaimed);
    }

    [Theory]
    [InlineData("CreateThing20150331")]
    [InlineData("CreateThing20150331v2")]
    [InlineData("CreateThing2020_05_31")]
    public void The_API_date_in_an_event_name_is_ignored(string name) => Route(name, """{"name":"a"}""").Outcome.ShouldBe(EventOutcome.Affects);

    [Theory]
    [InlineData("CreateThing2")]
    [InlineData("CreateThings")]
    [InlineData("createThing")]
    public void An_event_with_another_name_is_not_claimed(string name) => Route(name, """{"name":"a"}""").Outcome.ShouldBe(EventOutcome.Unclaimed);

    [Theory]
    [InlineData("TagThing", "labels are not shown")]
    [InlineData("UpdateColor", "colours are not shown")]
    public void Irrelevant_events_have_a_reason_and_exact_names_take_precedence_over_patterns(string name, string reason)
    {
        var routed = Route(name, """{"name":"a"}""");

        (routed.Outcome, routed.Detail, routed.Resources.Count).ShouldBe((EventOutcome.Irrelevant, reason, 0));
    }

    [Fact]
    public void Irrelevant_events_may_have_another_source()
    {
        Route("Ping", "{}", ("eventSource", "other.amazonaws.com")).Outcome.ShouldBe(EventOutcome.Irrelevant);
        Route("Ping", "{}").Outcome.ShouldBe(EventOutcome.Unclaimed);
    }

    [Fact]
    public void A_claim_by_full_name_takes_precedence_over_a_pattern_of_irrelevant_events() =>
        Route("UpdateParts", """{"parts":"x"}""").Resources.Select(r => r.Type.Type).ShouldContain("AWS::Demo::Part");

    [Fact]
    public void A_claim_of_one_service_takes_precedence_over_an_irrelevant_event_of_another()
    {
        const string other = """
            service: other
            name: Other
            scope: regional
            resources:
              - type: AWS::Other::Thing
                list: { call: 'other:ListThings', select: Things }
                id: Name
            irrelevant:
              demo.amazonaws.com/CreateThing: not here
            """;
        var catalog = CatalogLoader.Load([File("demo", Demo), File("other", other)]);

        EventRouter.Route(catalog, Record("CreateThing", """{"name":"a"}""")).Outcome.ShouldBe(EventOutcome.Affects);
    }

    [Fact]
    public void Read_events_are_ignored_even_if_claimed() =>
        Route("CreateThing", """{"name":"a"}""", ("readOnly", true)).Outcome.ShouldBe(EventOutcome.ReadOnly);

    [Fact]
    public void Failed_calls_are_ignored()
    {
        var routed = Route("CreateThing", """{"name":"a"}""", ("errorCode", "AccessDenied"));

        (routed.Outcome, routed.Detail, routed.Resources.Count).ShouldBe((EventOutcome.Failed, "AccessDenied", 0));
    }

    [Theory]
    [InlineData("eventCategory", "Insight")]
    [InlineData("eventCategory", "NetworkActivity")]
    [InlineData("eventType", "AwsCloudTrailInsight")]
    [InlineData("eventType", "AwsVpceEvent")]
    public void Insight_events_are_ignored(string member, string value) =>
        Route("CreateThing", """{"name":"a"}""", (member, value)).Outcome.ShouldBe(EventOutcome.NoCall);

    [Fact]
    public void An_EventBridge_envelope_supplies_the_account_if_the_record_has_none()
    {
        var record = Node("CreateThing", """{"name":"a"}""");
        record.Remove("recipientAccountId");
        record.Remove("eventTime");
        var envelope = new JsonObject { ["account"] = "999988887777", ["time"] = "2026-03-02T09:31:00Z", ["region"] = "eu-west-1", ["detail"] = record };

        var routed = EventRouter.Route(Catalog, Value(envelope));

        routed.Resources.ShouldHaveSingleItem().Id.ShouldBe("a");
        (routed.Record!.AccountId, routed.Record.Time).ShouldBe(("999988887777", new DateTimeOffset(2026, 3, 2, 9, 31, 0, TimeSpan.Zero)));
    }

    [Fact]
    public void The_account_is_the_recipient_and_never_the_caller_or_that_of_an_ARN()
    {
        var caller = JsonNode.Parse("""{"type":"AWSAccount","accountId":"444455556666","arn":"arn:aws:iam::444455556666:user/x"}""")!;
        var resources = JsonNode.Parse("""[{"ARN":"arn:aws:demo:eu-west-1:123456789012:thing/a","accountId":"123456789012"}]""")!;

        Route("CreateThing", """{"name":"a"}""", ("userIdentity", caller), ("resources", resources)).Record!.AccountId.ShouldBe("111122223333");
    }

    [Theory]
    [InlineData("{}", "eventSource")]
    [InlineData("[]", "eventSource")]
    [InlineData("\"text\"", "eventSource")]
    [InlineData("""{"eventSource":"demo.amazonaws.com"}""", "eventName")]
    [InlineData("""{"eventSource":"demo.amazonaws.com","eventName":7,"recipientAccountId":"111122223333"}""", "eventName")]
    [InlineData("""{"eventSource":"demo.amazonaws.com","eventName":"CreateThing"}""", "account")]
    [InlineData("""{"eventSource":"demo.amazonaws.com","eventName":"CreateThing","userIdentity":{"accountId":"111122223333"}}""", "account")]
    public void Malformed_records_are_unreadable(string json, string reason)
    {
        var routed = EventRouter.Route(Catalog, Value(JsonNode.Parse(json)!));

        routed.Outcome.ShouldBe(EventOutcome.Unreadable);
        routed.Record.ShouldBeNull();
        routed.Detail.ShouldContain(reason);
    }

    [Theory]
    [InlineData("""{"eventTime":"yesterday"}""")]
    [InlineData("""{"eventTime":null}""")]
    public void An_unreadable_time_is_ignored(string change) =>
        Route("CreateThing", """{"name":"a"}""", [.. JsonNode.Parse(change)!.AsObject().Select(m => (m.Key, m.Value))]).Record!.Time.ShouldBeNull();

    private static ResourceCatalog Catalog { get; } = CatalogLoader.Load([File("demo", Demo)]);

    private static CatalogFile File(string name, string text) => new($"services/{name}.yaml", text, CatalogFileKind.Service);

    private static JsonNode CutOff => JsonNode.Parse("""{"omitted":true,"originalSize":"112 KB","reason":"responseElements too large"}""")!;

    [Fact]
    public void Omitted_request_parameters_may_refer_to_any_resource_of_the_type()
    {
        var routed = Route("CreateThing", """{"omitted":true,"originalSize":"300 KB","reason":"requestParameters too large"}""");

        routed.Outcome.ShouldBe(EventOutcome.Affects);
        routed.Resources.Select(r => (r.Type.Type, r.Id, r.ListedIn)).ShouldBe([("AWS::Demo::Thing", null, "eu-west-1")]);
    }

    [Fact]
    public void Omitted_members_other_than_the_id_do_not_matter()
    {
        var routed = Route("CreateThing", """{"name":"a"}""", ("responseElements", CutOff));

        routed.Resources.Select(r => r.Id).ShouldBe(["a"]);
    }

    [Fact]
    public void Omitted_parameters_cause_one_read_of_each_affected_unit()
    {
        var routed = Route("DeleteThing", """{"omitted":true}""");

        routed.Resources.Select(r => (r.Type.Type, r.Id, r.ListedIn)).ShouldBe(
            [("AWS::Demo::Thing", null, "eu-west-1"), ("AWS::Demo::Part", null, Regions.Global)]);
    }

    [Theory]
    [InlineData("""{"name":"a","omitted":false}""")]
    [InlineData("""{"name":"a","omitted":"no"}""")]
    public void Members_that_are_not_omitted_are_read(string parameters) =>
        Route("CreateThing", parameters).Resources.ShouldHaveSingleItem().Id.ShouldBe("a");

    [Theory]
    [InlineData("RunInstances", "responseElements")]
    [InlineData("TerminateInstances", "requestParameters")]
    [InlineData("CreateTags", "requestParameters")]
    [InlineData("CreateSecurityGroup", "responseElements")]
    public void Truncated_events_of_EC2_cause_a_read_of_its_unit(string name, string member)
    {
        var record = Node(name, """{"instancesSet":{"items":[]}}""");
        record["eventSource"] = "ec2.amazonaws.com";
        record[member] = CutOff;

        var routed = EventRouter.Route(Qrie.Tests.Catalog.ShippedCatalog.Instance, Value(record));

        routed.Outcome.ShouldBe(EventOutcome.Affects);
        routed.Resources.Where(r => r.Id is null).ShouldHaveSingleItem().Type.Service.ShouldBe("ec2");
    }

    private static RoutedEvent Route(string name, string parameters, params (string Member, JsonNode? Value)[] changes) =>
        EventRouter.Route(Catalog, Record(name, parameters, changes));

    private static JmesValue Record(string name, string parameters, params (string Member, JsonNode? Value)[] changes)
    {
        var record = Node(name, parameters);
        foreach (var (member, value) in changes)
        {
            record[member] = value?.DeepClone();
        }

        return Value(record);
    }

    private static JsonObject Node(string name, string parameters) => new()
    {
        ["eventVersion"] = "1.11",
        ["userIdentity"] = new JsonObject { ["type"] = "IAMUser", ["accountId"] = "111122223333", ["userName"] = "ann" },
        ["eventTime"] = "2026-03-02T09:30:15Z",
        ["eventSource"] = "demo.amazonaws.com",
        ["eventName"] = name,
        ["awsRegion"] = "eu-west-1",
        ["requestParameters"] = JsonNode.Parse(parameters),
        ["responseElements"] = null,
        ["eventID"] = "event-1",
        ["readOnly"] = false,
        ["eventType"] = "AwsApiCall",
        ["recipientAccountId"] = "111122223333",
        ["eventCategory"] = "Management",
    };

    private static JmesValue Value(JsonNode node) => JmesValue.FromElement(System.Text.Json.JsonSerializer.SerializeToElement(node));
}
