using System.Text.RegularExpressions;

namespace Qrie.Domain.Catalog.CloudTrail;

/// <summary>How CloudTrail identifies an event.</summary>
/// <param name="Source">The event source, such as <c>s3.amazonaws.com</c>.</param>
/// <param name="Name">Without the API date that some services append; may be a pattern with <c>*</c> in the catalog.</param>
public readonly partial record struct EventKey(string Source, string Name)
{
    private const string Domain = ".amazonaws.com";

    private static readonly string[] _reads = ["List", "Describe", "Get", "BatchGet", "Search", "Lookup", "Head"];

    /// <summary>The event source of a service, from the first part of its name.</summary>
    public static string SourceOf(string service) => service + Domain;

    /// <summary>The event as named by a record, without suffixes such as <c>20150331v2</c> or <c>2020_05_31</c>.</summary>
    public static EventKey Of(string source, string name) => new(source, WithoutDate(name));

    /// <summary>The name without a trailing API date.</summary>
    public static string WithoutDate(string name) => name.Length > 0 && char.IsAsciiDigit(name[^1]) ? ApiDate().Replace(name, "") : name;

    /// <summary>True if the name is that of a read-only operation.</summary>
    public static bool IsRead(string operation) => _reads.Any(prefix => operation.StartsWith(prefix, StringComparison.Ordinal));

    public override string ToString() => $"{Source}/{Name}";

    [GeneratedRegex("20[0-9]{2}_?[0-9]{2}_?[0-9]{2}(v[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex ApiDate();
}
