namespace Qrie.Domain.Findings;

/// <summary>What became of an evaluated resource.</summary>
public enum ApplyOutcome
{
    Applied,

    /// <summary>Another configuration is stored by now, or the resource is deleted: it must be evaluated again.</summary>
    ResourceChanged,

    /// <summary>Another resource that a policy looked up is another one by now: it must be evaluated again.</summary>
    RelatedChanged,

    /// <summary>A policy was changed, suspended or deleted meanwhile: it must be evaluated again by those that are active now.</summary>
    PolicyChanged,
}
