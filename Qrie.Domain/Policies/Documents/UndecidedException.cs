namespace Qrie.Domain.Policies.Documents;

/// <summary>The analysis of a policy document cannot tell; the message names the statement.</summary>
public sealed class UndecidedException : Exception
{
    internal UndecidedException(PolicyStatement statement)
        : base($"It cannot be told what {statement.Name} grants or refuses.") => Statement = statement.Name;

    /// <summary>Its place in the document, and its Sid.</summary>
    public string Statement { get; }
}
