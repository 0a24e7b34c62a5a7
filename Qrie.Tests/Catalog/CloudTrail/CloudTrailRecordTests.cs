using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;
using Qrie.Domain.Events;
using Qrie.Domain.Inventory;
using Qrie.JmesPath;

namespace Qrie.Tests.Catalog.CloudTrail;

/// <summary>The event rules of the shipped catalog with records in AWS's format.</summary>
public class CloudTrailRecordTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var one in CloudTrailCase.All)
        {
            cases.Add(one.File, one.Name);
        }

        return cases;
    }

    public static TheoryData<string, string> Forwarded()
    {
        var events = new TheoryData<string, string>();
        foreach (var source in ForwardedEvents.Sources)
        {
            ForwardedEvents.Of(source).ToList().ForEach(name => events.Add(source, name));
        }

        return events;
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_record_affects_the_expected_resources(string file, string name)
    {
        var one = CloudTrailCase.All.Single(c => c.File == file && c.Name == name);

        var routed = EventRouter.Route(ShippedCatalog.Instance, one.Value);

        routed.Problems.ShouldBeEmpty();
        Ids(routed).ShouldBe(one.Expected.SelectMany(e => e.Value.Select(id => (e.Key, id))), ignoreOrder: true);
        routed.Resources.Where(r => r.Gone).Select(r => r.Type.Type).Distinct().ShouldBe(one.Gone, ignoreOrder: true);
        routed.Outcome.ShouldBe(one.Expected.Count == 0 ? EventOutcome.ConcernsNone : EventOutcome.Affects);
        routed.Resources.ShouldAllBe(r => r.ListedIn == (r.Type.Scope == ResourceScope.Global ? Regions.Global : one.Record["awsRegion"]!.GetValue<string>()));
        var record = routed.Record.ShouldNotBeNull();
        (record.AccountId, record.Time).ShouldBe(("111122223333", new DateTimeOffset(2026, 3, 2, 9, 30, 15, TimeSpan.Zero)));
    }

    [Fact]
    public void Every_rule_of_the_catalog_is_covered_by_a_record()
    {
        var followed = CloudTrailCase.All.SelectMany(one => Followed(one)).ToHashSet();

        var rules = ShippedCatalog.Instance.Services.SelectMany(s => s.Resources).SelectMany(t => t.Events.Select(rule => (t.Type, rule)));
        rules.Where(r => !followed.Contains(r.rule)).Select(r => $"{r.Type}: {string.Join(' ', r.rule.Names)}").ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Forwarded))]
    public void Events_that_customers_already_forward_are_claimed_and_covered_by_a_record(string source, string name)
    {
        ShippedCatalog.Instance.Events.Find(new EventKey(source, name)).Claims.ShouldNotBeEmpty();

        // Names that CloudTrail itself does not use are claimed only for the rules of earlier installations.
        CloudTrailCase.All.ShouldContain(one => one.EventSource == source && one.EventName == (name == "DeleteVpcEndpoint" ? "DeleteVpcEndpoints" : name));
    }

    [Fact]
    public void A_related_type_is_in_the_catalog_and_gets_ids()
    {
        var claims = ShippedCatalog.Instance.Events.Find(new EventKey("ec2.amazonaws.com", "TerminateInstances")).Claims;
        var also = claims.Single().Rule.Also;

        var stored = Stored("""{"BlockDeviceMappings":[{"Ebs":{"VolumeId":"vol-0aaa"}},{"Ebs":{"VolumeId":"vol-0bbb"}}],"VpcId":"vpc-0aaa"}""");

        also["AWS::EC2::Volume"].Evaluate(JmesValue.Null, stored).ToString().ShouldBe("""["vol-0aaa","vol-0bbb"]""");
        also["AWS::EC2::VPC"].Evaluate(JmesValue.Null, stored).ToString().ShouldBe("\"vpc-0aaa\"");
    }

    [Fact]
    public void Expressions_for_related_resources_work_without_a_stored_resource()
    {
        var rules = ShippedCatalog.Instance.Services.SelectMany(s => s.Resources).SelectMany(t => t.Events).SelectMany(rule => rule.Also).ToList();

        rules.Count.ShouldBeGreaterThan(20);
        rules.ShouldAllBe(also => Texts(also.Value.Evaluate(JmesValue.Null, Stored("null"))).Count == 0);
    }

    private static IReadOnlyList<JmesValue> Texts(JmesValue ids) =>
        [.. (ids.Kind is JmesKind.Array ? [.. ids.EnumerateArray()] : new[] { ids }).Where(id => !id.IsNull)];

    private static EvaluationContext Stored(string json)
    {
        var stored = JmesValue.FromElement(System.Text.Json.JsonDocument.Parse(json).RootElement);
        return new EvaluationContext { Variables = new Dictionary<string, JmesValue> { ["stored"] = stored, ["self"] = JmesValue.Null } };
    }

    private static IEnumerable<(string Type, string Id)> Ids(RoutedEvent routed) => routed.Resources.Select(r => (r.Type.Type, r.Id ?? "*"));

    /// <summary>The rules that find something in a record.</summary>
    private static IEnumerable<EventRule> Followed(CloudTrailCase one)
    {
        var claims = ShippedCatalog.Instance.Events.Find(EventKey.Of(one.EventSource, one.EventName)).Claims;
        var context = new EvaluationContext
        {
            Variables = new Dictionary<string, JmesValue>
            {
                ["account"] = JmesValue.FromString("111122223333"),
                ["region"] = JmesValue.FromString("eu-west-1"),
                ["partition"] = JmesValue.FromString("aws"),
            },
        };
        return claims.Where(claim => one.Expected.ContainsKey(claim.Type.Type) && claim.Rule.Id.Evaluate(one.Value, context).IsTruthy)
            .Select(claim => claim.Rule);
    }
}
