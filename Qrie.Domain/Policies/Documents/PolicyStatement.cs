using System.Globalization;
using Qrie.JmesPath;

namespace Qrie.Domain.Policies.Documents;

/// <summary>A principal of a statement: <c>AWS</c>, <c>Service</c>, <c>Federated</c> or <c>CanonicalUser</c>, and its value.</summary>
internal sealed record StatementPrincipal(string Kind, string Value)
{
    /// <summary>Everyone, whoever asks.</summary>
    public bool IsEveryone => Value == "*" && Kind == "AWS";
}

/// <summary>
/// A statement of a policy document in any form, for analysis. Its parts are read when they are asked for: most statements are decided by effect and principal.
/// </summary>
internal sealed class PolicyStatement
{
    private readonly JmesValue _written;
    private readonly JmesValue _principal;
    private readonly JmesValue _notPrincipal;
    private readonly JmesValue _action;
    private readonly JmesValue _notAction;
    private readonly JmesValue _resource;
    private readonly JmesValue _notResource;
    private readonly JmesValue _condition;
    private readonly JmesValue _sid;
    private readonly int _place;

    public PolicyStatement(PolicyDocument document, JmesValue written, int place)
    {
        Document = document;
        _written = written;
        _place = place;
        foreach (var (name, value) in written.EnumerateObject())
        {
            if (Is(name, "Effect") && value.Kind is JmesKind.String)
            {
                var effect = value.GetString();
                (Allows, Denies) = (Is(effect, "Allow"), Is(effect, "Deny"));
            }
            else if (Is(name, "Principal"))
            {
                _principal = value;
            }
            else if (Is(name, "NotPrincipal"))
            {
                (_notPrincipal, HasNotPrincipal) = (value, true);
            }
            else if (Is(name, "Action"))
            {
                (_action, HasAction) = (value, true);
            }
            else if (Is(name, "NotAction"))
            {
                (_notAction, HasNotAction) = (value, true);
            }
            else if (Is(name, "Resource"))
            {
                (_resource, HasResource) = (value, true);
            }
            else if (Is(name, "NotResource"))
            {
                (_notResource, HasNotResource) = (value, true);
            }
            else if (Is(name, "Condition"))
            {
                _condition = value;
            }
            else if (Is(name, "Sid"))
            {
                _sid = value;
            }
        }

        static bool Is(string written, string word) => written.Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    public PolicyDocument Document { get; }

    /// <summary>In the one form, as it is shown in evidence.</summary>
    public JmesValue Source => PolicyDocumentNormalizer.Statement(_written);

    /// <summary>For messages: its place from 1, and its Sid.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture, $"statement {_place}{(_sid.Kind is JmesKind.String ? $" ({_sid.GetString()})" : "")}");

    /// <summary>A statement without a known effect grants nothing.</summary>
    public bool Allows { get; }

    public bool Denies { get; }

    public bool HasNotPrincipal { get; }

    public bool HasAction { get; }

    public bool HasNotAction { get; }

    public bool HasResource { get; }

    public bool HasNotResource { get; }

    public bool HasConditions => _condition.Kind is JmesKind.Object && _condition.Count > 0;

    public List<StatementPrincipal> Principals => field ??= PrincipalsOf(_principal);

    /// <summary>Those by which an Allow lets in people whom it does not name.</summary>
    public List<StatementPrincipal> WidePrincipals => field ??= GrantAnalysis.WidePrincipals(this);

    public List<StatementPrincipal> NotPrincipals => field ??= PrincipalsOf(_notPrincipal);

    /// <summary>Patterns of <c>Action</c>, else of <c>NotAction</c>; case does not count.</summary>
    public IReadOnlyList<Glob> Actions => field ??= GlobsOf(ActionTexts, ignoreCase: true);

    public IReadOnlyList<string> ActionTexts => field ??= TextsOf(HasAction ? _action : _notAction);

    /// <summary>Patterns of <c>Resource</c>, else of <c>NotResource</c>, as they are without variables; case counts.</summary>
    public IReadOnlyList<Glob> Resources => field ??= GlobsOf(ResourceTexts, ignoreCase: false);

    public IReadOnlyList<string> ResourceTexts => field ??= TextsOf(HasResource ? _resource : _notResource);

    public bool ResourcesHaveVariables => Document.HasVariables && ResourceTexts.Any(PolicyVariables.IsIn);

    public List<StatementCondition> Conditions => field ??= ConditionsOf(_condition);

    // Called for nearly every statement of an account: loops, since LINQ takes a third longer.
    private static List<StatementPrincipal> PrincipalsOf(JmesValue principals)
    {
        var result = new List<StatementPrincipal>(1);
        if (principals.Kind is not JmesKind.Object)
        {
            AddTo(result, "AWS", principals); // the star alone
            return result;
        }

        foreach (var (kind, values) in principals.EnumerateObject())
        {
            AddTo(result, kind, values);
        }

        return result;
    }

    private static void AddTo(List<StatementPrincipal> principals, string kind, JmesValue values)
    {
        foreach (var value in TextsOf(values))
        {
            principals.Add(new StatementPrincipal(kind, value));
        }
    }

    private static string[] TextsOf(JmesValue values)
    {
        if (values.Kind is JmesKind.String)
        {
            return [values.GetString()];
        }

        return values.Kind is JmesKind.Array ? TextsOf(values, static value => value) : [];
    }

    private static string[] TextsOf(JmesValue array, Func<JmesValue, JmesValue> convert)
    {
        var (texts, count) = (new string[array.Count], 0);
        foreach (var item in array.EnumerateArray())
        {
            if (convert(item) is { Kind: JmesKind.String } text)
            {
                texts[count++] = text.GetString();
            }
        }

        return count == texts.Length ? texts : texts[..count];
    }

    private static Glob[] GlobsOf(IReadOnlyList<string> texts, bool ignoreCase)
    {
        var globs = new Glob[texts.Count];
        for (var i = 0; i < globs.Length; i++)
        {
            globs[i] = Glob.Like(texts[i], ignoreCase);
        }

        return globs;
    }

    private List<StatementCondition> ConditionsOf(JmesValue condition)
    {
        var conditions = new List<StatementCondition>();
        if (condition.Kind is not JmesKind.Object)
        {
            return conditions;
        }

        foreach (var (written, keys) in condition.EnumerateObject())
        {
            if (keys.Kind is not JmesKind.Object)
            {
                conditions.Add(StatementCondition.Parse(this, written, "", []));
                continue;
            }

            foreach (var (key, values) in keys.EnumerateObject())
            {
                var texts = values.Kind is JmesKind.Array
                    ? TextsOf(values, PolicyDocumentNormalizer.Text)
                    : TextsOf(PolicyDocumentNormalizer.Text(values));
                conditions.Add(StatementCondition.Parse(this, written, key.ToLowerInvariant(), texts));
            }
        }

        return conditions;
    }
}
