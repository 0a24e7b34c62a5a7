namespace Qrie.JmesPath.Tracing;

/// <summary>The declared unknown names as a tree.</summary>
internal sealed class UnknownNode
{
    private readonly Dictionary<string, UnknownNode> _children = new(StringComparer.Ordinal);

    /// <summary>The declared name if this node itself is unknown.</summary>
    public string? Declared { get; private set; }

    /// <summary>The declared name if every missing member is unknown.</summary>
    public string? EveryAbsentMember { get; private set; }

    public UnknownNode? Child(string name) => _children.GetValueOrDefault(name);

    /// <param name="path">Names with dots between them.</param>
    /// <param name="declared">The name as declared by the caller.</param>
    public void Declare(string path, string declared)
    {
        // The name of a member may contain a dot, so both interpretations are declared.
        ChildOrNew(path).Declared = declared;
        var node = this;
        var segments = path.Replace("[]", "", StringComparison.Ordinal).Split('.');
        for (var i = 0; i < segments.Length; i++)
        {
            if (segments[i] == EvaluationTrace.EveryAbsentMember && i == segments.Length - 1)
            {
                node.EveryAbsentMember = declared;
                return;
            }

            node = node.ChildOrNew(segments[i]);
        }

        node.Declared = declared;
    }

    public void TouchBelow(EvaluationTrace trace)
    {
        if (EveryAbsentMember is not null)
        {
            trace.Touch(EveryAbsentMember);
        }

        foreach (var child in _children.Values)
        {
            if (child.Declared is not null)
            {
                trace.Touch(child.Declared);
            }

            child.TouchBelow(trace);
        }
    }

    private UnknownNode ChildOrNew(string name)
    {
        if (!_children.TryGetValue(name, out var child))
        {
            _children.Add(name, child = new());
        }

        return child;
    }
}
