using Qrie.Domain.Catalog;
using Qrie.JmesPath;

namespace Qrie.Aws.Inventory;

/// <summary>The state of a resource, or of a row inside one of its attributes, while its attributes are read.</summary>
internal sealed class ResourceContext
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JmesValue> _described = [];
    private readonly Dictionary<string, string> _unknown = [];
    private JmesValue _merged;
    private JmesValue? _value;
    private int _reads;
    private int _goneReads;
    private string? _goneCode;

    /// <param name="row">The initial values.</param>
    /// <param name="region">The region of its calls.</param>
    /// <param name="root">The resource that it is part of; null if it is the resource.</param>
    public ResourceContext(JmesValue row, string region, ResourceContext? root = null)
    {
        Row = row;
        Region = region;
        Root = root ?? this;
    }

    /// <summary>The resource: itself, unless it is part of one.</summary>
    public ResourceContext Root { get; }

    public JmesValue Row { get; }

    /// <summary>The region of its calls; for a globally listed resource the home region, until its own is known.</summary>
    public string Region { get; set; }

    /// <summary>The value of its <c>region</c> expression; null if it belongs to the region where it was listed.</summary>
    public string? LivesIn { get; set; }

    /// <summary>The requested id; null in a scan.</summary>
    public string? RequestedId { get; init; }

    /// <summary>Its id; null if not computed yet.</summary>
    public string? Id { get; set; }

    /// <summary>The template of its ARN; null if the ARN is the id, or for a singleton.</summary>
    public TextTemplate? ArnTemplate { get; init; }

    /// <summary>The send time of the oldest call that contributed.</summary>
    public DateTimeOffset? OldestSentAt { get; private set; }

    /// <summary>The first error that says that the resource does not exist; null if there is none.</summary>
    public CollectionError? GoneSuspicion { get; private set; }

    /// <summary>The attribute of that error.</summary>
    public string? SuspiciousAttribute { get; private set; }

    /// <summary>All calls about it failed with the same "not found" code. A single one may refer to a part of it.</summary>
    public bool IsGoneByEveryRead
    {
        get
        {
            lock (_lock)
            {
                return _reads > 1 && _goneReads == _reads;
            }
        }
    }

    /// <summary>All failures of attributes, in order; to be read when it is described.</summary>
    public List<(string Attribute, CollectionError Error)> Failures { get; } = [];

    /// <summary>The attributes that could not be read, with the code; including helpers.</summary>
    public IReadOnlyDictionary<string, string> Unknown
    {
        get
        {
            lock (_lock)
            {
                return _unknown.Count == 0 ? [] : new Dictionary<string, string>(_unknown);
            }
        }
    }

    /// <summary>All values known so far.</summary>
    public JmesValue Value
    {
        get
        {
            lock (_lock)
            {
                return _value ??= _described.Count == 0 && _merged.IsNull
                    ? Row
                    : JmesValue.FromObject(Row.Members().Concat(_merged.Members()).Concat(_described));
            }
        }
    }

    /// <summary>Records a call that contributed to the resource.</summary>
    public void Touch(DateTimeOffset sentAt)
    {
        lock (Root._lock)
        {
            Root.OldestSentAt = Root.OldestSentAt is { } oldest && oldest <= sentAt ? oldest : sentAt;
        }
    }

    /// <summary>Records a call about the resource.</summary>
    /// <param name="goneCode">The "not found" code; null for any other result.</param>
    public void NoteRead(string? goneCode)
    {
        lock (Root._lock)
        {
            Root._reads++;
            if (goneCode is not null && goneCode == (Root._goneCode ??= goneCode))
            {
                Root._goneReads++;
            }
        }
    }

    public void Fail(string attribute, CollectionError problem)
    {
        lock (_lock)
        {
            _unknown.TryAdd(attribute, problem.Code);
            Failures.Add((attribute, problem));
            if (problem.SaysGone && GoneSuspicion is null)
            {
                GoneSuspicion = problem;
                SuspiciousAttribute = attribute;
            }
        }
    }

    /// <summary>Stores the result of an attribute's source; a partial value is kept.</summary>
    public void Accept(AttributeDefinition attribute, Outcome outcome)
    {
        if (outcome.Error is { } problem)
        {
            Fail(attribute.Name, problem);
        }

        lock (_lock)
        {
            _value = null;
            if (attribute.IsMerged)
            {
                _merged = outcome.Value.Kind is JmesKind.Array ? outcome.Value.Items().FirstOrDefault() : outcome.Value;
            }
            else
            {
                _described[attribute.Name] = outcome.Value;
            }
        }
    }
}

/// <summary>The result of a source: a value, complete unless there is an error.</summary>
internal readonly record struct Outcome(JmesValue Value, CollectionError? Error = null)
{
    public static Outcome None => default;
}
