namespace Qrie.Domain.Policies.Documents;

/// <summary>The result of analysing a policy document.</summary>
internal enum Answer
{
    No,

    /// <summary>Undecided, because the document is ambiguous or contains elements that the analysis does not support. Never treated as a no.</summary>
    CannotTell,

    Yes,
}
