using System.Text.Json;
using Qrie.Domain.Alerts;
using Qrie.Domain.Findings;
using Qrie.Sql.Alerts;
using Qrie.Tests.Support;

namespace Qrie.Tests.Alerts;

/// <summary>Which state changes are events.</summary>
public sealed class ChangedFindingTests
{
    [Theory]
    [InlineData(null, FindingState.Active, AlertKind.Opened, null)]
    [InlineData(null, FindingState.Suppressed, AlertKind.Suppressed, "exception e1")]
    [InlineData(FindingState.Active, FindingState.Active, null, null)]
    [InlineData(FindingState.Active, FindingState.Resolved, AlertKind.Resolved, "compliant")]
    [InlineData(FindingState.Active, FindingState.Suppressed, AlertKind.Suppressed, "exception e1")]
    [InlineData(FindingState.Resolved, FindingState.Active, AlertKind.Reopened, null)]
    [InlineData(FindingState.Resolved, FindingState.Suppressed, AlertKind.Suppressed, "exception e1")]
    [InlineData(FindingState.Suppressed, FindingState.Active, AlertKind.Reopened, "its exception ended")]
    [InlineData(FindingState.Suppressed, FindingState.Resolved, AlertKind.Resolved, "compliant")]
    [InlineData(FindingState.Suppressed, FindingState.Suppressed, null, null)]
    public void A_state_change_is_an_event(FindingState? before, FindingState after, AlertKind? kind, string? detail)
    {
        var changed = ChangedFinding.Of(before is { } state ? Finding(state) : null, Finding(after), Some.Noon);

        (changed?.Kind, changed?.Detail).ShouldBe((kind, detail));
    }

    private static Finding Finding(FindingState state) => new()
    {
        AccountService = Some.S3,
        Arn = Some.ArnOf("a"),
        PolicyId = Some.Public,
        Type = Some.BucketType,
        Region = "eu-west-1",
        Severity = 60,
        State = state,
        Evidence = JsonElement.Parse("{}"),
        FirstSeen = Some.Noon,
        LastEvaluated = Some.Noon,
        DescribeTime = Some.Noon,
        ResolvedReason = state == FindingState.Resolved ? ResolvedReason.Compliant : null,
        ExceptionId = state == FindingState.Suppressed ? "e1" : null,
    };
}
