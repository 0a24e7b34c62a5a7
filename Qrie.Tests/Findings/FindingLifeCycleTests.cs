using Qrie.Domain.Catalog;
using Qrie.Domain.Findings;
using Qrie.Domain.Policies;
using Qrie.Tests.Support;

namespace Qrie.Tests.Findings;

public sealed class FindingLifeCycleTests
{
    private static readonly EvaluatedResource Later = Some.Evaluated(Some.Bucket(at: 100)) with { EvaluatedAt = Some.At(101), Region = "us-east-1" };

    [Fact]
    public void A_first_fail_opens_a_finding()
    {
        var finding = FindingLifeCycle.Next(null, Later, Some.Fails(severity: 70), "scan-1")!;

        (finding.State, finding.Severity, finding.FirstSeen, finding.LastEvaluated, finding.DescribeTime, finding.ScanId)
            .ShouldBe((FindingState.Active, 70, Some.At(101), Some.At(101), Some.At(100), "scan-1"));
        finding.Transitions.ShouldBe([new FindingTransition(FindingState.Active, Some.At(101), null, "scan-1")]);
    }

    [Fact]
    public void A_fail_without_evidence_has_an_empty_object_as_evidence()
    {
        var policy = Some.Fails();

        var finding = FindingLifeCycle.Next(null, Later, policy with { Verdict = policy.Verdict! with { Evidence = null } }, null)!;

        finding.Evidence.GetRawText().ShouldBe("{}");
    }

    [Fact]
    public void A_fail_updates_an_active_finding_without_a_transition()
    {
        var before = Active();

        var after = FindingLifeCycle.Next(before, Later, Some.Fails(severity: 10, evidence: """{"new":1}"""), "scan-2")!;

        (after.State, after.Severity, after.Evidence.GetRawText(), after.LastEvaluated, after.DescribeTime, after.Region)
            .ShouldBe((FindingState.Active, 10, """{"new":1}""", Some.At(101), Some.At(100), "us-east-1"));
        (after.FirstSeen, after.ScanId).ShouldBe((before.FirstSeen, "scan-1"));
        after.Transitions.ShouldBe(before.Transitions);
    }

    [Fact]
    public void A_fail_reopens_a_resolved_finding_and_keeps_first_seen()
    {
        var resolved = FindingLifeCycle.Resolve(Active(), ResolvedReason.PolicySuspended, Some.At(50), null)!;

        var after = FindingLifeCycle.Next(resolved, Later, Some.Fails(severity: 10), "scan-2")!;

        (after.State, after.FirstSeen, after.ResolvedAt, after.ResolvedReason, after.ScanId, after.Severity)
            .ShouldBe((FindingState.Active, Some.At(1), null, null, "scan-2", 10));
        after.Transitions.Select(t => (t.State, t.Reason)).ShouldBe(
            [(FindingState.Active, null), (FindingState.Resolved, ResolvedReason.PolicySuspended), (FindingState.Active, null)]);
    }

    public static TheoryData<EvaluatedPolicy, ResolvedReason> Resolving => new()
    {
        { Some.Passes(), ResolvedReason.Compliant },
        { Some.NotApplicable(), ResolvedReason.NotApplicable },
        { Some.LeftOut(), ResolvedReason.ScopeExcluded },
    };

    [Theory]
    [MemberData(nameof(Resolving))]
    public void The_end_of_a_violation_resolves_the_finding_with_its_reason(EvaluatedPolicy policy, ResolvedReason reason)
    {
        var after = FindingLifeCycle.Next(Active(), Later, policy, "scan-2")!;

        (after.State, after.ResolvedReason, after.ResolvedAt, after.LastEvaluated, after.DescribeTime, after.ScanId)
            .ShouldBe((FindingState.Resolved, reason, Some.At(101), Some.At(101), Some.At(100), "scan-2"));
        after.Transitions[0].ShouldBe(new FindingTransition(FindingState.Resolved, Some.At(101), reason, "scan-2"));
    }

    [Theory]
    [MemberData(nameof(Resolving))]
    public void A_resolved_finding_stays_unchanged(EvaluatedPolicy policy, ResolvedReason reason)
    {
        var resolved = FindingLifeCycle.Resolve(Active(), reason, Some.At(50), null);

        FindingLifeCycle.Next(resolved, Later, policy, "scan-2").ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Resolving))]
    public void A_resource_without_violations_has_no_finding(EvaluatedPolicy policy, ResolvedReason reason)
    {
        reason.ShouldBeOneOf(Enum.GetValues<ResolvedReason>());
        FindingLifeCycle.Next(null, Later, policy, "scan-2").ShouldBeNull();
    }

    [Fact]
    public void An_unknown_verdict_neither_opens_nor_resolves()
    {
        FindingLifeCycle.Next(null, Later, Some.IsUnknown(), null).ShouldBeNull();
        FindingLifeCycle.Next(Active(), Later, Some.IsUnknown(), null).ShouldBeNull();
    }

    [Fact]
    public void A_resolution_by_a_purge_keeps_the_describe_time()
    {
        var resolved = FindingLifeCycle.Resolve(Active(), ResolvedReason.PolicyDeleted, Some.At(50), null)!;

        (resolved.DescribeTime, resolved.LastEvaluated, resolved.ScanId).ShouldBe((Some.At(0), Some.At(50), null));
    }

    [Fact]
    public void Only_an_active_finding_can_be_resolved()
    {
        var resolved = FindingLifeCycle.Resolve(Active(), ResolvedReason.Compliant, Some.At(50), null);

        FindingLifeCycle.Resolve(resolved, ResolvedReason.PolicyDeleted, Some.At(60), null).ShouldBeNull();
        FindingLifeCycle.Resolve(null, ResolvedReason.PolicyDeleted, Some.At(60), null).ShouldBeNull();
    }

    [Fact]
    public void When_a_finding_ceased_to_be_open_is_known_however_often_it_was_suppressed_and_resolved_since()
    {
        var finding = Active();
        for (var i = 1; i <= 20; i++)
        {
            var evaluated = Some.Evaluated(Some.Bucket(at: i * 10));
            finding = FindingLifeCycle.Next(finding, evaluated, i % 2 == 1 ? Some.Fails() : Some.Passes(), null, i % 2 == 1 ? "exception" : null)!;
            FindingLifeCycle.LeftOpenAt(finding).ShouldBe(Some.At(11), $"after change {i}");
        }

        finding.Transitions.Count.ShouldBe(10);
        FindingLifeCycle.LeftOpenAt(FindingLifeCycle.Next(finding, Some.Evaluated(Some.Bucket(at: 300)), Some.Fails(), null)!).ShouldBeNull();
    }

    [Fact]
    public void An_exception_changes_the_state_of_what_is_not_resolved_only()
    {
        var suppressed = FindingLifeCycle.Except(Active(), "exception", Some.At(50))!;

        (suppressed.State, suppressed.ExceptionId, suppressed.ScanId, suppressed.Transitions[0].At)
            .ShouldBe((FindingState.Suppressed, "exception", null, Some.At(50)));
        FindingLifeCycle.Except(suppressed, "exception", Some.At(60)).ShouldBeNull();
        FindingLifeCycle.Except(suppressed, "another", Some.At(60))!.Transitions.Count.ShouldBe(2);
        FindingLifeCycle.Except(suppressed, null, Some.At(60))!.State.ShouldBe(FindingState.Active);
        FindingLifeCycle.Except(FindingLifeCycle.Resolve(suppressed, ResolvedReason.Compliant, Some.At(70), null)!, "exception", Some.At(80)).ShouldBeNull();
    }

    [Theory]
    [InlineData(0, SeverityBand.Low)]
    [InlineData(24, SeverityBand.Low)]
    [InlineData(25, SeverityBand.Medium)]
    [InlineData(49, SeverityBand.Medium)]
    [InlineData(50, SeverityBand.High)]
    [InlineData(89, SeverityBand.High)]
    [InlineData(90, SeverityBand.Critical)]
    [InlineData(100, SeverityBand.Critical)]
    public void A_severity_belongs_to_one_band_and_to_its_range(int severity, SeverityBand band)
    {
        Severities.BandOf(severity).ShouldBe(band);
        var (from, to) = Severities.RangeOf(band);
        severity.ShouldBeInRange(from, to);
    }

    [Fact]
    public void The_ranges_of_the_bands_cover_every_severity_once()
    {
        Enum.GetValues<SeverityBand>().Select(Severities.RangeOf).ShouldBe([(0, 24), (25, 49), (50, 89), (90, 100)]);
    }

    private static Finding Active() => FindingLifeCycle.Next(null, Some.Evaluated(Some.Bucket()), Some.Fails(severity: 95), "scan-1")!;
}
