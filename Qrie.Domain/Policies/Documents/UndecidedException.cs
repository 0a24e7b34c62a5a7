namespace Qrie.Domain.Policies.Documents;

/// <summary>The analysis of a policy document is undecided; the message names the statement.</summary>
public sealed class UndecidedException : Exception
{
    internal UndecidedException(PolicyStatement statement)
        : base($"It is undecided what {statement.Name} grants or denies.") => Statement = statement.Name;

    /// <summary>The position of the statement in the document, and its Sid.</summary>
    public string Statement { get; }
}
