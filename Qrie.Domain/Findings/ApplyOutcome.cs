namespace Qrie.Domain.Findings;

/// <summary>What happened to the verdicts on a resource.</summary>
public enum ApplyOutcome
{
    Applied,

    /// <summary>The resource changed or was deleted meanwhile: it must be evaluated again.</summary>
    ResourceChanged,

    /// <summary>A resource that a policy looked up changed meanwhile: it must be evaluated again.</summary>
    RelatedChanged,

    /// <summary>A policy was changed, suspended or deleted meanwhile: it must be evaluated again with the policies that are active now.</summary>
    PolicyChanged,
}
