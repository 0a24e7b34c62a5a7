using Qrie.JmesPath.Tracing;

namespace Qrie.JmesPath;

/// <summary>
/// Records what an evaluation reads of its root and variables, and whether it touched something that is declared unknown. When in doubt
/// it reports too much. Parts that were not evaluated (short circuits) do not count. One trace may collect several evaluations, one at a time.
/// </summary>
public sealed class EvaluationTrace
{
    /// <summary>Declares every top-level member that is not present in the root unknown.</summary>
    public const string EveryAbsentMember = "*";

    internal const string RootPath = "@";

    private readonly UnknownNode? _unknownVariables;
    private Dictionary<string, TraceNode>? _variables;
    private List<string>? _touched;

    /// <param name="unknown">
    /// What could not be read: a top-level member (<c>Grants</c>), a dotted path (<c>Config.Role</c>; lists on the way are looked through),
    /// a variable (<c>$tags</c>), or <see cref="EveryAbsentMember"/>. A member that is declared unknown and yet present counts as unknown.
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
    /// The paths of the root that were read, in the order of first reading: <c>Grants[].Grantee.URI</c>. A path that was only passed
    /// through on the way to a longer one is left out. Lists appear as <c>[]</c>, all members of an object as <c>*</c>; the root itself is <c>@</c>.
    /// </summary>
    public IReadOnlyCollection<string> Paths => Root.Paths(RootPath);

    /// <summary>The paths of variables that were read: <c>$tags.Owner</c>.</summary>
    public IReadOnlyCollection<string> VariablePaths => _variables is null ? [] : [.. _variables.SelectMany(v => v.Value.Paths("$" + v.Key))];

    /// <summary>The names of the root's members that were read by name.</summary>
    public IReadOnlySet<string> Members => Root.MemberNames();

    /// <summary>The names of the caller's variables that were read, without the dollar sign.</summary>
    public IReadOnlySet<string> Variables => new HashSet<string>(_variables?.Keys ?? Enumerable.Empty<string>(), StringComparer.Ordinal);

    /// <summary>The root as a whole was read: <c>@</c>, <c>*</c>, <c>keys(@)</c> and the like.</summary>
    public bool ReadsWhole => Root.Whole;

    /// <summary>The declared names that were touched, in order of first touch.</summary>
    public IReadOnlyCollection<string> UnknownTouched => _touched ?? [];

    /// <summary>Whether anything declared unknown was touched: then the result may not be what it would be if all were known.</summary>
    public bool TouchedUnknown => _touched is not null;

    internal TraceNode Root { get; }

    /// <summary>Whether reading what is unknown counts at present.</summary>
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

    /// <summary>Notes the reading of a variable of the caller.</summary>
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

    /// <summary>Notes that the whole value counts: it is compared, tested, given to a function or part of the result.</summary>
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
            container.ReadBy = this; // else it is to be read again when that counts
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
