using Qrie.Domain.Catalog.Source;

namespace Qrie.Domain.Catalog.Loading;

/// <summary>The names of IAM actions that do not derive from the call, from <c>catalog/aws/actions.yaml</c>.</summary>
public sealed class IamActionsFile
{
    private readonly IReadOnlyDictionary<string, string> _prefixes;
    private readonly IReadOnlyDictionary<string, string> _actions;

    private IamActionsFile(IReadOnlyDictionary<string, string> prefixes, IReadOnlyDictionary<string, string> actions)
    {
        _prefixes = prefixes;
        _actions = actions;
    }

    /// <exception cref="CatalogException">The file is not readable.</exception>
    public static IamActionsFile Read(string path) => Parse(path, File.ReadAllText(path));

    /// <exception cref="CatalogException">The text is not such a file.</exception>
    public static IamActionsFile Parse(string path, string text)
    {
        var errors = new CatalogErrors();
        var reader = SourceReader.Read(path, text, errors) is { } root ? MapReader.From(root, "the table of actions", errors) : null;
        var prefixes = reader?.TextMap("prefixes") ?? new Dictionary<string, string>();
        var actions = reader?.TextMap("actions") ?? new Dictionary<string, string>();
        reader?.RefuseOthers();
        return errors.Count == 0 ? new IamActionsFile(prefixes, actions) : throw new CatalogException(errors.All());
    }

    /// <summary>The action that a call needs.</summary>
    /// <param name="operation">The call.</param>
    /// <param name="signingName">The name in the service's signature.</param>
    public string ActionFor(ServiceOperation operation, string signingName) =>
        _actions.GetValueOrDefault(operation.ToString())
        ?? _actions.GetValueOrDefault($"{operation.Service}:*")
        ?? $"{_prefixes.GetValueOrDefault(operation.Service, signingName)}:{operation.Operation}";
}
