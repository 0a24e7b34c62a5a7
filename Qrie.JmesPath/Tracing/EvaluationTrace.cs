using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath;

/// <summary>
/// Records what an evaluation reads of its root and variables, and whether it touches something that is declared unknown. In case of doubt it reports too
/// much. Parts that were not evaluated (short circuits) do not count. One trace may be used for several evaluations, one at a time.
/// </summary>
public sealed class EvaluationTrace
{
    /// <summary>Declares every top-level member that is missing in the root as unknown.</summary>
    public const string EveryAbsentMember = "*";

    internal const string RootPath = "@";

    private readonly UnknownNode? _unknownVariables;
    private Dictionary<string, TraceNode>? _variables;
    private List<string>? _touched;

    /// <param name="unknown">
    /// What could not be read: a top-level member (<c>Grants</c>), a dotted path (<c>Config.Role</c>; lists in the path are traversed),
    /// a variable (<c>$tags</c>), or <see cref="EveryAbsentMember"/>. A member that is declared unknown although it is present counts as unknown.
    /// </param>
    public EvaluationTrace(IEnumerable<string>? unknown = null)
    {
        UnknownNode? members = null;
        foreach (var name in unknown ?? [])
        {
            if (name.StartsWith('$'))
            {
                (_unknownVariables ??= new()).Declare(name[1..], name);
            }
            else
            {
                (members ??= new()).Declare(name, name);
            }
        }

        Root = new TraceNode(this, TraceStep.Member, "", members);
    }

    /// <summary>
    /// The paths of the root that were read, in the order of first reading: <c>Grants[].Grantee.URI</c>. Prefixes of a longer path that were not read
    /// themselves are omitted. Lists appear as <c>[]</c>, all members of an object as <c>*</c>; the root itself is <c>@</c>.
    /// </summary>
    public IReadOnlyCollection<string> Paths => Root.Paths(RootPath);

    /// <summary>The paths of variables that were read: <c>$tags.Owner</c>.</summary>
    public IReadOnlyCollection<string> VariablePaths => _variables is null ? [] : [.. _variables.SelectMany(v => v.Value.Paths("$" + v.Key))];

    /// <summary>The names of the root's members that were read by name.</summary>
    public IReadOnlySet<string> Members => Root.MemberNames();

    /// <summary>The names of the caller's variables that were read, without the dollar sign.</summary>
    public IReadOnlySet<string> Variables => new HashSet<string>(_variables?.Keys ?? Enumerable.Empty<string>(), StringComparer.Ordinal);

    /// <summary>Whether the root as a whole was read: <c>@</c>, <c>*</c>, <c>keys(@)</c> and the like.</summary>
    public bool ReadsWhole => Root.Whole;

    /// <summary>The declared names that were touched, in order of first touch.</summary>
    public IReadOnlyCollection<string> UnknownTouched => _touched ?? [];

    /// <summary>Whether anything declared unknown was touched, so that the result might differ if everything were known.</summary>
    public bool TouchedUnknown => _touched is not null;

    internal TraceNode Root { get; }

    /// <summary>Whether reading unknown values currently counts.</summary>
    internal bool Touches { get; set; } = true;

    internal void Touch(string declared)
    {
        if (!Touches)
        {
            return;
        }

        _touched ??= [];
        if (!_touched.Contains(declared))
        {
            _touched.Add(declared);
        }
    }

    /// <summary>Records the reading of a variable of the caller.</summary>
    internal TraceNode ReadVariable(string name, bool bound)
    {
        _variables ??= new(StringComparer.Ordinal);
        var unknown = _unknownVariables?.Child(name);
        if (!_variables.TryGetValue(name, out var node))
        {
            _variables.Add(name, node = new TraceNode(this, TraceStep.Member, "$" + name, unknown));
        }

        if (unknown?.Declared is { } declared)
        {
            Touch(declared);
        }

        if (!bound)
        {
            node.ReadWhole();
        }

        return node;
    }

    internal bool IsDeclaredUnknown(string variable) => _unknownVariables?.Child(variable)?.Declared is not null;

    /// <summary>Records that the whole value is read: it is compared, tested, passed to a function or part of the result.</summary>
    internal void ReadWhole(in JmesValue value)
    {
        if (value.Origin is { } origin)
        {
            origin.ReadWhole();
            return;
        }

        if (value.Container is not { } container || ReferenceEquals(container.ReadBy, this))
        {
            return;
        }

        if (Touches)
        {
            container.ReadBy = this; // otherwise it has to be read again when that counts
        }

        if (value.Kind is JmesKind.Array)
        {
            foreach (var item in ((Values.JmesArray)container).Items)
            {
                ReadWhole(item);
            }
        }
        else
        {
            foreach (var (_, member) in ((Values.JmesObject)container).Members)
            {
                ReadWhole(member);
            }
        }
    }
}
