using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>
/// The reviewed list <c>catalog/aws/answers.json</c>: what the models do not say about successful answers. Per service <c>roots</c> (the root elements of an
/// operation's XML, separated by a space), <c>sends</c> (members that are always sent) and <c>omits</c> (operations that leave out an empty list, and why).
/// </summary>
internal sealed class AnswerFacts
{
    private readonly Dictionary<(string Service, string Key, string Operation), string> _facts = [];

    /// <summary>Every operation that is named: service, key, operation.</summary>
    public IEnumerable<(string Service, string Key, string Operation)> Named => _facts.Keys;

    /// <summary>Reads <c>answers.json</c> of each folder that has one. An operation in a later folder replaces that of an earlier one.</summary>
    /// <exception cref="AwsCatalogException">A file is not readable, or has a key that there is not.</exception>
    public static AnswerFacts Open(IReadOnlyList<string> folders)
    {
        var facts = new AnswerFacts();
        ReviewedList.Read(folders, "answers.json", facts.Add);
        return facts;
    }

    /// <summary>The root elements of an operation's XML; null: the protocol's.</summary>
    public IReadOnlyList<string>? FindRoots(string service, string operation) => Find(service, "roots", operation);

    /// <summary>Members that are always sent, beyond those that the protocol tells.</summary>
    public IReadOnlyList<string> Sent(string service, string operation) => Find(service, "sends", operation) ?? [];

    /// <summary>Whether an empty list may be left out.</summary>
    public bool MayOmit(string service, string operation) => _facts.ContainsKey((service, "omits", operation));

    private string[]? Find(string service, string key, string operation) =>
        _facts.TryGetValue((service, key, operation), out var text) ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries) : null;

    private void Add(JsonProperty service)
    {
        foreach (var key in service.Value.EnumerateObject())
        {
            if (key.Name is not ("roots" or "sends" or "omits"))
            {
                throw new InvalidOperationException($"{service.Name} has the key {key.Name}; there are roots, sends and omits");
            }

            foreach (var operation in key.Value.EnumerateObject())
            {
                _facts[(service.Name, key.Name, operation.Name)] = ReviewedList.Text(operation, $"{service.Name} {key.Name}");
            }
        }
    }
}
