namespace Qrie.Domain.Catalog;

/// <summary>What a policy finds, compared with a check elsewhere.</summary>
public enum EquivalentCoverage
{
    /// <summary>The same resources fail.</summary>
    Same,

    /// <summary>All that fails there fails here, and more does.</summary>
    More,

    /// <summary>Something that fails there does not fail here, whatever else does.</summary>
    Less,
}

/// <summary>An equivalent check of another tool.</summary>
/// <param name="Id">As its catalog writes it: EC2.19, restricted-common-ports, ec2_ebs_public_snapshot.</param>
/// <param name="Covers">How much of it the policy finds.</param>
/// <param name="Why">What differs; null only where nothing does.</param>
public sealed record PolicyEquivalent(string Id, EquivalentCoverage Covers, string? Why);
