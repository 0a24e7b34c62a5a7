namespace Qrie.JmesPath.Tracing;

/// <summary>A step from one node to the next.</summary>
internal enum TraceStep
{
    /// <summary>A member by its name, which may be <c>*</c> or <c>[]</c>.</summary>
    Member,

    /// <summary>The elements of a list.</summary>
    Element,

    /// <summary>All members of an object.</summary>
    EveryMember,
}

/// <summary>A node of the root or of a variable that an evaluation reached.</summary>
internal sealed class TraceNode(EvaluationTrace trace, TraceStep step, string name, UnknownNode? unknown)
{
    private const int SearchedUpTo = 8;

    private List<TraceNode>? _children;
    private Dictionary<string, TraceNode>? _members;

    /// <summary>The value was read as a whole, not only as part of a path.</summary>
    public bool Whole { get; private set; }

    private TraceStep Step { get; } = step;

    private string Name { get; } = name;

    /// <summary>Moves to a member.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="present">Whether the object has it.</param>
    public TraceNode Read(string member, bool present = true)
    {
        var child = Child(TraceStep.Member, member, unknown?.Child(member));
        if (!present)
        {
            // A missing member cannot be followed further, so everything declared below it is touched here.
            child.ReadWhole();
            if (unknown?.EveryAbsentMember is { } declared)
            {
                trace.Touch(declared);
            }
        }

        return child;
    }

    /// <summary>Moves to the elements of a list. Nested lists are one node, so that a flattened list has the same path as its source.</summary>
    public TraceNode ReadElement() => Step is TraceStep.Element ? this : Child(TraceStep.Element, "", unknown);

    /// <summary>Moves to all members of an object.</summary>
    public TraceNode ReadEveryMember()
    {
        ReadWhole();
        return Child(TraceStep.EveryMember, "", null);
    }

    public void ReadWhole()
    {
        Whole = true;
        unknown?.TouchBelow(trace); // every time, because earlier reads may not have counted
    }

    /// <param name="self">The name of the node itself; the root has none.</param>
    public IReadOnlyCollection<string> Paths(string self)
    {
        var paths = new List<string>();
        Collect(paths, self, self is EvaluationTrace.RootPath ? "" : self, isRoot: true);
        return paths;
    }

    public IReadOnlySet<string> MemberNames() => _children is null
        ? new HashSet<string>()
        : _children.Where(c => c.Step is TraceStep.Member).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);

    private TraceNode Child(TraceStep childStep, string childName, UnknownNode? childUnknown)
    {
        if (childStep is TraceStep.Member && childUnknown?.Declared is { } declared)
        {
            trace.Touch(declared);
        }

        if (Find(childStep, childName) is { } known)
        {
            return known;
        }

        var child = new TraceNode(trace, childStep, childName, childUnknown);
        (_children ??= new(1)).Add(child);
        if (childStep is TraceStep.Member)
        {
            _members?.Add(childName, child);
        }

        if (_members is null && _children.Count > SearchedUpTo)
        {
            _members = _children.Where(c => c.Step is TraceStep.Member).ToDictionary(c => c.Name, StringComparer.Ordinal);
        }

        return child;
    }

    /// <summary>Most nodes have one or two children, for which a linear search is cheaper than an index.</summary>
    private TraceNode? Find(TraceStep childStep, string childName)
    {
        if (_members is not null && childStep is TraceStep.Member)
        {
            return _members.GetValueOrDefault(childName);
        }

        if (_children is not null)
        {
            foreach (var child in _children)
            {
                if (child.Step == childStep && string.Equals(child.Name, childName, StringComparison.Ordinal))
                {
                    return child;
                }
            }
        }

        return null;
    }

    private void Collect(List<string> paths, string self, string prefix, bool isRoot)
    {
        if (Whole || (_children is null && !isRoot))
        {
            paths.Add(self);
        }

        foreach (var child in _children ?? [])
        {
            if (Whole && child._children is null && child.Step is not TraceStep.Member)
            {
                continue; // implied by the whole
            }

            var path = child.Step switch
            {
                TraceStep.Element => prefix + "[]",
                TraceStep.EveryMember => prefix.Length == 0 ? "*" : prefix + ".*",
                _ => prefix.Length == 0 ? child.Name : prefix + "." + child.Name,
            };
            child.Collect(paths, path, path, isRoot: false);
        }
    }
}
