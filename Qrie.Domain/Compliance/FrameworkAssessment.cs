using System.Text.Json.Serialization;
using Qrie.Domain.Catalog;

namespace Qrie.Domain.Compliance;

/// <summary>The state of a framework in some accounts.</summary>
/// <param name="Sections">In the order of the framework.</param>
/// <param name="Requirements">In the order of the framework.</param>
public sealed record FrameworkAssessment(
    FrameworkDefinition Framework, Score Score, IReadOnlyList<SectionAssessment> Sections, IReadOnlyList<RequirementAssessment> Requirements);

public sealed record SectionAssessment(FrameworkSection Section, Score Score);

/// <summary>The state of a requirement.</summary>
/// <param name="Pairs">Of its policies.</param>
/// <param name="Causes">Why it is unknown or not assessed; of a failed one, what else is not known. Empty if it passed.</param>
/// <param name="Policies">In the order of the definition.</param>
public sealed record RequirementAssessment(
    RequirementDefinition Requirement, RequirementState State, PairCounts Pairs, IReadOnlyList<AssessmentCause> Causes,
    IReadOnlyList<PolicyAssessment> Policies);

/// <summary>What a policy says about a requirement.</summary>
/// <param name="Fit">Whether it runs with the demanded parameters.</param>
/// <param name="Pairs">As they count for the requirement.</param>
public sealed record PolicyAssessment(string PolicyId, ParamFit Fit, PairCounts Pairs, IReadOnlyList<AssessmentCause> Causes);

/// <summary>How the parameters of a launched policy relate to the demanded ones.</summary>
public enum ParamFit
{
    /// <summary>Its verdicts do not count: it does not run, or not with values that show what is demanded.</summary>
    None,

    /// <summary>Only passing verdicts count.</summary>
    Stricter,

    /// <summary>All verdicts count.</summary>
    Exact,
}

/// <summary>Requirements by state, and the pairs behind them.</summary>
/// <param name="NotAssessed">Includes those that no policy checks.</param>
/// <param name="NotChecked">Those of them that no policy checks.</param>
/// <param name="Pairs">Each (resource, policy) pair once, however many requirements it serves.</param>
public sealed record Score(
    int Passed, int Failed, int Unknown, int NotApplicable, int NotAssessed, int Manual, int NotChecked, PairCounts Pairs)
{
    [JsonIgnore]
    public int Total => Passed + Failed + Unknown + NotApplicable + NotAssessed + Manual;

    /// <summary>The denominator of <see cref="Percent"/>: requirements that can be automated and apply, as far as they were looked at.</summary>
    [JsonIgnore]
    public int Decided => Passed + Failed + Unknown;

    /// <summary>The denominator of <see cref="PairPercent"/>.</summary>
    [JsonIgnore]
    public long DecidedPairs => Pairs.Decided;

    /// <summary>Passed requirements; null if the denominator is 0.</summary>
    [JsonIgnore]
    public double? Percent => PercentOf(Passed, Decided);

    /// <summary>Passed pairs; null if the denominator is 0.</summary>
    [JsonIgnore]
    public double? PairPercent => PercentOf(Pairs.Passed, DecidedPairs);

    /// <summary>With two decimals; 100 only if nothing is missing.</summary>
    private static double? PercentOf(long part, long whole) =>
        whole == 0 ? null : part == whole ? 100 : Math.Min(99.99, Math.Round(100.0 * part / whole, 2));
}
