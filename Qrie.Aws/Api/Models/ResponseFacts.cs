using System.Text.Json;

namespace Qrie.Aws.Api.Models;

/// <summary>
/// The reviewed list <c>catalog/aws/responses.json</c>: facts about successful responses that the models lack. Per service <c>roots</c> (the root elements of
/// an operation's XML, separated by a space), <c>sends</c> (members that are always sent) and <c>omits</c> (operations that omit an empty list, and why).
/// </summary>
internal sealed class ResponseFacts
{
    private readonly Dictionary<(string Service, string Key, string Operation), string> _facts = [];

    /// <summary>All entries: service, key, operation.</summary>
    public IEnumerable<(string Service, string Key, string Operation)> Named => _facts.Keys;

    /// <summary>Reads <c>responses.json</c> of each folder that has one. An operation in a later folder replaces that of an earlier one.</summary>
    /// <exception cref="AwsCatalogException">A file is not readable, or has an unknown key.</exception>
    public static ResponseFacts Open(IReadOnlyList<string> folders)
    {
        var facts = new ResponseFacts();
        ReviewedList.Read(folders, "responses.json", facts.Add);
        return facts;
    }

    /// <summary>The root elements of an operation's XML; null for those of the protocol.</summary>
    public IReadOnlyList<string>? FindRoots(string service, string operation) => Find(service, "roots", operation);

    /// <summary>Members that are always sent, in addition to those that follow from the protocol.</summary>
    public IReadOnlyList<string> Sent(string service, string operation) => Find(service, "sends", operation) ?? [];

    /// <summary>Whether an empty list may be omitted.</summary>
    public bool MayOmit(string service, string operation) => _facts.ContainsKey((service, "omits", operation));

    private string[]? Find(string service, string key, string operation) =>
        _facts.TryGetValue((service, key, operation), out var text) ? text.Split(' ', StringSplitOptions.RemoveEmptyEntries) : null;

    private void Add(JsonProperty service)
    {
        foreach (var key in service.Value.EnumerateObject())
        {
            if (key.Name is not ("roots" or "sends" or "omits"))
            {
                throw new InvalidOperationException($"{service.Name} has the unknown key {key.Name}; the keys are roots, sends and omits");
            }

            foreach (var operation in key.Value.EnumerateObject())
            {
                _facts[(service.Name, key.Name, operation.Name)] = ReviewedList.Text(operation, $"{service.Name} {key.Name}");
            }
        }
    }
}
