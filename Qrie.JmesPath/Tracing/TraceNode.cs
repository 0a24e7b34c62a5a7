namespace Qrie.JmesPath.Tracing;

/// <summary>A place of the root or of a variable that an evaluation came to.</summary>
internal sealed class TraceNode(EvaluationTrace trace, string name, UnknownNode? unknown)
{
    private const string Element = "[]";
    private const string EveryMember = "*";

    private Dictionary<string, TraceNode>? _children;
    private List<TraceNode>? _order;

    /// <summary>The value counts as a whole, not only as the way to a part of it.</summary>
    public bool Whole { get; private set; }

    private bool IsElement => ReferenceEquals(name, Element);

    /// <summary>Goes to a member.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="present">Whether the object has it.</param>
    public TraceNode Read(string member, bool present = true)
    {
        var child = Child(member, unknown?.Child(member));
        if (!present)
        {
            // What is not there cannot be followed further down, so everything declared below it is touched here.
            child.ReadWhole();
            if (unknown?.EveryAbsentMember is { } declared)
            {
                trace.Touch(declared);
            }
        }

        return child;
    }

    /// <summary>Goes to the elements of a list; lists of lists collapse, a flattened one looks like the one it came from.</summary>
    public TraceNode ReadElement() => IsElement ? this : Child(Element, unknown);

    /// <summary>Goes to all members of an object.</summary>
    public TraceNode ReadEveryMember()
    {
        ReadWhole();
        return Child(EveryMember, null);
    }

    public void ReadWhole()
    {
        if (!Whole)
        {
            Whole = true;
            unknown?.TouchBelow(trace);
        }
    }

    /// <param name="self">What the node itself is called: the root has no name.</param>
    public IReadOnlyCollection<string> Paths(string self)
    {
        var paths = new List<string>();
        Collect(paths, self, isRoot: true);
        return paths;
    }

    public IReadOnlySet<string> ChildNames() => _order is null
        ? new HashSet<string>()
        : _order.Select(c => c.NameOf()).Where(n => n is not (Element or EveryMember)).ToHashSet(StringComparer.Ordinal);

    private string NameOf() => name;

    private TraceNode Child(string childName, UnknownNode? childUnknown)
    {
        _children ??= new(StringComparer.Ordinal);
        if (!_children.TryGetValue(childName, out var child))
        {
            _children.Add(childName, child = new TraceNode(trace, childName, childUnknown));
            (_order ??= []).Add(child);
            if (childUnknown?.Declared is { } declared && !ReferenceEquals(childUnknown, unknown))
            {
                trace.Touch(declared);
            }
        }

        return child;
    }

    private void Collect(List<string> paths, string self, bool isRoot)
    {
        if (Whole || (_order is null && !isRoot))
        {
            paths.Add(self);
        }

        foreach (var child in _order ?? [])
        {
            if (Whole && child._order is null && child.NameOf() is Element or EveryMember)
            {
                continue; // says no more than the whole does
            }

            var path = isRoot && self is "@" ? child.NameOf() : child.IsElement ? self + Element : self + "." + child.NameOf();
            child.Collect(paths, path, isRoot: false);
        }
    }
}
