namespace Qrie.Domain.Policies.Documents;

/// <summary>What the analysis of a policy document says.</summary>
internal enum Answer
{
    No,

    /// <summary>The document leaves it open, or holds what this analysis does not know. Never taken for a no.</summary>
    CannotTell,

    Yes,
}
