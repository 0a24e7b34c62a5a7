using System.Collections.Concurrent;
using System.Text.Json;
using Qrie.Domain.Catalog;
using Qrie.Domain.Policies;

namespace Qrie.Tests.Support;

/// <summary>
/// An evaluator that reads its verdicts from the configuration itself: <c>{"S3BucketPublic": "fail"}</c>; a policy that is missing there passes.
/// </summary>
public sealed class ScriptedEvaluator : IPolicyEvaluator
{
    /// <summary>Every evaluation: policy and ARN.</summary>
    public ConcurrentQueue<(string PolicyId, PolicyInput Input)> Asked { get; } = new();

    /// <summary>Runs with each evaluation, to simulate concurrent changes.</summary>
    public Action<PolicyInput> Meanwhile { get; set; } = _ => { };

    public PolicyVerdict Evaluate(PolicyDefinition policy, PolicyInput input)
    {
        Asked.Enqueue((policy.Id, input));
        Meanwhile(input);
        var wanted = input.Configuration.TryGetProperty(policy.Id, out var value) ? value.GetString() : "pass";
        return wanted switch
        {
            "fail" => new PolicyVerdict { Verdict = Verdict.Fail, Evidence = JsonSerializer.SerializeToElement(new { violation = input.Arn }) },
            "not_applicable" => new PolicyVerdict { Verdict = Verdict.NotApplicable },
            "unknown" => new PolicyVerdict { Verdict = Verdict.Unknown, Reason = new UnknownReason("Acl", "AccessDenied") },
            _ => new PolicyVerdict { Verdict = Verdict.Pass },
        };
    }
}
