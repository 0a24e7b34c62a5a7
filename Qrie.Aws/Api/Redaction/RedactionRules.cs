namespace Qrie.Aws.Api.Redaction;

/// <summary>
/// The catalog's additions to the models' <c>sensitive</c> trait: paths with secrets, and marked paths without secrets (the keys <c>secret</c> and
/// <c>plain</c> of service files).
/// </summary>
public sealed class RedactionRules
{
    private readonly Dictionary<string, RedactionNode> _roots = new(StringComparer.Ordinal);

    private RedactionRules()
    {
    }

    /// <summary>No rules: only the model's trait and the patterns apply.</summary>
    public static RedactionRules None { get; } = new();

    /// <summary>Creates rules from paths per operation.</summary>
    /// <param name="secret">By <c>service:Operation</c>, the paths whose leaves are secret:
    /// <c>Reservations[].Instances[].Tags[].Value</c>; <c>*</c> matches any name.</param>
    /// <param name="plain">The same for paths that the model marks as sensitive although they are not secret.</param>
    public static RedactionRules Create(
        IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> secret, IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> plain)
    {
        var rules = new RedactionRules();
        foreach (var (operation, paths) in secret)
        {
            paths.ToList().ForEach(p => rules.Add(operation, p).IsSecret = true);
        }

        foreach (var (operation, paths) in plain)
        {
            paths.ToList().ForEach(p => rules.Add(operation, p).IsPlain = true);
        }

        return rules;
    }

    internal RedactionNode? Find(string service, string operation) => _roots.GetValueOrDefault($"{service}:{operation}");

    private RedactionNode Add(string operation, string path)
    {
        if (!_roots.TryGetValue(operation, out var node))
        {
            _roots[operation] = node = new RedactionNode();
        }

        foreach (var step in path.Split('.'))
        {
            node = node.Require(step.Replace("[]", "", StringComparison.Ordinal));
        }

        return node;
    }
}

/// <summary>A node in the tree of paths. Lists add no level.</summary>
internal sealed class RedactionNode
{
    private readonly Dictionary<string, RedactionNode> _children = new(StringComparer.Ordinal);

    public bool IsSecret { get; set; }

    public bool IsPlain { get; set; }

    public RedactionNode? Find(string name) => _children.GetValueOrDefault(name) ?? _children.GetValueOrDefault("*");

    public RedactionNode Require(string name)
    {
        if (!_children.TryGetValue(name, out var child))
        {
            _children[name] = child = new RedactionNode();
        }

        return child;
    }
}
