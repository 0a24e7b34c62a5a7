using Qrie.Domain;
using Qrie.Domain.Catalog;
using Qrie.Domain.Catalog.CloudTrail;

namespace Qrie.Tests.Catalog;

/// <summary>Every changing operation of a service's APIs is claimed by a type or irrelevant for a stated reason.</summary>
public class EventCoverageTests
{
    public static TheoryData<string> Services() => [.. ShippedCatalog.Instance.Services.Select(service => service.Key)];

    [Theory, MemberData(nameof(Services))]
    public void Every_changing_operation_is_claimed_or_irrelevant(string key)
    {
        var service = ShippedCatalog.Instance.FindService(key)!;

        var events = Changes(service).ToList();

        events.ShouldNotBeEmpty();
        events.Where(one => ShippedCatalog.Instance.Events.Find(one) is { Claims.Count: 0, Reason: null }).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Services))]
    public void No_event_is_both_claimed_and_irrelevant(string key) =>
        Changes(ShippedCatalog.Instance.FindService(key)!).Where(one => ShippedCatalog.Instance.Events.Contradictions(one).Count > 0).ShouldBeEmpty();

    [Theory, MemberData(nameof(Services))]
    public void No_name_or_pattern_is_stale(string key)
    {
        var service = ShippedCatalog.Instance.FindService(key)!;
        // A type may follow events of other services' APIs: the association of a web ACL is reported by WAF.
        var sent = ShippedCatalog.Instance.Services.SelectMany(Changes).Concat(ShippedCatalog.Instance.EventNames.Others).ToHashSet();

        var claimed = service.Resources.SelectMany(type => type.Events)
            .SelectMany(rule => rule.Names.Select(name => new EventKey(rule.EventSource ?? service.EventSource, name)));
        claimed.Concat(service.Irrelevant.Keys)
            .Where(one => !sent.Any(known => known.Source == one.Source && Wildcard.Matches(one.Name, known.Name))).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Services))]
    public void A_reason_is_not_empty(string key) =>
        ShippedCatalog.Instance.FindService(key)!.Irrelevant.Where(one => one.Value.Split(' ').Length < 4).ShouldBeEmpty();

    [Fact]
    public void The_APIs_of_a_service_are_known()
    {
        ShippedCatalog.Instance.FindService("s3")!.Apis.ShouldBe(["s3", "s3control"]);
        ShippedCatalog.Instance.FindService("ec2")!.EventSource.ShouldBe("ec2.amazonaws.com");
        ShippedCatalog.Instance.Services.SelectMany(service => service.Apis).ShouldAllBe(api => ShippedCatalog.Shapes.FindApi(api) != null);
    }

    /// <summary>Events that affect a type must not match a pattern of irrelevant events.</summary>
    [Theory]
    [InlineData("ModifyInstanceAttribute")]
    [InlineData("ModifyInstanceMetadataOptions")]
    [InlineData("ModifyInstanceCapacityReservationAttributes")]
    [InlineData("ModifySnapshotAttribute")]
    [InlineData("ModifyImageAttribute")]
    [InlineData("AssociateDhcpOptions")]
    [InlineData("DeleteFlowLogs")]
    [InlineData("ModifySubnetAttribute")]
    [InlineData("ReplaceNetworkAclEntry")]
    [InlineData("AcceptAddressTransfer")]
    [InlineData("DisableEbsEncryptionByDefault")]
    [InlineData("DisableSnapshotBlockPublicAccess")]
    [InlineData("DisableImageBlockPublicAccess")]
    [InlineData("EnableSerialConsoleAccess")]
    [InlineData("ModifyInstanceMetadataDefaults")]
    public void A_pattern_of_irrelevant_events_matches_no_event_that_affects_a_type(string name) =>
        ShippedCatalog.Instance.Events.Find(new EventKey("ec2.amazonaws.com", name)).Claims.ShouldNotBeEmpty();

    private static IEnumerable<EventKey> Changes(ServiceDefinition service) =>
        from api in service.Apis
        let facts = ShippedCatalog.Shapes.FindApi(api)
        from operation in facts.Operations
        where !EventKey.IsRead(operation)
        from one in ShippedCatalog.Instance.EventNames.Of(new ServiceOperation(api, operation), ShippedCatalog.Shapes.SigningNameOf(api)!)
        select one;
}
