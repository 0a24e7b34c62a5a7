namespace Qrie.Domain.Findings.Exceptions.Import;

/// <summary>An entry of another tool's list of accepted findings, translated.</summary>
/// <param name="Source">Where it is in the document.</param>
/// <param name="Reason">What the document says; null if it says nothing.</param>
/// <param name="Notes">How the exception differs from the entry.</param>
internal sealed record TranslatedEntry(string Source, ExceptionScope Scope, string? Reason, IReadOnlyList<string> Notes);

/// <summary>A part of a document that has no equivalent.</summary>
/// <param name="Source">Where it is in the document.</param>
public sealed record UntranslatedEntry(string Source, string Why);

/// <summary>What a document says.</summary>
internal sealed class Translation
{
    public List<TranslatedEntry> Entries { get; } = [];

    public List<UntranslatedEntry> Untranslated { get; } = [];

    public void Refuse(string source, string why) => Untranslated.Add(new UntranslatedEntry(source, why));
}
